"""Left and right on levels of their own (handbook E12): parted by a therapist, judged apart, together again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.refusals import Refused
from patients import adjustments, assignments
from patients.adjustments import take_off
from patients.contraindications import record_of
from patients.court import Court
from patients.day_grid import day_grid, last_days
from patients.judging import _enough_for_today
from patients.models import Decision, ExerciseLog, Proposal
from patients.phases import Progress, exit_holds
from patients.plan import today
from patients.sides import bring_together, go_own_ways, sides_of
from patients.swaps import may_swap, swap
from patients.version_moves import CannotMove, move, preview
from programs.models import Ladder
from programs.templatetags.dose import dose_line
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning
from tests.factories.versions import a_newer_version


@pytest.fixture
def program(ana, library, dana, now):
    """The squat, and the single-leg deadlift on its second level, free to climb to the top."""
    program = a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now)
    deadlift = adjustments.set_level(item_of(program, "SLD"), "SLD-2", reason="Seen today", actor=dana, now=now)
    deadlift.cap = None
    deadlift.save()
    return program


@pytest.fixture
def deadlift(program):
    return item_of(program, "SLD")


@pytest.fixture
def sides(deadlift, dana, now):
    """Left and right, just parted."""
    return go_own_ways(deadlift, reason="The left is far ahead", actor=dana, now=now)


def running(program, code="SLD"):
    found = program.items.filter(ended_on=None, ladder_version__code=code).select_related("level", "ladder_version")
    return {item.side: item.level.code for item in found}


def fresh(item):
    return type(item).objects.select_related("level", "ladder_version", "program__patient", "episode").get(pk=item.pk)


def test_each_side_goes_on_from_where_the_exercise_stood(program, deadlift, sides, dana):
    left, right = sides
    old = fresh(deadlift)

    assert running(program) == {"left": "SLD-2", "right": "SLD-2"}
    assert (old.ended_reason, left.first_id, right.first_id) == ("sides_apart", old.pk, old.pk)
    assert (left.dose, left.level_since) == (deadlift.dose, deadlift.level_since)
    assert Decision.objects.filter(item=old).latest("sequence").reason == "The left is far ahead"


def test_a_patient_sees_two_exercises_and_which_side_each_is_for(program, sides, now):
    shown = {row.name: row.sides for row in today(program, now=now).items if row.item.apart}

    assert shown == {"unsupported with mirror – left": ("left",), "unsupported with mirror – right": ("right",)}
    assert dose_line(sides[0].dose, sides[0]) == "3 × 8–10, left side"


def test_a_logged_side_moves_that_side_alone(ana, program, sides, dana, now):
    left, right = sides
    for day in range(5):
        at = now + timedelta(days=day)
        a_session(program, as_planned(fresh(left)), as_planned(fresh(right), form="partly"), now=at)
        an_answer(ana, now=next_morning(at))

    assert running(program) == {"left": "SLD-3", "right": "SLD-2"}


def test_pain_on_one_side_stops_that_side(program, sides, now):
    left, right = sides
    a_session(program, as_planned(left, pain_during=8), as_planned(right), now=now)

    assert (fresh(left).stopped_by_id is not None, fresh(right).stopped_by_id) == (True, None)


def test_only_a_ladder_that_allows_it_is_parted(ana, library, dana, now):
    bridge = item_of(a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now), "BRG")
    with pytest.raises(Refused, match="keeps both sides"):
        go_own_ways(bridge, reason="x", actor=dana, now=now)


def test_what_is_on_hold_is_followed_up_first(program, deadlift, dana, now):
    adjustments.hold(program, scope="item", item=deadlift, reason="Ask first", actor=dana, now=now)
    with pytest.raises(Refused, match="on hold"):
        go_own_ways(fresh(deadlift), reason="x", actor=dana, now=now)


def test_parting_twice_at_once_parts_once(deadlift, sides, dana, now):
    with pytest.raises(Refused, match="has ended"):
        go_own_ways(deadlift, reason="x", actor=dana, now=now)


def test_together_again_at_the_lower_level_with_the_lock_and_the_stricter_limits(program, sides, dana, now):
    left, right = sides
    adjustments.set_limits(left, {"stop_at": 5}, reason="Careful", actor=dana, now=now)
    adjustments.lock(fresh(left), reason="Not yet", actor=dana, now=now)
    adjustments.set_level(right, "SLD-1", reason="Seen today", actor=dana, now=now)
    one = bring_together(fresh(left), reason="Even again", actor=dana, now=now)

    assert running(program) == {one.episode.side: "SLD-1"}
    assert (one.apart, one.limits, one.override) == (False, {"stop_at": 5}, "lock")
    assert one.sides_asked("each") == ("left", "right")


def test_a_side_that_was_taken_off_comes_back_with_the_other(program, sides, dana, now):
    take_off(sides[1], reason="Too much", actor=dana, now=now)
    assert running(program) == {"left": "SLD-2"}

    bring_together(sides[0], reason="Try again", actor=dana, now=now)
    assert not item_of(program, "SLD").apart


@pytest.mark.parametrize(("side", "apart"), [("left", True), ("both", False)])
def test_the_database_takes_no_second_row_for_a_side(sides, side, apart):
    again = fresh(sides[0])
    again.pk, again.side, again.apart = None, side, apart
    again._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_a_phase_that_asks_for_a_level_asks_the_weaker_side(program, sides, dana, now):
    wanted = {"all": [{"level": "SLD-3"}]}
    adjustments.set_level(sides[0], "SLD-3", reason="x", actor=dana, now=now)
    assert not exit_holds(wanted, Progress(program))

    adjustments.set_level(sides[1], "SLD-3", reason="x", actor=dana, now=now)
    assert exit_holds(wanted, Progress(program))


def test_what_one_side_reached_is_not_reached_for_a_return(program, sides, dana, now):
    adjustments.set_level(sides[0], "SLD-4", reason="x", actor=dana, now=now)
    reached = record_of(program.episode).reached

    assert {"SLD-1", "SLD-2"} <= set(reached)
    assert not {"SLD-3", "SLD-4"} & set(reached)


def test_a_new_phase_keeps_both_sides(program, sides, library, now):
    version = library["SQUAT_AND_SINGLE_LEG"]
    phase = version.phases.get(position=2)
    record = record_of(program.episode)
    assignments.enter_phase(program, program.episode, phase, version=version, record=record, today=now.date())

    assert running(program) == {"left": "SLD-2", "right": "SLD-2"}


def test_a_gate_waits_for_the_second_side_to_show_it(ana, program, sides, dana, now):
    """Thirty slow repetitions on each leg: the leg that is ahead does not speak for the other."""
    left, right = (adjustments.set_level(one, "SLD-3", reason="x", actor=dana, now=now) for one in sides)
    for day in (4, 6):
        at = now + timedelta(days=day)
        a_session(program, as_planned(fresh(left)), now=at)
        an_answer(ana, now=next_morning(at))
    assert not ana.gates.filter(code="sld_30_each_slow").exists()
    assert fresh(left).level.code == "SLD-3"

    for day in (9, 11):
        at = now + timedelta(days=day)
        a_session(program, as_planned(fresh(right)), now=at)
        an_answer(ana, now=next_morning(at))
    assert ana.gates.filter(code="sld_30_each_slow").exists()


def test_both_sides_of_one_exercise_are_one_of_the_two_that_may_rise_in_a_day(program, sides, now):
    (left, right), squat = (fresh(one) for one in sides), item_of(program, "SQT")
    risen = [Decision(item=one, outcome="advance", applied_at=now) for one in (left, squat)]
    court = Court(program=program, items=[left, right, squat], actor=None, now=now, made=risen)

    assert not _enough_for_today(court, right)
    assert _enough_for_today(court, type(squat)(program=program))


def test_a_swap_takes_both_sides_and_is_not_the_patients_own(program, sides, dana, now):
    assert not may_swap(fresh(sides[0]))
    new = swap(sides[0], "HNG", reason="Rest the balance", actor=dana, now=now)

    assert running(program) == {}
    assert (new.apart, new.side) == (False, program.episode.side)


def test_open_proposals_are_withdrawn(ana, deadlift, dana, now):
    Proposal.objects.create(patient=ana, item=deadlift, kind="advance", opened_at=now, due_on=now.date())
    go_own_ways(deadlift, reason="x", actor=dana, now=now)

    assert Proposal.objects.get().state == "withdrawn"


def test_the_last_days_show_a_row_a_side_with_what_was_done_before(program, deadlift, dana, now):
    a_session(program, as_planned(deadlift), now=now)
    parted = now + timedelta(days=1)
    left, right = go_own_ways(fresh(deadlift), reason="x", actor=dana, now=parted)
    a_session(program, as_planned(fresh(left)), now=parted)
    logs = ExerciseLog.objects.select_related(
        "session", "level", "item__level", "item__ladder_version", "item__episode"
    )
    rows = day_grid(logs, [fresh(left), fresh(right)], days=last_days(parted.date(), 2))

    assert {row.name: [cell.state for cell in row.cells] for row in rows} == {
        "unsupported with mirror – left": ["done", "done"],
        "unsupported with mirror – right": ["done", "rest"],
    }


def test_her_pages_part_them_and_bring_them_together(client_of, ana, program, deadlift, dana):
    page = client_of(dana)
    part = reverse("workspace:exercise_sides", args=[ana.pk, deadlift.pk])
    assert "Let each side go its own way" in page.get(part).content.decode()
    page.post(part, {"reason": "The left is far ahead"})

    left = program.items.get(side="left", apart=True)
    join = reverse("workspace:exercise_sides", args=[ana.pk, left.pk])
    assert (
        "Bring the sides together" in page.get(reverse("workspace:exercise", args=[ana.pk, left.pk])).content.decode()
    )
    page.post(join, {"reason": "Even again"})
    assert not item_of(program, "SLD").apart


def test_a_newer_version_keeps_both_sides_and_one_that_keeps_them_together_is_refused(program, sides, library, now):
    newer = a_newer_version(library["SQUAT_AND_SINGLE_LEG"], levels={"SLD-2": {"sets": 2}})
    found = preview(program, newer, now=now)
    assert [line.name for line in found.lines if line.item and line.item.apart] == [
        "unsupported with mirror – left",
        "unsupported with mirror – right",
    ]
    assert not found.refused

    ladder = Ladder.objects.get(code="SLD")
    ladder.details.pop("independent_sides")
    ladder.save()
    strict = a_newer_version(newer)
    with pytest.raises(CannotMove, match="which the new version does not allow"):
        move(program, strict, actor=None, now=now)


def test_the_side_is_not_changed_while_they_are_apart(sides, dana, now):
    with pytest.raises(Refused) as refused:
        adjustments.set_side(sides[0], "both", actor=dana, now=now)
    assert "bring them together" in refused.value.errors["side"]
    assert [one.side for one in sides_of(sides[0])] == ["left", "right"]
