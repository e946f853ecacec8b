"""By when a flag of a severity must be acknowledged and the patient contacted, in the clinic's staffed hours."""

from datetime import datetime

from clinic.models import Clinic
from clinic.staffed_hours import after_minutes, after_working_days
from programs.rulebook import current_rules
from programs.rules import Target


def ack_due(clinic: Clinic, severity: int, *, now: datetime) -> datetime | None:
    return _due(clinic, current_rules().severities[severity].ack, now=now)


def contact_due(clinic: Clinic, severity: int, *, now: datetime) -> datetime | None:
    return _due(clinic, current_rules().severities[severity].contact, now=now)


def _due(clinic: Clinic, target: Target | None, *, now: datetime) -> datetime | None:
    if target is None or not (target.minutes or target.working_days):
        return None
    if target.working_days:
        return after_working_days(now, target.working_days, clinic.staffed_hours, clinic.zone)
    return after_minutes(now, target.minutes, clinic.staffed_hours, clinic.zone)
