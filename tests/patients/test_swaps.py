"""Closing a flag with an effect: what becomes of the exercise it is about, held or not, and what takes its place."""

import pytest

from clinic.refusals import Refused
from patients import flagging, follow_up
from patients.contraindications import Contraindicated
from patients.models import PainFlag, ProgramEvent
from patients.reports import report_pain
from patients.swaps import substitutes, swap
from tests.factories.programs import a_program, item_of


@pytest.fixture
def program(ana, library, now):
    """The bridge and the straight-leg hip raise, both for the back of the thigh."""
    return a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)


@pytest.fixture
def bridge(program):
    return item_of(program, "BRG")


@pytest.fixture
def flag_at(ana, bridge, now):
    """`flag_at(pain)`: 6 eases and holds nothing, 8 stops the bridge, 9 stops the whole area."""

    def make(pain):
        report_pain(ana, item=bridge, pain=pain, actor=ana.user, now=now)
        flagging.assess_waiting_reports(now=now)
        return PainFlag.objects.get(group="pain")

    return make


def close(flag, effect, dana, now, **given):
    return follow_up.resolve(
        flag, code="exercise_swapped", note="Bridge is too much.", effect=effect, actor=dana, now=now, **given
    )


def running(program):
    return set(program.items.filter(ended_on=None).values_list("ladder_version__code", flat=True))


def test_a_swap_ends_the_held_bridge_and_starts_the_squat(program, flag_at, dana, now):
    close(flag_at(8), "swap", dana, now, substitute="SQT")

    new = item_of(program, "SQT")
    assert "BRG" not in running(program)
    assert (new.level.code, new.stopped_by, new.starts_on) == ("SQT-1", None, now.date())
    assert ProgramEvent.objects.get(kind="swap").note == "Bridge is too much."


def test_a_swap_without_a_substitute_changes_nothing(ana, program, flag_at, dana, now):
    flag = flag_at(8)
    with pytest.raises(Refused) as refused:
        close(flag, "swap", dana, now)

    flag.refresh_from_db()
    assert set(refused.value.errors) == {"substitute"}
    assert ("BRG" in running(program), flag.state, ana.holds.get().released_at) == (True, "open", None)


def test_what_is_ruled_out_for_her_is_no_substitute(bridge, dana, now):
    """Nobody has confirmed that nerve glides are safe for Ana."""
    with pytest.raises(Contraindicated) as refused:
        swap(bridge, "NGL", reason="x", actor=dana, now=now)

    assert "glides are safe" in refused.value.errors["substitute"]
    bridge.refresh_from_db()
    assert bridge.ended_on is None


def test_what_the_area_holds_goes_on_lighter_when_one_is_swapped(ana, program, flag_at, dana, now):
    close(flag_at(9), "swap", dana, now, substitute="SQT")

    assert not ana.holds.filter(released_at=None).exists()
    assert item_of(program, "HRS").state["memory"]["lightened"]


def test_the_area_on_hold_by_another_flag_holds_the_new_exercise_too(ana, program, bridge, flag_at, dana, now):
    flag_at(8)
    report_pain(ana, pain=2, red_flags=["new_numb_tingle"], actor=ana.user, now=now)
    flagging.assess_waiting_reports(now=now)

    close(PainFlag.objects.get(group="pain"), "swap", dana, now, substitute="SQT")

    assert item_of(program, "SQT").stopped_by.scope == "plan"


def test_what_runs_already_is_not_offered(program, bridge):
    offered = [ladder.code for ladder in substitutes(bridge)]

    assert "SQT" in offered
    assert not running(program) & set(offered)


@pytest.mark.parametrize(("effect", "ends"), [("lighter", False), ("step_back", False), ("stop", True)])
def test_an_effect_counts_although_nothing_was_held(program, bridge, flag_at, dana, now, effect, ends):
    flag = flag_at(6)
    dose = bridge.dose
    assert not follow_up.holds_of(flag)

    close(flag, effect, dana, now)

    bridge.refresh_from_db()
    assert (bridge.ended_on is not None) == ends
    assert ends or bridge.dose != dose


def test_resuming_what_was_not_held_changes_nothing(bridge, flag_at, dana, now):
    flag = flag_at(6)
    bridge.refresh_from_db()
    before = (bridge.dose, bridge.state, bridge.sequence)

    close(flag, "resume", dana, now)

    bridge.refresh_from_db()
    assert (bridge.dose, bridge.state, bridge.sequence) == before
