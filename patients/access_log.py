"""The audit as owners read it: asked by person, patient, kind and day, with names beside the ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from clinic.models import AuditEntry, Clinic, User
from clinic.models.audit import AuditQuerySet
from clinic.zones import instant
from patients.audit_words import EMERGENCY, EXPORTED, LOOKED, REFUSED, SIGNED, deed
from patients.models import EmergencyAccess, Identity, Patient


class Kind(TextChoices):
    LOOKED = "looked", _("Looked at something")
    EMERGENCY = "emergency", _("Opened in an emergency")
    CHANGED = "changed", _("Changed something")
    EXPORTED = "exported", _("Took a copy")
    SIGNED = "signed", _("Signed in or out")
    REFUSED = "refused", _("Was turned away")


VERBS = {
    Kind.LOOKED: LOOKED,
    Kind.EMERGENCY: EMERGENCY,
    Kind.EXPORTED: EXPORTED,
    Kind.SIGNED: SIGNED,
    Kind.REFUSED: REFUSED,
}


@dataclass(frozen=True)
class Line:
    """One row as it is read. `who` is empty for the machine, `patient` for what is about no patient of this clinic."""

    at: datetime
    who: str
    deed: str
    patient: str
    patient_id: UUID | None
    refused: bool
    why: str = ""  # what was said as a record was opened in an emergency


def asked_for(
    entries: AuditQuerySet,
    *,
    clinic: Clinic,
    person: UUID | None,
    patient: UUID | None,
    kind: str,
    since: date,
    until: date,
) -> AuditQuerySet:
    """The rows of the days `since` to `until`, both included, in the clinic's zone, the newest first."""
    first = instant(since, time(), clinic.zone)
    end = instant(until + timedelta(days=1), time(), clinic.zone)
    found = entries.filter(at__gte=first, at__lt=end)
    if person:
        found = found.filter(Q(actor=person) | Q(actor=None, label="clinic.user", object_id=person))
    if patient:
        records = Patient.objects.filter(Q(pk=patient) | Q(merged_into=patient)).values("pk")
        found = found.filter(Q(patient_id__in=records) | Q(verb__in=REFUSED, object_id__in=records))
    if kind == Kind.CHANGED:
        found = found.exclude(verb__in=[verb for verbs in VERBS.values() for verb in verbs])
    elif kind:
        found = found.filter(verb__in=VERBS[Kind(kind)])
    return found.select_related("actor").order_by("-at", "-pk")


def lines(entries: Sequence[AuditEntry], *, reader: User) -> list[Line]:
    """The rows with the names of those patients whom `reader` may see. One query; a second where there was a reason."""
    ids = {entry.patient_id or entry.object_id for entry in entries}
    mine = Identity.objects.visible_to(reader).filter(pk__in=[one for one in ids if one])
    names = dict(mine.values_list("pk", "name"))
    opened = [entry.object_id for entry in entries if entry.object_id and entry.verb in EMERGENCY]
    known = (
        EmergencyAccess.objects.visible_to(reader).filter(pk__in=opened) if opened else EmergencyAccess.objects.none()
    )
    reasons = dict(known.values_list("pk", "reason"))
    return [_line(entry, names, reasons) for entry in entries]


def _line(entry: AuditEntry, names: dict[UUID, str], reasons: dict[UUID, str]) -> Line:
    about = entry.patient_id or entry.object_id
    return Line(
        at=entry.at,
        who=entry.actor.name if entry.actor else "",
        deed=deed(entry),
        patient=names.get(about, "") if about else "",
        patient_id=about,
        refused=entry.verb in REFUSED,
        why=reasons.get(entry.object_id, "") if entry.object_id else "",
    )
