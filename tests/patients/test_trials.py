"""From the first of the fourteen days to the outcome."""

from datetime import date, timedelta

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import intake, ticks, trials
from patients.adjustments import hold, release
from patients.audit_checks import Finding
from patients.contraindications import Contraindicated
from patients.models import Consent, Program, TrialEvent
from tests.factories.programs import a_session, as_planned, item_of
from tests.factories.trials import a_running_trial, a_trial, an_audit


def kinds(request):
    return list(TrialEvent.objects.filter(request=request).order_by("pk").values_list("kind", flat=True))


def test_a_trial_starts_after_its_audit_only(clinic, dana, library, now):
    with pytest.raises(Refused, match="audit comes first"):
        trials.start_trial(a_trial(clinic, dana, now=now), path="muscle", actor=dana, now=now)


def test_the_starter_program_begins_at_the_levels_of_the_audit(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)

    program = Program.objects.get(patient=trial.patient)
    assert (program.version.template.code, program.path, program.pain_policy) == (trials.STARTER, "muscle", "strict")
    assert {code: item_of(program, code).level.code for code in ("BRG", "HNG")} == {"BRG": "BRG-2", "HNG": "HNG-3"}
    assert (trial.state, trial.started_on, trial.last_day) == ("active", date(2026, 3, 2), date(2026, 3, 15))


def test_the_nerve_path_waits_for_clearance(clinic, dana, library, now):
    slump = Finding("SLUMP", True, value="eases_looking_up")
    trial = an_audit(a_trial(clinic, dana, now=now), dana, now=now, findings=[slump], path="nerve")
    with pytest.raises(Contraindicated):
        trials.start_trial(trial, actor=dana, now=now)

    trial = an_audit(trial, dana, now=now, findings=[slump, Finding("NERVE_GLIDE", True)], path="nerve")
    assert trials.start_trial(trial, actor=dana, now=now).state == "active"


def test_a_first_session_can_be_logged(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)

    assert a_session(program, as_planned(item_of(program, "BRG")), now=now).safety is None


def test_a_trial_is_extended_once(clinic, dana, library, now):
    trial = trials.extend_once(a_running_trial(clinic, dana, now=now), actor=dana, now=now)

    assert trial.last_day == date(2026, 3, 22)
    with pytest.raises(intake.Moved):
        trials.extend_once(trial, actor=dana, now=now)


def test_a_trial_ends_at_the_local_midnight_after_its_last_day(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    ticks.tick(now=now.replace(day=15, hour=23, minute=59))
    trial.refresh_from_db()
    assert trial.state == "active"

    ticks.tick(now=now.replace(day=16, hour=0, minute=0))
    trial.refresh_from_db()
    assert (trial.state, trial.outcome_reason) == ("not_converted", "")
    assert Program.objects.get(patient=trial.patient).ended_reason == "trial_over"
    assert trials.end_due_trials(now=now.replace(day=16, hour=0, minute=1)) == 0


def test_a_held_plan_stops_the_clock_and_the_days_come_back(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)
    held = hold(program, scope="plan", reason="Fever", actor=dana, now=now + timedelta(days=3))
    release(held, effect="resume", actor=dana, now=now + timedelta(days=8))

    ticks.tick(now=now + timedelta(days=9))
    trial.refresh_from_db()
    assert (trial.paused_days, trial.last_day) == (5, date(2026, 3, 20))


def test_a_hold_of_one_exercise_does_not_stop_the_clock(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    program = Program.objects.get(patient=trial.patient)
    hold(program, scope="item", item=item_of(program, "BRG"), reason="Sore", actor=dana, now=now)

    ticks.tick(now=now + timedelta(days=9))
    trial.refresh_from_db()
    assert trial.last_day == date(2026, 3, 15)


def test_a_hold_adds_fourteen_days_at_most(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    hold(Program.objects.get(patient=trial.patient), scope="plan", reason="Fever", actor=dana, now=now)
    for day in range(1, 28):
        ticks.tick(now=now + timedelta(days=day))
    trial.refresh_from_db()
    assert (trial.state, trial.last_day) == ("active", date(2026, 3, 29))

    ticks.tick(now=now + timedelta(days=28))
    trial.refresh_from_db()
    assert trial.state == "not_converted"


def test_who_stays_keeps_program_and_history(clinic, dana, library, now):
    trial = trials.convert(a_running_trial(clinic, dana, now=now), note="Goes on.", actor=dana, now=now)

    assert trial.state == "converted"
    assert Program.objects.get(patient=trial.patient).ended_on is None
    assert not Consent.objects.filter(patient=trial.patient, kind="trial_terms", revoked_at=None).exists()


def test_an_outcome_needs_a_coded_reason(clinic, dana, library, now):
    trial = a_running_trial(clinic, dana, now=now)
    with pytest.raises(Refused) as refused:
        trials.end_trial(trial, outcome="not_converted", reason="", actor=dana, now=now)
    assert set(refused.value.errors) == {"reason"}

    ended = trials.end_trial(trial, outcome="not_converted", reason="distance", note="Moved.", actor=dana, now=now)
    assert (ended.state, ended.outcome_reason) == ("not_converted", "distance")
    with pytest.raises(intake.Moved):
        trials.end_trial(ended, outcome="withdrawn", reason="other", actor=dana, now=now)


def test_what_never_starts_ends_after_thirty_days(clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    ticks.tick(now=now + timedelta(days=31))
    trial.refresh_from_db()
    assert (trial.state, trial.outcome_reason) == ("not_converted", "not_started")


def test_every_step_leaves_an_event_and_an_audit_row(clinic, dana, library, now):
    trial = trials.convert(a_running_trial(clinic, dana, now=now), actor=dana, now=now)

    steps = ["submit", "confirm", "accept", "record_audit", "start", "convert"]
    assert kinds(trial.request) == steps
    written = AuditEntry.objects.filter(object_id=trial.request_id).order_by("pk").values_list("verb", flat=True)
    assert list(written) == steps
