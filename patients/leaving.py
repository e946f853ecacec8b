"""Staff who leave, or stop treating: their patients and open flags go to a colleague in the same act."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import accounts, audit
from clinic.models import Membership, Role, User
from clinic.refusals import Refused
from patients.flag_steps import record_step
from patients.models import PainFlag, Patient
from patients.models.patient import PatientQuerySet
from patients.models.triage import PainFlagQuerySet


def caseload_of(membership: Membership) -> PatientQuerySet:
    """The patients who are this person's in this clinic."""
    return Patient.objects.filter(clinic=membership.clinic_id, owner=membership.user_id).active()


def open_flags_of(membership: Membership) -> PainFlagQuerySet:
    """The flags this person has taken in this clinic and not closed."""
    return PainFlag.objects.filter(clinic=membership.clinic_id, owner=membership.user_id).waiting()


def must_hand_over(membership: Membership) -> bool:
    return caseload_of(membership).exists() or open_flags_of(membership).exists()


@transaction.atomic
def leave(membership: Membership, *, to: User | None, actor: User, now: datetime) -> None:
    """End a person's work in the clinic; their patients and open flags are `to`'s from now on.

    Raises Refused: the last owner, nobody to hand over to while there is something, somebody who does not treat here.
    """
    _hand_over(membership, to=to, actor=actor, now=now)
    accounts.deactivate(membership, actor=actor, now=now)


@transaction.atomic
def change_role(
    membership: Membership,
    *,
    roles: Collection[str],
    licensed: bool,
    to: User | None = None,
    actor: User,
    now: datetime,
) -> None:
    """Replace the roles of a member. Who stops treating hands over as who leaves does. Raises Refused."""
    if Role.THERAPIST not in roles:
        _hand_over(membership, to=to, actor=actor, now=now)
    accounts.change_role(membership, roles=roles, licensed=licensed, actor=actor, now=now)


def _hand_over(membership: Membership, *, to: User | None, actor: User, now: datetime) -> None:
    # Locked: a patient given to the one who leaves, at this very moment, waits and is refused or comes along.
    patients = list(caseload_of(membership).select_for_update().order_by("pk"))
    flags = list(open_flags_of(membership).select_for_update().order_by("pk"))
    if not patients and not flags:
        return
    heirs = Membership.objects.therapists().filter(clinic=membership.clinic_id).exclude(pk=membership.pk)
    if to is None or not heirs.filter(user=to).exists():
        text = _("Choose who takes over (patients: %(patients)d, open flags: %(flags)d).")
        text %= {"patients": len(patients), "flags": len(flags)}
        raise Refused(_("Nothing was changed."), {"to": text})
    Patient.objects.filter(pk__in=[patient.pk for patient in patients]).update(owner=to)
    PainFlag.objects.filter(pk__in=[flag.pk for flag in flags]).update(owner=to, last_event_at=now)
    for patient in patients:
        audit.note("hand_over", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    for flag in flags:
        record_step(flag, "hand_over", flag.state, flag.state, actor=actor, now=now, data={"to": str(to.pk)})
