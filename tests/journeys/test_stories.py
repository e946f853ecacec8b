"""Four patients, three weeks each: who is ordinary advances, who flares is eased and flagged once."""

import pytest

from patients.models import PainFlag, Program
from tests.factories.programs import a_program
from tests.factories.story import Story

pytestmark = pytest.mark.django_db


def test_the_ball_beginner_trains_three_times_a_week_and_climbs(ana, library, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))

    for day in range(21):
        if day > 0:
            story.answers(day, pain=1)
        if day % 7 in (0, 2, 4):
            story.trains(day, "BRG")
        story.night(day)

    assert story.moves("BRG") == [
        (3, "BRG-1", "BRG-2"),
        (8, "BRG-2", "BRG-3"),
        (12, "BRG-3", "BRG-4"),
        (17, "BRG-4", "BRG-5"),
    ]
    assert story.flags() == []


def test_the_nerve_patient_with_usual_pain_four_goes_step_by_step_and_flares_once(ana, library, now):
    program = a_program(
        ana,
        library["NERVE_FIRST_HINGE"],
        now=now,
        gates=("nerve_glide_cleared",),
        slump="eases_looking_up",
        leg_tingling=True,
        usual_pain=4,
    )
    story = Story.of(program)
    usual = {"pain_before": 4, "pain_during": 4, "pain_after": 4}

    story.trains(0, "NGL", **usual)
    story.night(0)
    story.answers(1, pain=4)
    assert story.level("NGL") == "NGL-2", "the day after the test dose was fine, and the glide itself added nothing"

    for day in range(1, 6):
        if day > 1:
            story.answers(day, pain=4)
        story.trains(day, "NGL", bouts=3, **usual)
        story.night(day)
    story.answers(6, pain=4)
    assert story.flags() == []

    story.trains(6, "NGL", bouts=3, **(usual | {"pain_after": 5}))
    story.night(6)
    story.answers(7, pain=5, compared="worse")
    assert story.item("NGL").dose["rom_pct"] < 100, "worse the next day: the same level, made lighter"
    assert [code for code, _severity in story.flags()] == ["FL-24H"]

    for day in range(8, 21):
        story.answers(day, pain=4)
        if day % 7 != 6:
            story.trains(day, "NGL", bouts=3, **usual)
        story.night(day)

    assert story.level("NGL") == "NGL-2", "the tensioner waits for a person"
    assert program.patient.proposals.filter(kind__in=["advance", "next_phase"], state="open").exists()
    assert PainFlag.objects.filter(group="pain").count() == 1


def test_the_desk_sitter_with_usual_pain_three_and_a_click_is_no_emergency(ana, library, now):
    program = a_program(ana, library["DESK_SITTER_PROXIMAL"], now=now, usual_pain=3)
    story = Story.of(program)
    usual = {"pain_before": 3, "pain_during": 3, "pain_after": 3}

    for day in range(14):
        if day > 0:
            story.answers(day, pain=3)
        words = ("pop",) if day % 3 == 0 else ()
        story.trains(day, "BHE", bouts=2, words=words, **usual)
        story.night(day)

    assert [move[1:] for move in story.moves("BHE")][:2] == [("BHE-1", "BHE-2"), ("BHE-2", "BHE-3")]
    assert story.flags() == []

    logged = story.trains(14, "BHE", bouts=1, **(usual | {"pain_during": 8}))
    assert logged.safety is not None and logged.safety.kind == "item"
    assert [code for code, _severity in story.flags()] == ["FL-PAIN7"]


def test_the_trial_member_is_told_to_stop_and_ask_at_the_first_new_pain(ana, library, now):
    program = a_program(ana, library["TRIAL_STARTER_14D"], now=now, path="muscle")
    story = Story.of(program)

    for day in range(7):
        if day > 0:
            story.answers(day, pain=1)
        if day % 2 == 0:
            story.trains(day, "BRG")
        story.trains(day, "HNG")
        story.night(day)
    assert Program.objects.get(pk=program.pk).pain_policy == "strict"
    assert story.level("BRG") == "BRG-2"
    assert story.flags() == []

    logged = story.trains(8, "BRG", pain_before=0, pain_during=3, pain_after=2)
    assert logged.results[0].rule_id == "R-S08"
    assert story.item("BRG").stopped_by is not None
    assert story.item("HNG").stopped_by is None, "the other exercises may go on"
    assert story.flags() == [("FL-STRICT", 4)]
