"""Holds: closing a flag lifts what that flag asked for, all of it and nothing else."""

from datetime import timedelta

import pytest

from clinic.refusals import Refused
from patients import adjustments, flagging, follow_up
from patients.models import Decision, Hold, PainFlag, ProgramItem
from patients.phases import sign_off_phase
from patients.reports import report_pain
from tests.factories.programs import a_program, a_session, an_episode, as_planned, item_of
from tests.factories.story import Story


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)


def report(patient, now, **given) -> None:
    report_pain(patient, **({"pain": 2} | given), actor=patient.user, now=now)
    flagging.assess_waiting_reports(now=now)


def close(group, *, by, now, effect="resume") -> None:
    flag = PainFlag.objects.waiting().get(group=group)
    follow_up.resolve(flag, code="advised_continue", note="Spoken.", effect=effect, actor=by, now=now)


def test_closing_a_pain_flag_leaves_the_plan_hold_of_a_safety_flag_of_the_same_severity(ana, program, dana, now):
    report(ana, now, red_flags=["new_numb_tingle"])
    report(ana, now + timedelta(minutes=1), item=item_of(program, "BRG"), pain=8)
    close("pain", by=dana, now=now + timedelta(hours=1))

    assert item_of(program, "BRG").stopped_by.scope == "plan"


def test_a_hold_that_two_flags_share_is_lifted_by_the_last_of_them(ana, program, dana, now):
    report(ana, now, region="posterior_thigh_hip", pain=9, neuro=["numb_or_tingle_new"], words=["pop"])
    assert set(PainFlag.objects.values_list("group", flat=True)) == {"pain", "safety"}
    close("pain", by=dana, now=now)
    assert item_of(program, "BRG").stopped_by is not None

    close("safety", by=dana, now=now)
    assert item_of(program, "BRG").stopped_by is None


def test_closing_the_wider_of_two_flags_leaves_what_the_other_wants_held(ana, program, dana, now):
    bridge = as_planned(item_of(program, "BRG"), pain_during=8)
    a_session(program, bridge, as_planned(item_of(program, "HRS")), red_flags=["fever_unwell"], now=now)
    flagging.assess_waiting_reports(now=now)
    close("safety", by=dana, now=now + timedelta(hours=1))

    assert item_of(program, "BRG").stopped_by.scope == "item"
    assert item_of(program, "HRS").stopped_by is None


def test_a_hold_that_an_unjudged_report_wants_is_not_lifted(ana, program, dana, now):
    report(ana, now, item=item_of(program, "BRG"), pain=8)
    report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now + timedelta(hours=1))
    close("pain", by=dana, now=now + timedelta(hours=2))

    assert item_of(program, "BRG").stopped_by is not None


def test_a_hold_placed_by_hand_is_released_by_hand(ana, program, dana, now):
    adjustments.hold(program, scope="plan", reason="Waits for the scan.", actor=dana, now=now)
    report(ana, now + timedelta(hours=1), item=item_of(program, "BRG"), pain=8)
    close("pain", by=dana, now=now + timedelta(hours=2))

    assert item_of(program, "BRG").stopped_by.rule_id == "person"


def test_the_stop_of_a_glide_that_was_worse_twice_is_lifted_with_its_flag(ana, library, dana, now):
    program = a_program(
        ana, library["NERVE_FIRST_HINGE"], now=now, gates=("nerve_glide_cleared",), slump="eases_looking_up"
    )
    story = Story.of(program)
    for day in (0, 1):
        if day:
            story.answers(day, pain=5, compared="worse")
        story.trains(day, "NGL")
    story.answers(2, pain=5, compared="worse")
    assert item_of(program, "NGL").stopped_by.rule_id == "R-N04"

    close("pain", by=dana, now=story.at(2, 15), effect="lighter")
    assert item_of(program, "NGL").stopped_by is None


def test_an_emergency_left_held_is_not_lifted_by_a_later_lesser_flag(ana, program, dana, now):
    report(ana, now, red_flags=["chest_pain"])
    close("safety", by=dana, now=now, effect="none")
    report(ana, now + timedelta(days=4), red_flags=["new_numb_tingle"])
    close("safety", by=dana, now=now + timedelta(days=4))

    assert item_of(program, "BRG").stopped_by.severity == 1


def test_one_step_back_under_two_holds_is_one_step(ana, program, dana, now):
    adjustments.set_level(item_of(program, "BRG"), "BRG-4", reason="Strong.", actor=dana, now=now)
    report(ana, now, red_flags=["new_numb_tingle"])
    report(ana, now + timedelta(minutes=1), red_flags=["fever_unwell"])
    assert Hold.objects.count() == 2
    close("safety", by=dana, now=now + timedelta(hours=1), effect="step_back")

    item = item_of(program, "BRG")
    assert (item.level.code, item.stopped_by) == ("BRG-3", None)


def test_what_was_decided_about_an_exercise_counts_though_a_wider_hold_is_over_it(ana, program, dana, now):
    adjustments.set_level(item_of(program, "BRG"), "BRG-4", reason="Strong.", actor=dana, now=now)
    report(ana, now, item=item_of(program, "BRG"), pain=8)
    report(ana, now + timedelta(minutes=1), red_flags=["chest_pain"])
    close("pain", by=dana, now=now + timedelta(hours=1), effect="step_back")

    item = item_of(program, "BRG")
    assert (item.level.code, item.stopped_by.scope) == ("BRG-3", "plan")


def test_releasing_twice_is_once(ana, program, dana, now):
    adjustments.set_level(item_of(program, "BRG"), "BRG-4", reason="Strong.", actor=dana, now=now)
    report(ana, now, item=item_of(program, "BRG"), pain=8)
    hold = Hold.objects.get()
    for _press in range(2):
        adjustments.release(hold, effect="step_back", actor=dana, now=now)

    assert item_of(program, "BRG").level.code == "BRG-3"
    assert Decision.objects.filter(outcome="release").count() == 1


def test_the_exercises_of_a_new_phase_stay_under_what_is_held(ana, library, dana, now):
    program = a_program(ana, library["DESK_SITTER_PROXIMAL"], now=now)
    report(ana, now, region="posterior_thigh_hip", pain=9)
    sign_off_phase(program, actor=dana, now=now)

    assert item_of(program, "BRG").stopped_by == Hold.objects.get()


def test_a_program_assigned_under_a_plan_hold_starts_held_and_is_freed_with_it(ana, library, dana, now):
    an_episode(ana, now=now)
    report(ana, now, red_flags=["fever_unwell"])
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    assert item_of(program, "BRG").stopped_by is not None

    close("safety", by=dana, now=now)
    assert item_of(program, "BRG").stopped_by is None


def test_a_hold_by_hand_of_no_area_is_refused(program, dana, now):
    with pytest.raises(Refused) as refused:
        adjustments.hold(program, scope="region", reason="Sore.", actor=dana, now=now)

    assert set(refused.value.errors) == {"region"}


def test_a_lock_outlives_a_pause(ana, program, dana, now):
    adjustments.lock(item_of(program, "BRG"), reason="After surgery.", actor=dana, now=now)
    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)
    adjustments.unpause(program, actor=dana, now=now)

    assert list(ProgramItem.objects.order_by("position").values_list("override", flat=True)) == ["", "lock"]
