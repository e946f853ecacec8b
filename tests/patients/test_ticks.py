"""Midnight in the patient's own zone: unanswered questions, gaps, silence. Twice is once."""

from datetime import timedelta

import pytest

from patients import midnight, ticks
from patients.models import Decision, PainFlag, Program, ProgramItem
from patients.program_items import locked_items
from tests.factories.programs import a_program
from tests.factories.story import Story


def test_an_unanswered_question_closes_and_the_dose_may_not_rise(story):
    story.trains(0, "BRG")
    story.night(4)

    last = Decision.objects.order_by("sequence").last()
    assert (last.trigger, last.rule_id) == ("check", "R-X02")


def test_the_next_pre_session_score_stands_in_for_strength(story):
    story.trains(0, "BRG")
    story.trains(2, "BRG")
    story.night(3)

    question = story.program.questions.get(local_date=story.started)
    assert (question.source, question.pain) == ("proxy", 1)


def test_a_tick_twice_writes_one_row(story):
    story.trains(0, "BRG")
    story.night(4)
    rows = Decision.objects.count()
    story.night(4)

    assert Decision.objects.count() == rows


@pytest.mark.parametrize(
    ("days_off", "level", "rom"),
    [(7, "BRG-2", 100), (8, "BRG-2", 75), (15, "BRG-1", 100), (29, "BRG-1", 100)],
)
def test_days_off_ease_the_next_session(story, days_off, level, rom):
    for day in (0, 2):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)
    assert story.level("BRG") == "BRG-2"

    story.night(2 + days_off - 1)

    assert (story.level("BRG"), story.item("BRG").dose["rom_pct"]) == (level, rom)


def test_each_step_of_a_gap_is_taken_once(story):
    story.trains(0, "BRG")
    for day in range(1, 13):
        story.night(day)

    assert Decision.objects.filter(rule_id="R-G03").count() == 1


def test_silence_is_an_adherence_matter_and_never_a_pain_flag(story):
    story.trains(0, "BRG")
    for day in range(1, 11):
        story.night(day)

    assert set(PainFlag.objects.values_list("group", flat=True)) == {"adherence"}
    assert PainFlag.objects.get().severity == 4


def test_midnight_comes_in_the_patients_own_zone(story, ana, now):
    ana.zone = "Pacific/Auckland"
    ana.save()
    Program.objects.update(ticked_for=story.started)

    ticks.tick(now=now + timedelta(hours=3))  # noon in London is one in the morning in Auckland

    assert Program.objects.get().ticked_for == story.started + timedelta(days=1)


def test_a_held_exercise_has_no_gap(story):
    story.trains(0, "BRG", pain_during=8)
    for day in range(1, 20):
        story.night(day)

    assert not Decision.objects.filter(rule_id__startswith="R-G").exists()
    assert ProgramItem.objects.get(program=story.program).level.code == "BRG-1"


@pytest.mark.parametrize("nights", [range(1, 5), [5]], ids=["every night", "after four nights without a worker"])
def test_five_days_of_silence_are_noticed_though_midnights_were_missed(story, nights):
    story.trains(0, "BRG")
    story.night(0)
    for day in nights:
        story.night(day)

    assert PainFlag.objects.get(group="adherence").events.filter(code="FL-NOLOG").count() == 1


def test_one_program_that_fails_does_not_keep_the_others_up(story, other_patient, library, now, monkeypatch):
    good = a_program(other_patient, library["BALL_PROGRESSION"], now=now)

    def fails_for_one(program):
        if program.pk == story.program.pk:
            raise ValueError
        return locked_items(program)

    monkeypatch.setattr(midnight, "locked_items", fails_for_one)
    ticks.tick(now=story.at(9, 0, 1))

    good.refresh_from_db()
    story.program.refresh_from_db()
    assert (good.ticked_for, story.program.ticked_for) == (story.at(9, 0, 1).date(), None)


def test_only_strength_lets_the_next_score_stand_in(ana, library, now):
    story = Story.of(a_program(ana, library["HINGE_REEDUCATION"], now=now))
    story.trains(0, "HNG")
    story.trains(2, "HNG")
    story.night(3)

    assert story.program.questions.get(local_date=story.started).pain is None
