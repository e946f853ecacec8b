"""Breaking the glass: a therapist opens the record of somebody else's patient, says why, and everybody can see it.

Only where the clinic shows each therapist their own patients alone (`Clinic.caseload_only`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Clinic, User
from clinic.refusals import Refused
from patients.models import EmergencyAccess, Identity, Patient

LASTS = timedelta(hours=12)
FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Match:
    """All that is told of a record before somebody has said why: enough to tell two people of one name apart."""

    pk: UUID
    name: str
    birth_year: int | None


def matches(clinic: Clinic, words: str) -> list[Match]:
    """The patients in care whose whole name, or whose record's number, is exactly `words`. Parts find nobody."""
    name = " ".join(words.split()).casefold()
    if not name:
        return []
    here = Identity.objects.filter(patient__clinic=clinic, patient__closed_at=None)
    number = _number(name)
    found = here.filter(pk=number) if number else here.filter(search__startswith=name)
    exact = [one for one in found.order_by("pk") if number or one.name.casefold() == name]
    return [Match(one.pk, one.name, one.birth_date.year if one.birth_date else None) for one in exact]


def _number(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


@transaction.atomic
def open_in_emergency(clinic: Clinic, pk: UUID | None, *, reason: str, actor: User, now: datetime) -> EmergencyAccess:
    """Let `actor` open the record `pk` for 12 hours. The reason is on record, and owners get a mail.

    Raises Refused: no such record in care here, or a reason of fewer than three words.
    """
    patient = Patient.objects.active().filter(clinic=clinic, pk=pk).first() if pk else None
    if patient is None:
        raise Refused(_("Nothing was opened."), {"patient": _("Choose whose record to open.")})
    reason = " ".join(reason.split())
    if len(reason.split()) < FEWEST_WORDS:
        text = _("Say why in %(fewest)d words or more: the patient and the owner of the clinic can ask.")
        raise Refused(_("Nothing was opened."), {"reason": text % {"fewest": FEWEST_WORDS}})
    access = EmergencyAccess.objects.create(
        patient=patient, user=actor, reason=reason, opened_at=now, until=now + LASTS
    )
    audit.note("open_in_emergency", access, clinic=clinic, actor=actor, now=now, patient_id=patient.pk)
    return access
