"""Assigning, adjusting, holding, discharging: what a therapist does and what is refused."""

from datetime import timedelta

import pytest

from clinic.refusals import Refused
from patients import adjustments, assignments
from patients.answers import answer_question
from patients.contraindications import Contraindicated
from patients.episodes import discharge, open_episode
from patients.gates import record_gate
from patients.models import Decision, ProgramEvent, ProgramItem, Proposal, Session
from patients.proposals import approve, decline
from programs.models import Phase
from programs.publishing import draft_from, publish_version
from tests.factories.programs import a_program, a_session, an_answer, an_episode, as_planned, item_of, next_morning
from tests.factories.story import Story


def test_a_published_program_is_pinned_with_its_first_phase(ana, library, now):
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)

    items = program.items.order_by("position").values_list("level__code", "cap__code", "side")
    assert list(items) == [("HRS-1", "HRS-2", "left"), ("BRG-1", "BRG-4", "left")]


def test_a_draft_cannot_be_assigned(ana, library, theo, now):
    draft = draft_from(library["BALL_PROGRESSION"], actor=theo, now=now)

    with pytest.raises(assignments.NotPublished):
        assignments.assign(an_episode(ana, now=now), draft, actor=ana.owner, now=now)


def test_a_new_version_leaves_the_running_program_alone(ana, library, theo, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    before = list(program.items.values_list("level_id", "dose"))

    draft = draft_from(library["BALL_PROGRESSION"], actor=theo, now=now)
    ladder = draft.phases.get(position=1).items.first().ladder
    ladder.levels.filter(code="BRG-1").update(sets=5)
    publish_version(draft, change_note="More sets.", actor=theo, now=now)

    assert list(program.items.values_list("level_id", "dose")) == before
    fresh = library["BALL_PROGRESSION"].template.versions.get(number=2)
    other = Phase.objects.get(version=fresh, position=1).items.first().ladder_version
    assert other.levels.get(code="BRG-1").content["sets"] == 5


def test_nerve_glides_wait_for_the_clinicians_clearance(ana, library, now):
    with pytest.raises(Contraindicated, match="glides are safe"):
        a_program(ana, library["NERVE_FIRST_HINGE"], now=now, slump="eases_looking_up")


def test_two_problems_run_in_one_program(ana, library, now):
    first = a_program(ana, library["BALL_PROGRESSION"], now=now)
    second = a_program(ana, library["HINGE_REEDUCATION"], now=now, reason="Low back", region="lumbar", side="both")

    assert first == second
    assert set(first.items.values_list("ladder_version__code", flat=True)) == {"BRG", "HNG", "DYN"}


def test_an_episode_gets_no_second_program(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)

    with pytest.raises(assignments.AlreadyRunning):
        assignments.assign(program.episode, library["HINGE_REEDUCATION"], actor=ana.owner, now=now)


def test_a_level_set_by_a_therapist_is_a_ledger_row_with_its_reason(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    adjustments.set_level(item_of(program, "BRG"), "BRG-3", reason="Strong enough", lock=True, actor=dana, now=now)

    item = item_of(program, "BRG")
    assert (item.level.code, item.override, item.override_review_on.isoformat()) == ("BRG-3", "lock", "2026-03-16")
    row = Decision.objects.get()
    assert (row.trigger, row.level_from, row.level_to, row.reason) == ("person", "BRG-1", "BRG-3", "Strong enough")


def test_a_locked_level_stays_through_clean_days(ana, library, dana, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    adjustments.lock(story.item("BRG"), reason="Form first", actor=dana, now=now)
    for day in range(8):
        story.answers(day, pain=1)
        if day % 2 == 0:
            story.trains(day, "BRG")

    assert story.level("BRG") == "BRG-1"


def test_an_absurd_dose_is_refused_and_nothing_changes(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)

    with pytest.raises(Refused) as refused:
        adjustments.adjust_dose(
            item_of(program, "BRG"), changes={"reps_high": 4000}, reason="more", actor=dana, now=now
        )

    assert "4000" in refused.value.errors["dose"]
    assert item_of(program, "BRG").dose["reps_high"] == 15


def test_an_own_stop_level_above_nine_is_refused_by_field(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)

    with pytest.raises(Refused) as refused:
        adjustments.set_limits(item_of(program, "BRG"), {"stop_at": 10}, reason="x", actor=dana, now=now)

    assert set(refused.value.errors) == {"stop_at"}


def test_the_third_clean_thirty_asks_a_person_before_the_weight(ana, library, dana, now):
    """Thirty on each leg is a gate that a log and a therapist set together."""
    story = Story.of(a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now))
    adjustments.set_level(story.item("SLD"), "SLD-3", reason="Audit", actor=dana, now=now)
    ProgramItem.objects.filter(program=story.program).update(cap=None)
    for day in (0, 2, 4):
        story.answers(day, pain=1)
        story.trains(day, "SLD")
    story.answers(5, pain=1)

    proposal = Proposal.objects.get(item=story.item("SLD"))
    assert (proposal.kind, story.level("SLD")) == ("gate_check", "SLD-3")

    approve(proposal, actor=dana, now=story.at(5, 15))
    assert story.level("SLD") == "SLD-4"
    assert story.program.episode.gates.filter(code="sld_30_each_slow", recorded_by=dana).exists()


def test_a_declined_proposal_needs_a_word_why(ana, library, dana, now):
    story = nerve_story_with_a_proposal(ana, library, dana, now)
    with pytest.raises(Refused) as refused:
        decline(Proposal.objects.get(), note="", actor=dana, now=now)

    assert set(refused.value.errors) == {"note"}
    assert story.level("NGL") == "NGL-1"


def test_a_proposal_is_carried_out_once(ana, library, dana, now):
    story = nerve_story_with_a_proposal(ana, library, dana, now)
    proposal, same = Proposal.objects.get(), Proposal.objects.get()
    approve(proposal, actor=dana, now=story.at(1, 15))

    with pytest.raises(Refused):
        approve(same, actor=dana, now=story.at(1, 15))
    assert story.level("NGL") == "NGL-2"


def nerve_story_with_a_proposal(ana, library, dana, now) -> Story:
    """On the trial's nerve path every step up waits for the therapist."""
    program = a_program(
        ana,
        library["TRIAL_STARTER_14D"],
        now=now,
        path="nerve",
        gates=("nerve_glide_cleared",),
        slump="eases_looking_up",
    )
    story = Story.of(program)
    story.trains(0, "NGL")
    story.answers(1, pain=1)
    return story


def test_the_phase_ends_when_its_exit_holds_and_levels_carry_over(ana, library, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    ball = story.item("BRG")
    levels = {level.code: level for level in ball.ladder_version.levels.all()}
    adjustments.set_level(ball, "BRG-4", reason="Audit", actor=None, now=now)
    for day in (0, 2, 4):
        story.answers(day, pain=1)
        story.trains(day, "BRG")
    story.answers(5, pain=1)

    story.program.refresh_from_db()
    assert story.program.phase.name == "curl"
    assert story.level("BRG") == levels["BRG-5"].code
    assert story.level("CRL") == "CRL-1"


def test_discharge_ends_the_exercises_and_keeps_every_log(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    discharge(program.episode, summary="All well.", actor=dana, now=now + timedelta(days=1))

    program.refresh_from_db()
    assert program.ended_on is not None
    assert Session.objects.filter(program=program).count() == 1


def test_a_return_is_a_new_episode_at_the_level_reached(ana, library, dana, now):
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    for day in (0, 2):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)
    discharge(story.program.episode, summary="Well.", actor=dana, now=story.at(4, 9))

    again = a_program(ana, library["BALL_PROGRESSION"], now=now + timedelta(days=60))
    assert item_of(again, "BRG").level.code == "BRG-2"


def test_a_gate_outside_the_library_is_refused(ana, library, dana, now):
    with pytest.raises(Refused, match="no gate called"):
        record_gate(an_episode(ana, now=now), "made_up", actor=dana, now=now)


def test_usual_pain_goes_from_zero_to_ten(ana, dana, now):
    with pytest.raises(Refused) as refused:
        open_episode(ana, reason="x", region="knee", side="left", usual_pain=11, actor=dana, now=now)

    assert set(refused.value.errors) == {"usual_pain"}


def test_every_change_leaves_an_event(ana, library, dana, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)
    adjustments.unpause(program, actor=dana, now=now)

    assert list(ProgramEvent.objects.order_by("at", "pk").values_list("kind", flat=True)) == [
        "assign",
        "pause",
        "unpause",
    ]


def test_an_answer_twice_with_the_same_words_changes_nothing(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    an_answer(ana, now=next_morning(now))
    rows = Decision.objects.count()

    question = ana.questions.get()
    again = answer_question(question, pain=1, compared="same", actor=ana.user, now=next_morning(now))
    assert (again.is_new, Decision.objects.count()) == (False, rows)
