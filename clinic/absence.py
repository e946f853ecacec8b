"""A therapist is away for some days, and who stands in for them meanwhile."""

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.formats import date_format
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
    not treat here, is not licensed where the therapist is, or is away on some of these days.
    """
    zone = membership.clinic.zone
    start, end = instant(first, time(), zone), instant(last + DAY, time(), zone)
    errors = _wrong_days(first, last, today=local_date(now, zone))
    if substitute:
        errors |= _wrong_substitute(membership, substitute, start, end)
    if errors:
        raise Refused(_("Nothing was changed."), errors)
    membership.away_from, membership.away_until = start, end
    membership.substitute = substitute
    _save(membership, "set_absence", actor=actor, now=now)
    return membership


@transaction.atomic
def end_absence(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """Back, or not going: from now on everything is theirs again."""
    membership.away_from = membership.away_until = membership.substitute = None
    _save(membership, "end_absence", actor=actor, now=now)
    return membership


def left_alone(membership: Membership) -> list[Membership]:
    """Colleagues whose substitute this therapist is, on days on which they are away themselves."""
    if not (membership.away_from and membership.away_until):
        return []
    covered = Membership.objects.therapists().filter(clinic=membership.clinic_id, substitute=membership.user_id)
    found = covered.away_between(membership.away_from, membership.away_until).select_related("user", "clinic")
    return list(found.order_by("away_from", "pk"))


def days_in_words(membership: Membership) -> str:
    """The first and the last day of an absence, in the clinic's days."""
    last = membership.last_day_away
    assert membership.away_from and last
    first = local_date(membership.away_from, membership.clinic.zone)
    days = {"first": date_format(first, "j M"), "last": date_format(last, "j M Y")}
    return _("from %(first)s to %(last)s") % days


def _save(membership: Membership, verb: str, *, actor: User, now: datetime) -> None:
    membership.save(update_fields=["away_from", "away_until", "substitute"])
    audit.note(verb, membership, clinic=membership.clinic_id, actor=actor, now=now)


def _wrong_days(first: date, last: date, *, today: date) -> dict[str, str]:
    if last < first:
        return {"last": _("This day lies before the first one.")}
    return {"last": _("This day is over.")} if last < today else {}


def _wrong_substitute(membership: Membership, substitute: User, start: datetime, end: datetime) -> dict[str, str]:
    here = Membership.objects.therapists().filter(clinic=membership.clinic_id).exclude(pk=membership.pk)
    theirs = here.filter(user=substitute)
    if not theirs:
        return {"substitute": _("Choose a therapist who works here.")}
    if membership.licensed and not theirs[0].licensed:
        text = _("%(name)s is not licensed, and cannot close urgent flags.")
        return {"substitute": text % {"name": substitute.name}}
    if away := theirs.away_between(start, end).select_related("clinic").first():
        text = _("%(name)s is away too, %(days)s: choose somebody else, or everybody on duty.")
        return {"substitute": text % {"name": substitute.name, "days": days_in_words(away)}}
    return {}
