"""Who looked at a patient's record, in words for the patient: names, roles and days, from the audit."""

from dataclasses import dataclass
from datetime import datetime

from clinic.models import AuditEntry, Membership
from clinic.zones import local_date
from patients.models import Patient

SHOWN = 200  # audit rows read; grouped by person and day they are a page


@dataclass(frozen=True)
class Look:
    """What one person did on one day. `role` is empty for somebody who no longer works in the clinic."""

    name: str
    role: str
    at: datetime
    changed: bool


def looks_at(patient: Patient) -> list[Look]:
    """The latest looks by others than the patient, one line a person and day, newest first. Two queries."""
    entries = AuditEntry.objects.filter(patient_id=patient.pk).exclude(actor=None).exclude(actor=patient.user_id)
    roles = {
        membership.user_id: ", ".join(str(role.label) for role in sorted(membership.roles))
        for membership in Membership.objects.filter(clinic=patient.clinic_id, left_at=None)
    }
    days: dict[object, Look] = {}
    for entry in entries.select_related("actor").order_by("-at")[:SHOWN]:
        assert entry.actor is not None
        key = entry.actor.pk, local_date(entry.at, patient.zone)
        known = days.get(key)
        days[key] = Look(
            name=entry.actor.name,
            role=roles.get(entry.actor.pk, ""),
            at=known.at if known else entry.at,
            changed=entry.verb != "read" or bool(known and known.changed),
        )
    return list(days.values())
