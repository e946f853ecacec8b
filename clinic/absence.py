"""A therapist is away for some days, and who stands in for them meanwhile."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Membership, User
from clinic.refusals import Refused
from clinic.zones import instant, local_date

DAY = timedelta(days=1)


@transaction.atomic
def set_absence(
    membership: Membership, *, first: date, last: date, substitute: User | None, actor: User, now: datetime
) -> Membership:
    """Mark a therapist as away from the day `first` to the day `last`, in the clinic's days.

    New flags and what waits for their word go to `substitute`, and to everybody on duty where there is none or the
    substitute is away too. Raises Refused naming the field: days the wrong way round or past, a substitute who does
    not treat here, or is not licensed where the therapist is.
    """
    zone = membership.clinic.zone
    if errors := _faults(membership, first, last, substitute, today=local_date(now, zone)):
        raise Refused(_("Nothing was changed."), errors)
    membership.away_from, membership.away_until = instant(first, time(), zone), instant(last + DAY, time(), zone)
    membership.substitute = substitute
    _save(membership, "set_absence", actor=actor, now=now)
    return membership


@transaction.atomic
def end_absence(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """Back, or not going: from now on everything is theirs again."""
    membership.away_from = membership.away_until = membership.substitute = None
    _save(membership, "end_absence", actor=actor, now=now)
    return membership


def _save(membership: Membership, verb: str, *, actor: User, now: datetime) -> None:
    membership.save(update_fields=["away_from", "away_until", "substitute"])
    audit.note(verb, membership, clinic=membership.clinic_id, actor=actor, now=now)


def _faults(membership: Membership, first: date, last: date, substitute: User | None, *, today: date) -> dict[str, str]:
    errors = {}
    if last < first:
        errors["last"] = _("This day lies before the first one.")
    elif last < today:
        errors["last"] = _("This day is over.")
    if substitute is None:
        return errors
    here = Membership.objects.therapists().filter(clinic=membership.clinic_id).exclude(pk=membership.pk)
    theirs = here.filter(user=substitute).first()
    if theirs is None:
        errors["substitute"] = _("Choose a therapist who works here.")
    elif membership.licensed and not theirs.licensed:
        errors["substitute"] = _("%(name)s is not licensed, and cannot close urgent flags.") % {"name": substitute.name}
    return errors
