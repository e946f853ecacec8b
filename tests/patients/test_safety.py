"""What the patient reads at once: all that is held, as urgently as the worst of it, and no promise of a past time."""

from datetime import timedelta

import pytest

from patients.episodes import discharge
from patients.models import Hold, PainReport, ProgramItem
from patients.reports import report_pain
from patients.safety import safety_of
from patients.sessions import Entry
from tests.factories.programs import a_program, a_session, as_planned, item_of


@pytest.fixture
def program(ana, library, now):
    """The hip raise is for the back of the thigh, the bridge for the knee."""
    program = a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)
    ProgramItem.objects.filter(program=program, ladder_version__code="BRG").update(region="knee")
    return program


def a_hold(patient, now, **given) -> Hold:
    fields = {"scope": "plan", "severity": 3, "rule_id": "R-S01", "reason": "", "contact_due": now + timedelta(hours=9)}
    return Hold(patient=patient, opened_at=now, **(fields | given))


def test_a_plan_held_for_tomorrow_does_not_hide_what_wants_advice_today(ana, clinic, now):
    urgent = a_hold(ana, now, scope="region", region="knee", severity=2, contact_due=now + timedelta(hours=4))
    safety = safety_of([a_hold(ana, now), urgent], clinic, now=now)

    assert (safety.kind, safety.severity) == ("plan", 2)
    assert "Get medical advice today" in safety.urgent
    assert "Monday 2 March, 13:00" in safety.text


def test_two_held_areas_are_both_named(ana, clinic, now):
    holds = [a_hold(ana, now, scope="region", region=region) for region in ("knee", "posterior_thigh_hip")]

    assert "(knee, back of thigh and hip)" in safety_of(holds, clinic, now=now).text


def test_an_exercise_held_beside_a_held_area_is_named_with_it(program, now):
    hip_raise = as_planned(item_of(program, "HRS"), pain_during=9)
    logged = a_session(program, hip_raise, as_planned(item_of(program, "BRG"), pain_during=7), now=now)

    assert logged.safety.kind == "region"
    assert "(back of thigh and hip, floor bridge)" in logged.safety.text


def test_two_held_exercises_are_named(program, now):
    entries = [as_planned(item_of(program, code), pain_during=7) for code in ("HRS", "BRG")]
    logged = a_session(program, *entries, now=now)

    assert logged.safety.text.startswith("Stop these exercises: low surface – both legs, floor bridge.")


def test_a_due_time_that_has_passed_is_not_promised_again(ana, program, clinic, now):
    item = item_of(program, "BRG")
    report_pain(ana, item=item, pain=7, actor=ana.user, now=now)
    later = now + timedelta(days=6)
    again = report_pain(ana, item=item, pain=7, actor=ana.user, now=later)

    assert "we are late with this: please call us on 020 7946 0100." in again.safety.text
    assert Hold.objects.count() == 1


def test_due_times_are_told_in_the_clinics_zone(ana, clinic, program, now):
    clinic.zone = "Pacific/Auckland"
    clinic.save()
    ana.zone = "America/New_York"
    ana.save()
    reported = report_pain(ana, item=item_of(program, "BRG"), pain=8, actor=ana.user, now=now)

    assert "we aim to contact you by Tuesday 3 March, 18:00." in reported.safety.text


def test_numbness_stops_the_area_that_was_exercised_and_no_other(program, now):
    logged = a_session(program, as_planned(item_of(program, "BRG")), neuro=["numb_or_tingle_new"], now=now)

    assert list(Hold.objects.values_list("scope", "region")) == [("region", "knee")]
    assert "(knee)" in logged.safety.text
    assert item_of(program, "HRS").stopped_by is None


def test_numbness_in_a_session_that_was_all_skipped_still_stops_its_areas(program, now):
    skipped = [Entry(item_id=item_of(program, code).pk, skipped="no_time") for code in ("HRS", "BRG")]
    a_session(program, *skipped, neuro=["numb_or_tingle_new"], now=now)

    assert set(Hold.objects.values_list("region", flat=True)) == {"knee", "posterior_thigh_hip"}
    assert PainReport.objects.count() == 1, "one finding is one event, whatever it stops"


def test_after_discharge_nobody_is_promised_a_call(ana, program, now):
    discharge(program.episode, summary="Done.", actor=ana.owner, now=now)
    reported = report_pain(ana, pain=3, red_flags=["fever_unwell"], actor=ana.user, now=now + timedelta(days=40))

    assert not reported.still_read
    assert "Nobody reads this any more: call 020 7946 0100." in reported.safety.text
    assert "Get medical advice today" in reported.safety.urgent
    assert "clinic's list" not in reported.safety.text


def test_after_discharge_an_emergency_is_still_told_to_call(ana, program, now):
    discharge(program.episode, summary="Done.", actor=ana.owner, now=now)
    reported = report_pain(ana, pain=3, red_flags=["chest_pain"], actor=ana.user, now=now + timedelta(days=40))

    assert (reported.safety.kind, reported.safety.call) == ("emergency", "999")
    assert "switched off" not in reported.safety.text


def test_after_discharge_urgent_words_still_ask_at_once(ana, program, now):
    discharge(program.episode, summary="Done.", actor=ana.owner, now=now)
    later = now + timedelta(days=40)

    assert report_pain(ana, pain=2, note="I cannot pee", actor=ana.user, now=later).urgent_words


def test_severe_pain_within_thirty_days_of_discharge_still_becomes_a_report(ana, program, now):
    discharge(program.episode, summary="Done.", actor=ana.owner, now=now)
    reported = report_pain(ana, pain=9, actor=ana.user, now=now + timedelta(days=29))

    assert (reported.still_read, reported.safety.kind, PainReport.objects.count()) == (True, "region", 1)
