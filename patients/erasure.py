"""Leaving: an account is closed, and when the retention time is over, who it was is erased. The history stays.

Erased are name, contact and sign-in. What stays is the clinical record: sessions, pain reports, flags, decisions,
messages, notes and the audit, under an id that leads to nobody any more.
"""

import json
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.accounts import end_sessions
from clinic.models import AccountEvent, SignInCode, User
from clinic.refusals import Refused
from patients.models import Episode, Identity, Patient, PatientEvent, Proxy, TrialRequest


@transaction.atomic
def close_account(patient: Patient, *, actor: User, now: datetime) -> Patient:
    """End the care of a person here: no portal, no mails, not in the lists. Raises Refused: an open episode, closed."""
    if Episode.objects.filter(patient=patient, ended_on=None).exists():
        raise Refused(_("An episode is open. Discharge the patient first."))
    if not Patient.objects.filter(pk=patient.pk, closed_at=None).update(closed_at=now):
        raise Refused(_("This account is closed already."))
    patient.refresh_from_db()
    PatientEvent.objects.create(patient=patient, kind=PatientEvent.Kind.CLOSE, actor=actor, at=now)
    audit.note("close_account", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return patient


def erase_due(*, now: datetime) -> int:
    """Erase who it was, where the clinic's retention time is over. Gives how many. Idempotent."""
    due = Patient.objects.to_erase(now).order_by("closed_at", "pk")
    for patient in due:
        # The register first: a restore may then erase what is erased already, but never miss anybody.
        _register(patient.pk, now=now)
        _wipe(patient, now=now)
    return len(due)


def erase_again(*, now: datetime) -> int:
    """After a restore: erase everybody whom the register names and the backup still knew. Gives how many."""
    known = Patient.objects.filter(pk__in=registered(), erased_at=None).order_by("pk")
    for patient in known:
        _wipe(patient, now=now)
    return len(known)


def registered() -> set[UUID]:
    """The ids in the register of erasures."""
    register = Path(settings.ERASURE_REGISTER)
    lines = register.read_text().splitlines() if register.exists() else []
    return {UUID(json.loads(line)["patient"]) for line in lines if line.strip()}


def _register(patient_id: UUID, *, now: datetime) -> None:
    """Append an id and a time, on disk before this returns: the register holds nothing else."""
    register = Path(settings.ERASURE_REGISTER)
    register.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"patient": str(patient_id), "at": now.isoformat()})
    handle = os.open(register, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


@transaction.atomic
def _wipe(patient: Patient, *, now: datetime) -> None:
    user = patient.user
    Identity.objects.filter(patient=patient).update(
        name=_("Erased"),
        called="",
        email="",
        phone="",
        birth_date=None,
        postcode="",
        emergency_contact="",
        search="",
    )
    TrialRequest.objects.filter(trial__patient=patient).update(
        name=_("Erased"),
        email="erased@invalid.invalid",
        phone="",
        birth_date=None,
        postcode="",
        person_key="",
        phone_key="",
    )
    Proxy.objects.filter(patient=patient, revoked_at=None).update(revoked_at=now)
    Patient.objects.filter(pk=patient.pk).update(user=None, erased_at=now, closed_at=patient.closed_at or now)
    if user and not _needs(user):
        _wipe_user(user, now=now)
    audit.note("erase", patient, clinic=patient.clinic_id, actor=None, now=now, patient_id=patient.pk)


def _needs(user: User) -> bool:
    """Whether the sign-in still serves: as staff here or elsewhere, as a patient of another clinic, as a carer."""
    return user.memberships.exists() or user.patients.exists() or user.proxied.filter(revoked_at=None).exists()


def _wipe_user(user: User, *, now: datetime) -> None:
    end_sessions(user, now=now)
    AccountEvent.objects.filter(user=user).update(data={})  # an old address whose notice has not gone
    SignInCode.objects.filter(user=user).delete()
    # An address that reaches nobody, and belongs to this row alone.
    user.name, user.email, user.is_active = "", f"{user.pk}@erased.invalid", False
    user.set_unusable_password()
    user.save(update_fields=["name", "email", "is_active", "password"])
