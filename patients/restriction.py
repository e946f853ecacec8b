"""A record that is kept and not worked with: restricted at the person's wish, closed, and opened again.

Closed is the one state for both (`Patient.closed_at`): no mails, in no list, nothing is changed, seen by owners alone,
and erased when the retention time is over. Restricted is closed with a portal: the person reads what it means, and
still reports pain (GDPR, article 18).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients.models import Patient, PatientEvent, Preferences

Kind = PatientEvent.Kind
WHY_NOT = {
    Kind.RESTRICT: gettext_lazy("This record is closed or restricted already."),
    Kind.REOPEN: gettext_lazy("Only a closed or restricted record is opened again, and none that is erased or merged."),
}


@transaction.atomic
def restrict(patient: Patient, *, reason: str, actor: User, now: datetime) -> Patient:
    """Keep the record as it is, episodes and program included. Raises Refused: no reason, closed already."""
    return _step(patient, Kind.RESTRICT, reason, {"closed_at": now, "restricted": True}, actor=actor, now=now)


@transaction.atomic
def reopen(patient: Patient, *, reason: str, actor: User, now: datetime) -> Patient:
    """Lift a restriction, or open an account that was closed by mistake; the post reckons its mails again.

    Raises Refused: no reason, not closed, merged into another record, or name and contact are erased.
    """
    opened = _step(patient, Kind.REOPEN, reason, {"closed_at": None, "restricted": False}, actor=actor, now=now)
    Preferences.objects.filter(patient=patient).update(is_planned=False)
    return opened


def history(patient: Patient) -> list[PatientEvent]:
    """Closed, restricted, opened again: the latest first."""
    steps = PatientEvent.objects.filter(patient=patient).exclude(kind=Kind.MERGE)
    return list(steps.select_related("actor").order_by("-at", "-pk"))


def _step(
    patient: Patient, kind: PatientEvent.Kind, reason: str, fields: dict[str, object], *, actor: User, now: datetime
) -> Patient:
    reason = reason.strip()
    if not reason:
        raise Refused(_("Nothing was changed."), {"reason": _("Say why: it stays on record.")})
    as_it_was = Patient.objects.filter(pk=patient.pk, merged_into=None, erased_at=None)
    if not as_it_was.filter(closed_at__isnull=kind == Kind.RESTRICT).update(**fields):
        raise Refused(str(WHY_NOT[kind]))
    patient.refresh_from_db()
    PatientEvent.objects.create(patient=patient, kind=kind, actor=actor, at=now, note=reason)
    audit.note(kind, patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return patient
