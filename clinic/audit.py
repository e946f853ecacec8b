"""The record of who looked and who changed: written by verbs, by the fetch of a patient, and by refusals."""

from datetime import datetime
from uuid import UUID

from django.db import models

from clinic.models import AuditEntry, Clinic, User
from clinic.request_id import request_id


def note(
    verb: str,
    subject: models.Model,
    *,
    clinic: Clinic | UUID | None,
    actor: User | None,
    now: datetime,
    patient_id: UUID | None = None,
) -> AuditEntry:
    """Write one row: who (`actor`, None is the system) did `verb` to `subject`. No value of the subject is kept."""
    return write(
        verb,
        label=subject._meta.label_lower,
        object_id=subject.pk,
        clinic=clinic,
        actor=actor,
        now=now,
        patient_id=patient_id,
    )


def write(
    verb: str,
    *,
    label: str,
    object_id: UUID | None,
    clinic: Clinic | UUID | None,
    actor: User | None,
    now: datetime,
    patient_id: UUID | None = None,
) -> AuditEntry:
    """Write one row about something that may not be there: `label` is a model, or the route of a refused page."""
    entry = AuditEntry(
        clinic_id=clinic.pk if isinstance(clinic, Clinic) else clinic,
        actor=actor,
        verb=verb,
        label=label,
        object_id=object_id,
        patient_id=patient_id,
        at=now,
        request_id=request_id.get(),
    )
    entry.save()
    return entry
