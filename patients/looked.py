"""Who looked at a patient's record, in words for the patient: names or roles, days, and what for. From the audit."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from clinic.models import AuditEntry, Membership
from clinic.zones import local_date
from patients.audit_words import LOOKED, purpose
from patients.models import Patient, Proxy

SHOWN = 200  # audit rows read; grouped by person and day they are a page


@dataclass(frozen=True)
class Look:
    """What one person did on one day, the latest act first in time. `name` is empty where the clinic shows roles."""

    name: str
    role: str
    at: datetime
    purposes: tuple[str, ...]
    changed: bool

    @cached_property
    def who(self) -> str:
        return ", ".join(filter(None, (self.name, self.role)))

    @cached_property
    def what_for(self) -> str:
        """ "opened your record and wrote to you"."""
        return get_text_list(list(self.purposes), _("and"))


def looks_at(patient: Patient, *, most: int | None = SHOWN) -> list[Look]:
    """The latest looks by others than the patient, one line a person and day, newest first. Two or three queries.

    `most` is how many rows of the audit are read, None all.

    Where the clinic names no staff, everybody of one role on one day is one line.
    """
    records = Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values("pk")
    entries = AuditEntry.objects.filter(patient_id__in=records).exclude(actor=None).exclude(actor=patient.user_id)
    latest = list(entries.select_related("actor").order_by("-at", "-pk")[:most])
    roles = _roles(patient, {entry.actor_id for entry in latest})
    days: dict[tuple[tuple[str, str], date], list[AuditEntry]] = {}
    for entry in latest:
        name = entry.actor.name if entry.actor and patient.clinic.looks_name_staff else ""
        who = name, roles[entry.actor_id]
        days.setdefault((who, local_date(entry.at, patient.zone)), []).append(entry)
    return [_look(who, found) for (who, _day), found in days.items()]


def _look(who: tuple[str, str], entries: list[AuditEntry]) -> Look:
    name, role = who
    return Look(
        name=name,
        role=role,
        at=entries[0].at,
        purposes=tuple(dict.fromkeys(purpose(entry) for entry in reversed(entries))),
        changed=any(entry.verb not in LOOKED for entry in entries),
    )


def _roles(patient: Patient, people: set[UUID | None]) -> dict[UUID | None, str]:
    """What each of `people` is to the patient: their roles in the clinic, or how they look after the patient."""
    staff = Membership.objects.filter(clinic=patient.clinic_id, left_at=None, user__in=people)
    roles: dict[UUID | None, str] = dict.fromkeys(people, _("no longer works here"))
    roles |= {member.user_id: ", ".join(str(role.label) for role in sorted(member.roles)) for member in staff}
    if people - {member.user_id for member in staff}:
        roles |= dict(Proxy.objects.filter(patient=patient, user__in=people).values_list("user", "relation"))
    return roles
