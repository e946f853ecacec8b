"""Ruled out: a held stretch with a nerve sign, found before a program is assigned or long after."""

from datetime import timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import adjustments, assignments
from patients.contraindications import Contraindicated, blocking
from patients.examinations import examine
from patients.models import Decision, ProgramEvent, Proposal, Session
from patients.plan import today
from patients.proposals import approve
from patients.session_checks import NothingSaved
from tests.factories.programs import a_program, a_session, an_answer, an_episode, as_planned, item_of, next_morning
from tests.factories.stretches import stretch_program


@pytest.fixture
def stretch(clinic, library):
    return stretch_program(clinic)


@pytest.fixture
def program(ana, stretch, now):
    return a_program(ana, stretch, now=now)


@pytest.fixture
def positive(program, dana, now):
    """An hour after the program began, Dana finds that the symptoms ease when Ana looks up."""
    at = now + timedelta(hours=1)
    return examine(program.episode, slump="eases_looking_up", leg_tingling=False, actor=dana, now=at)


def row_of(program, code, now):
    return next(row for row in today(program, now=now).items if row.item.ladder_version.code == code)


@pytest.mark.parametrize(
    ("slump", "tingling", "reason"),
    [
        ("eases_looking_up", False, "positive"),
        ("unchanged", True, "positive"),
        ("not_done", None, "unknown counts as positive"),
        ("not_reproduced", False, "unknown counts as positive"),
    ],
)
def test_a_positive_or_unknown_screen_blocks_the_stretch_at_assignment(ana, stretch, now, slump, tingling, reason):
    episode = an_episode(ana, now=now, slump=slump, leg_tingling=tingling)

    with pytest.raises(Contraindicated, match=f"Static hamstring stretch.*{reason}"):
        assignments.assign(episode, stretch, actor=ana.owner, now=now)


def test_a_stretch_is_given_to_whom_the_screen_has_cleared(program, now):
    assert row_of(program, "STA", now).is_due


def test_a_stretch_ruled_out_later_is_no_exercise_of_today_and_says_why_and_whom_to_ask(program, positive, now):
    row = row_of(program, "STA", now + timedelta(hours=2))

    assert not row.is_due
    assert row.why_held == (
        "Not for you at the moment: a check of the nerve says that held stretches are not for you now."
        " Ask your clinic before you do it."
    )
    assert row_of(program, "BRG", now).is_due


def test_logging_what_is_ruled_out_is_refused_and_a_reason_for_leaving_it_is_not(program, positive, now):
    item, later = item_of(program, "STA"), now + timedelta(hours=2)
    with pytest.raises(NothingSaved) as refused:
        a_session(program, as_planned(item), now=later)
    assert set(refused.value.errors) == {str(item.pk)}
    assert "Ask your clinic first" in refused.value.errors[str(item.pk)]

    a_session(program, as_planned(item, skipped="hurts", pain_during=5), now=later)
    assert Session.objects.get().exercises.get().skipped == "hurts"


def test_what_was_done_before_anybody_knew_is_kept_and_never_moves_on(program, positive, now):
    item, later = item_of(program, "STA"), now + timedelta(hours=2)
    a_session(program, as_planned(item), performed_at=now + timedelta(minutes=30), now=later)

    decision = Decision.objects.get(item=item)
    assert (decision.rule_id, decision.outcome) == ("R-B01", "hold")


def test_an_answer_that_comes_after_the_screen_does_not_move_the_exercise_on(ana, dana, program, now):
    item = item_of(program, "BRG")
    item.state = {"memory": {"successes": 1}}
    item.level_since = now.date() - timedelta(days=9)
    item.save()
    a_session(program, as_planned(item), now=now)
    examine(
        program.episode,
        slump="unchanged",
        leg_tingling=False,
        contraindications=["cannot_lie_flat"],
        actor=dana,
        now=now + timedelta(hours=1),
    )
    an_answer(ana, now=next_morning(now))

    last = Decision.objects.filter(item=item).latest("sequence")
    assert (last.rule_id, item_of(program, "BRG").level.code) == ("R-B01", "BRG-1")


def test_a_proposal_is_not_approved_into_what_is_ruled_out(ana, dana, program, now):
    item = item_of(program, "BRG")
    proposal = Proposal.objects.create(patient=ana, item=item, kind="advance", opened_at=now, due_on=now.date())
    found = {"slump": "unchanged", "leg_tingling": False, "contraindications": ["cannot_lie_flat"]}
    examine(program.episode, **found, actor=dana, now=now)

    with pytest.raises(Contraindicated, match="BRG-2 is ruled out"):
        approve(proposal, actor=dana, now=now)
    assert item_of(program, "BRG").level.code == "BRG-1"


def test_every_examination_stays_with_who_and_when_and_the_latest_counts(program, dana, positive, now):
    examine(
        program.episode,
        slump="unchanged",
        leg_tingling=False,
        note="Again, sitting",
        actor=dana,
        now=now + timedelta(days=2),
    )

    made = program.episode.examinations.order_by("recorded_at")
    assert [(one.slump, one.recorded_by, one.note) for one in made] == [
        ("unchanged", dana, ""),
        ("eases_looking_up", dana, ""),
        ("unchanged", dana, "Again, sitting"),
    ]
    assert row_of(program, "STA", now + timedelta(days=2)).is_due
    assert AuditEntry.objects.filter(verb="examine").count() == 3


def test_what_an_examination_changes_for_what_runs_is_an_event(program, dana, positive, now):
    assert [(event.kind, event.item.ladder_version.code) for event in positive] == [("ruled_out", "STA")]

    again = examine(program.episode, slump="eases_looking_up", leg_tingling=True, actor=dana, now=now)
    assert again == []
    assert ProgramEvent.objects.filter(kind="ruled_out").count() == 1


def test_a_closed_episode_is_not_examined(program, dana, now):
    program.episode.ended_on = now.date()
    program.episode.save()
    with pytest.raises(Refused, match="closed"):
        examine(program.episode, slump="unchanged", leg_tingling=None, actor=dana, now=now)


def test_who_cannot_kneel_is_not_put_on_a_kneeling_level_and_may_start_above_it(ana, dana, library, now):
    program = a_program(ana, library["HINGE_REEDUCATION"], now=now)
    found = {"slump": "unchanged", "leg_tingling": False, "contraindications": ["cannot_kneel"]}
    examine(program.episode, **found, actor=dana, now=now)
    item = item_of(program, "HNG")
    assert row_of(program, "HNG", now).ruled_out == ("cannot_kneel",)

    with pytest.raises(Contraindicated, match="HNG-2 is ruled out"):
        adjustments.set_level(item, "HNG-2", reason="x", actor=dana, now=now)
    adjustments.set_level(item, "HNG-3", reason="Standing is fine", actor=dana, now=now)
    assert not row_of(program, "HNG", now).why_held


def test_a_stretch_that_runs_keeps_the_nerve_glide_out_and_the_other_way_round(library, program):
    stretch = item_of(program, "STA").ladder_version
    glide = library["NERVE_FIRST_HINGE"].phases.get(position=1).items.get(ladder__code="NGL").ladder_version

    assert blocking(stretch, {"NGL"}) == {"NGL"}
    assert blocking(glide, {"STA"}) == {"STA"}
