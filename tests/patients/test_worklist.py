"""What waits for a therapist's word: whose list it stands on, and what deciding does."""

from datetime import timedelta

import pytest

from clinic.absence import set_absence
from clinic.models import AuditEntry, Membership
from clinic.refusals import Refused
from patients import adjustments, phases, proposals
from patients.exceptions import allow, withdraw
from patients.gates import go_without
from patients.models import Decision, Program, ProgramEvent, Proposal
from patients.worklist import answers_for, count_for, for_whom, is_on_duty, waiting
from programs.models import Gate
from tests.factories import people
from tests.factories.programs import a_program, an_episode, item_of
from tests.factories.story import Story


@pytest.fixture
def proposal(program, now) -> Proposal:
    """The floor bridge waits for a word about the next level."""
    item = item_of(program, "BRG")
    return Proposal.objects.create(
        patient=program.patient,
        item=item,
        kind="advance",
        opened_at=now,
        due_on=now.date() + timedelta(days=14),
    )


def kinds(user, clinic, now):
    return [one.kind for one in waiting(user, clinic, now=now)]


def own(user, clinic, now):
    membership = Membership.objects.get(user=user, clinic=clinic)
    duty = is_on_duty(membership)
    mine = answers_for(user, clinic, now=now)
    listed = [one.kind for one in waiting(user, clinic, now=now) if for_whom(one, mine, is_on_duty=duty)]
    assert count_for(user, membership, now=now) == len(listed), "the rail counts what the list shows"
    return listed


def test_what_is_new_stands_with_the_patients_therapist_alone(clinic, dana, colleague, proposal, now):
    assert own(dana, clinic, now) == ["advance"]
    assert own(colleague, clinic, now) == []
    assert kinds(colleague, clinic, now) == ["advance"], "on the list of the whole clinic"


def away(user, substitute, *, now):
    post = Membership.objects.get(user=user)
    last = now.date() + timedelta(days=7)
    set_absence(post, first=now.date(), last=last, substitute=substitute, actor=user, now=now)


def test_while_the_therapist_is_away_all_of_it_stands_with_the_substitute(clinic, dana, colleague, proposal, now):
    third = people.make_member(clinic, "Third", "therapist", licensed=True)
    away(dana, colleague, now=now)
    lists = [own(user, clinic, now) for user in (dana, colleague, third)]
    back = [own(user, clinic, now + timedelta(days=9)) for user in (dana, colleague, third)]
    assert [lists, back] == [[["advance"], ["advance"], []], [["advance"], [], []]]


@pytest.mark.parametrize("substitute", ["nobody", "away too"])
def test_without_a_substitute_who_is_here_it_stands_with_all_on_duty(
    clinic, dana, colleague, proposal, now, substitute
):
    third = people.make_member(clinic, "Third", "therapist", licensed=True)
    away(dana, None if substitute == "nobody" else colleague, now=now)
    if substitute == "away too":
        away(colleague, None, now=now)
    assert own(third, clinic, now) == ["advance"]


def test_what_is_overdue_goes_to_the_substitute_and_changes_nothing(clinic, dana, colleague, proposal, now):
    later = now + timedelta(days=15)
    proposal.refresh_from_db()

    assert own(colleague, clinic, later) == ["advance"]
    assert own(dana, clinic, later) == ["advance"]
    assert (proposal.state, item_of(proposal.item.program, "BRG").level.code) == ("open", "BRG-1")


def test_an_unlicensed_therapist_takes_over_only_where_nobody_is_licensed(clinic, dana, proposal, now):
    fresh = people.make_member(clinic, "Fresh", "therapist")
    later = now + timedelta(days=15)
    assert own(fresh, clinic, later) == []

    Membership.objects.filter(user=dana).update(licensed=False)
    assert own(fresh, clinic, later) == ["advance"]


@pytest.mark.parametrize("gone", ["left", "never"])
def test_who_has_no_therapist_any_more_is_everybodys_on_duty(clinic, ana, dana, colleague, proposal, now, gone):
    if gone == "left":
        Membership.objects.filter(user=dana).update(left_at=now)
    else:
        ana.owner = None
        ana.save()

    assert own(colleague, clinic, now) == ["advance"]


def test_another_clinic_sees_nothing_of_it(other_clinic, olga, proposal, now):
    assert kinds(olga, other_clinic, now) == []


def test_locks_and_pauses_come_up_on_their_day_and_a_phase_when_its_days_are_over(clinic, dana, program, now):
    adjustments.lock(item_of(program, "BRG"), reason="Form first", actor=dana, now=now)
    assert kinds(dana, clinic, now + timedelta(days=13)) == []
    assert kinds(dana, clinic, now + timedelta(days=14)) == ["lock"]
    assert kinds(dana, clinic, now + timedelta(days=21)) == ["lock", "phase"]

    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)
    assert kinds(dana, clinic, now + timedelta(days=13)) == []
    assert kinds(dana, clinic, now + timedelta(days=21)) == ["lock", "pause"], "a pause is no slow phase"


