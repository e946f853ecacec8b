"""Trials on their way: a request as the form hands it over, and the steps up to the first day."""

from datetime import date, datetime, timedelta
from typing import Any

from clinic.models import Clinic, User
from patients import admissions, exercise_audits, intake, trials
from patients.audit_checks import Finding
from patients.models import Trial, TrialRequest
from patients.trial_confirmation import confirm_request
from patients.trial_terms import REQUIRED

GIVEN: dict[str, Any] = {
    "name": "Ana Silva",
    "email": "ana@people.example",
    "phone": "020 7946 0200",
    "birth_date": date(1985, 5, 17),
    "postcode": "M1 4BT",
    "complaint": "Tight behind the left thigh since autumn.",
    "side": "left",
    "pain_now": 2,
    "pain_usual": 2,
    "leg_tingling": False,
    "consents": REQUIRED,
}
GOOD_AUDIT = (Finding("BRIDGE", True), Finding("HINGE_DOWEL", True), Finding("SLUMP", True, value="unchanged"))


def ask(clinic: Clinic, *, now: datetime, **given: Any) -> intake.Requested:
    return intake.request_trial(clinic, **(GIVEN | given), actor=None, now=now)


def a_request(clinic: Clinic, *, now: datetime, **given: Any) -> TrialRequest:
    """Asked for and confirmed."""
    asked = ask(clinic, now=now, **given).request
    assert asked is not None
    return confirm_request(asked, now=now + timedelta(minutes=5))


def a_trial(clinic: Clinic, therapist: User, *, now: datetime, **given: Any) -> Trial:
    """Accepted; no audit yet."""
    return admissions.accept_request(a_request(clinic, now=now, **given), actor=therapist, now=now)


def an_audit(trial: Trial, therapist: User, *, now: datetime, findings: Any = GOOD_AUDIT, **given: Any) -> Trial:
    fields: dict[str, Any] = {"path": "muscle", "leg_tingling": False, "summary": "Moves well."} | given
    return exercise_audits.record_audit(trial, findings=findings, actor=therapist, now=now, **fields)


def a_running_trial(clinic: Clinic, therapist: User, *, now: datetime, **given: Any) -> Trial:
    """On its first day; the clinic needs the library."""
    trial = an_audit(a_trial(clinic, therapist, now=now, **given), therapist, now=now)
    return trials.start_trial(trial, actor=therapist, now=now)
