"""Equal exercises: swapped without asking where the library says so, and one line of history."""

from datetime import timedelta

import pytest

from clinic.refusals import Refused
from patients import adjustments
from patients.assignments import enter_phase
from patients.contraindications import record_of
from patients.day_grid import day_grid, last_days
from patients.equipment import set_equipment
from patients.examinations import examine
from patients.models import Decision, ExerciseLog, Proposal
from patients.progress import progress_of
from patients.swaps import equals, may_swap, swap, swap_for_equal
from programs.models import Ladder
from tests.factories.programs import a_program, a_session, as_planned, item_of


@pytest.fixture
def program(ana, library, now):
    """The moving stretch (DYN) beside the kneeling hinge."""
    return a_program(ana, library["HINGE_REEDUCATION"], now=now)


@pytest.fixture
def stretch(program):
    return item_of(program, "DYN")


def with_patient(item, ana):
    item.program.patient = ana
    return item


def test_the_shipped_library_names_its_equals_both_ways(library):
    pairs = {
        (level.code, other)
        for ladder in Ladder.objects.all()
        for level in ladder.levels.all()
        for other in level.details.get("equal", [])
    }
    assert ("CRL-3", "HRS-3") in pairs
    assert pairs == {(other, code) for code, other in pairs}


def test_an_equal_whose_things_are_missing_is_shown_and_not_open(ana, stretch, now):
    set_equipment(ana, ["mobility_band"], actor=ana.user, now=now)
    [found] = equals(with_patient(stretch, ana))

    assert (found.level.code, found.lacks, found.blocked, found.is_open) == ("BDS-1", ["anchor_point"], [], False)
    with pytest.raises(Refused, match="not for you at the moment"):
        swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now)


def test_a_swap_for_an_equal_needs_no_therapist_and_stays_one_line(ana, program, stretch, now):
    a_session(program, as_planned(stretch, pain_before=3), now=now)
    set_equipment(ana, ["mobility_band", "anchor_point"], actor=ana.user, now=now)
    stretch = with_patient(item_of(program, "DYN"), ana)

    new = swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now + timedelta(days=1))

    old = type(new).objects.get(pk=stretch.pk)
    assert (old.ended_reason, new.first, new.level.code, new.position) == ("swap", old, "BDS-1", old.position)
    assert (new.state["scores"], new.state["memory"]["successes"]) == ([3], 0)


def test_a_swap_says_to_both_from_what_to_what_and_why(ana, dana, program, stretch, now):
    there = swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now)
    swap(there, "SQT", reason="Wants to get stronger.", actor=dana, now=now + timedelta(days=1))

    assert [row.reason for row in Decision.objects.filter(outcome="swap").order_by("decided_at")] == [
        "“Active knee straightening – small range” gave way to “light pull – small pump”."
        " Chosen by the patient: an equal exercise.",
        "“Light pull – small pump” gave way to “to a high bench”. Wants to get stronger.",
    ]
    assert [step.label for step in progress_of(program, now=now + timedelta(days=1)).steps] == [
        "“Light pull – small pump” gave way to “to a high bench”: your clinic changed it",
        "“Active knee straightening – small range” gave way to “light pull – small pump”: you chose an equal exercise",
    ]


def test_the_last_days_show_both_in_one_row(ana, program, stretch, now):
    a_session(program, as_planned(stretch), now=now)
    swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now)
    later = now + timedelta(days=1)
    a_session(program, as_planned(item_of(program, "BDS")), now=later)
    logs = ExerciseLog.objects.select_related(
        "session", "level", "item__level", "item__ladder_version", "item__episode"
    )
    rows = day_grid(logs, [item_of(program, "BDS")], days=last_days(later.date(), 2))

    assert [(row.name, row.before) for row in rows] == [
        ("light pull – small pump", ("active knee straightening – small range",))
    ]
    assert [cell.state for cell in rows[0].cells] == ["done", "done"]


def test_there_and_back_again_is_still_one_line(ana, program, stretch, now):
    there = swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now)
    back = swap_for_equal(there, "DYN-1", actor=ana.user, now=now)

    assert (there.first_id, back.first_id) == (stretch.pk, stretch.pk)


def test_the_next_phase_keeps_the_equal_in_the_place_of_the_other(ana, program, stretch, library, now):
    new = swap_for_equal(stretch, "BDS-1", actor=ana.user, now=now)
    upcoming = library["HINGE_REEDUCATION"].phases.get(position=2)  # it wants the moving stretch again
    record = record_of(program.episode)
    version, today = library["HINGE_REEDUCATION"], now.date()
    kept = enter_phase(program, program.episode, upcoming, version=version, record=record, today=today)

    assert new.pk in {item.pk for item in kept}
    assert {item.ladder_version.code for item in program.items.filter(ended_on=None)} == {"BDS", "HNG"}


@pytest.mark.parametrize("how", ["held", "locked", "paused", "ruled out"])
def test_what_somebody_decided_about_is_not_swapped_by_the_patient(ana, dana, program, stretch, now, how):
    if how == "held":
        adjustments.hold(program, scope="item", item=stretch, reason="x", actor=dana, now=now)
    elif how == "locked":
        adjustments.lock(stretch, reason="x", actor=dana, now=now)
    elif how == "paused":
        adjustments.pause(program, until=None, reason="x", actor=dana, now=now)
    else:
        strained = {"slump": "unchanged", "leg_tingling": False}
        strained["contraindications"] = ["fresh_strain_under_5_days_not_cleared"]
        examine(program.episode, **strained, actor=dana, now=now)
    item = item_of(program, "DYN")

    assert not may_swap(item)
    with pytest.raises(Refused, match="your clinic decides about this exercise"):
        swap_for_equal(item, "BDS-1", actor=ana.user, now=now)


def test_only_what_the_library_calls_equal_is_the_patients_choice(ana, stretch, now):
    with pytest.raises(Refused, match="no equal of yours"):
        swap_for_equal(stretch, "BRG-1", actor=ana.user, now=now)


def test_a_therapists_swap_lands_on_the_equal_level_and_closes_the_proposal(ana, dana, program, stretch, now):
    Proposal.objects.create(patient=ana, item=stretch, kind="advance", opened_at=now, due_on=now.date())
    new = swap(stretch, "BDS", reason="Likes it better", actor=dana, now=now)

    assert (new.level.code, new.first_id) == ("BDS-1", stretch.pk)
    assert Proposal.objects.get().state == "withdrawn"


def test_a_swap_for_something_else_starts_a_line_of_its_own(dana, stretch, now):
    assert swap(stretch, "SQT", reason="x", actor=dana, now=now).first_id is None


def test_a_cap_goes_over_to_the_highest_level_that_is_equal_below_it(ana, library, dana, now):
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    raise_ = item_of(program, "HRS")
    raise_.cap = raise_.ladder_version.levels.get(code="HRS-4")
    raise_.save()
    adjustments.set_level(item_of(program, "BRG"), "BRG-4", reason="Steady", actor=dana, now=now)

    new = swap_for_equal(item_of(program, "HRS"), "CRL-1", actor=ana.user, now=now)
    assert new.cap.code == "CRL-3"