def test_the_oldest_stands_first(clinic, dana, program, library, now):
    other = a_program(people.make_patient(clinic, "Bo", owner=dana), library["BALL_PROGRESSION"], now=now)
    for which, day in ((program, 9), (other, 3)):
        due = now.date() + timedelta(days=day)
        adjustments.lock(item_of(which, "BRG"), reason="x", review_on=due, actor=dana, now=now)

    found = waiting(dana, clinic, now=now + timedelta(days=10))
    assert [one.patient for one in found] == [other.patient, program.patient]


def test_a_review_may_be_put_off_with_a_reason_and_leaves_an_event(clinic, dana, program, now):
    day = now + timedelta(days=22)
    with pytest.raises(Refused) as refused:
        phases.review_later(program, until=day.date(), reason="Slow but well", actor=dana, now=day)
    assert set(refused.value.errors) == {"until"}

    phases.review_later(program, until=(day + timedelta(days=7)).date(), reason="Slow but well", actor=dana, now=day)
    assert kinds(dana, clinic, day) == []
    assert ProgramEvent.objects.get(kind="review").note == "Slow but well"
    assert Program.objects.get().phase.name == "bridge"


# Deciding


def test_approving_otherwise_sets_that_level_and_those_numbers(dana, proposal, now):
    changes = {"sets": 1}
    proposals.approve_changed(proposal, level="BRG-3", changes=changes, reason="Sure-footed", actor=dana, now=now)

    item = item_of(proposal.item.program, "BRG")
    proposal.refresh_from_db()
    assert (item.level.code, item.dose["sets"]) == ("BRG-3", 1)
    assert (proposal.state, proposal.note, proposal.closed_by) == ("approved", "Sure-footed", dana)
    assert [row.reason for row in Decision.objects.filter(trigger="person")] == ["Sure-footed"] * 2


def test_approving_otherwise_at_the_same_level_is_no_decision(dana, proposal, now):
    with pytest.raises(Refused) as refused:
        proposals.approve_changed(proposal, level="BRG-1", changes={}, reason="x", actor=dana, now=now)

    proposal.refresh_from_db()
    assert (set(refused.value.errors), proposal.state) == ({"level"}, "open")


def test_an_exercise_on_hold_is_not_moved_on(dana, proposal, now):
    adjustments.hold(
        proposal.item.program, scope="item", item=proposal.item, reason="Waits for the scan", actor=dana, now=now
    )
    with pytest.raises(Refused, match="lift the hold first"):
        proposals.approve(proposal, actor=dana, now=now)

    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_a_bad_day_takes_the_ground_from_a_proposal(proposal, clinic, dana, now):
    Story.of(proposal.item.program).trains(0, "BRG", pain_during=6)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.closed_by) == ("withdrawn", None)


def test_a_level_set_by_hand_answers_what_was_proposed_before(proposal, dana, now):
    adjustments.set_level(proposal.item, "BRG-2", reason="Seen today", actor=dana, now=now)

    proposal.refresh_from_db()
    assert (proposal.state, proposal.closed_by) == ("withdrawn", dana)


def test_a_slow_phase_whose_next_is_proposed_is_one_question_and_not_two(clinic, dana, proposal, now):
    Proposal.objects.update(kind="next_phase")

    assert own(dana, clinic, now + timedelta(days=22)) == ["next_phase"]


def test_an_exception_comes_up_on_its_day_and_goes_when_it_is_withdrawn(ana, library, dana, clinic, now):
    episode = an_episode(ana, now=now, contraindications=["poor_balance_without_support"])
    day = now.date() + timedelta(days=7)
    key = "SLD:poor_balance_without_support"
    made = allow(episode, key, reason="Beside the table", review_on=day, actor=dana, now=now)
    later = now + timedelta(days=7)

    assert own(dana, clinic, now) == []
    assert own(dana, clinic, later) == ["exception"]
    withdraw(made, actor=dana, now=later)
    assert own(dana, clinic, later) == []


def test_going_on_without_a_gate_comes_up_on_its_day(ana, library, dana, clinic, now):
    gate = Gate.objects.filter(clinic=clinic, overridable=True).first()
    given = {"reason": "Seen last year", "review_on": now.date() + timedelta(days=7)}
    go_without(an_episode(ana, now=now), gate.code, **given, actor=dana, now=now)

    assert own(dana, clinic, now + timedelta(days=6)) == []
    assert own(dana, clinic, now + timedelta(days=7)) == ["without"]


@pytest.mark.parametrize("how", ["approved", "declined"])
def test_deciding_is_audited_with_who_it_was(proposal, dana, now, how):
    if how == "approved":
        proposals.approve(proposal, actor=dana, now=now)
    else:
        proposals.decline(proposal, note="Not yet", actor=dana, now=now)

    assert AuditEntry.objects.filter(verb=how, object_id=proposal.pk, actor=dana).exists()
