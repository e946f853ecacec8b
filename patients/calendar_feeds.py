"""Training days in somebody's own calendar, which reads them from a secret address as often as it likes.

Whoever has the address reads the days: it says nothing of who, of what, or where (handbook 7.6).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration

from clinic import audit, limits
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import instant
from patients.coming_days import coming_days
from patients.models import CalendarFeed, Patient, Program
from patients.models.calendar import CalendarFeedQuerySet

RANDOM_BYTES = 32
MADE = limits.Limit("calendar address", most=20, within=timedelta(days=1))
# Calendars ask a few times a day. One server of theirs asks for many people at once.
OF_ONE_ADDRESS = limits.Limit("calendar", most=60, within=timedelta(hours=1))
BY_ONE_VISITOR = limits.Limit("calendar visitor", most=600, within=timedelta(minutes=15))
NOTED_EVERY = timedelta(hours=1)
READ_AGAIN = timedelta(hours=12)
LASTS = timedelta(minutes=15)  # drawn as this long: it stands for a time of day, not for a session's length


class TooOften(Exception):
    """This address, or this visitor, was answered too often just now."""


@transaction.atomic
def make_address(patient: Patient, *, actor: User, now: datetime) -> str:
    """A new secret for `actor`, shown this once and kept nowhere; the one before ends. Raises Refused: too many."""
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)  # of two presses at once, the second waits
    if not limits.spend(MADE, str(actor.pk), now=now):
        raise Refused(_("Too many addresses were made today. Please try again tomorrow."))
    _mine(patient, actor).update(ended_at=now)
    token = token_urlsafe(RANDOM_BYTES)
    feed = CalendarFeed.objects.create(
        patient=patient,
        user=actor,
        token_digest=_digest(token),
        session_round=User.objects.values_list("session_round", flat=True).get(pk=actor.pk),
        made_at=now,
    )
    audit.note("issue", feed, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return token


@transaction.atomic
def end_address(patient: Patient, *, actor: User, now: datetime) -> None:
    """Switch the address of `actor` off at once. Twice is once."""
    feed = _mine(patient, actor).first()
    if feed and CalendarFeed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=now):
        audit.note("revoke", feed, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)


def address_of(patient: Patient, user: User) -> CalendarFeed | None:
    """The row of the address `user` made, if it works."""
    return _mine(patient, user).standing().first()


def read_calendar(token: str, *, visitor: str, now: datetime) -> bytes | None:
    """The calendar behind a secret; None if it is unknown, ended, or of somebody without a running program.

    Counted before it is looked up, the same for every secret. Raises TooOften.
    """
    digest = _digest(token)
    if not (limits.spend(BY_ONE_VISITOR, visitor, now=now) and limits.spend(OF_ONE_ADDRESS, digest, now=now)):
        raise TooOften
    standing = CalendarFeed.objects.standing().select_related("patient__preferences")
    feed = standing.filter(token_digest=digest).first()
    program = feed and Program.objects.active().filter(patient=feed.patient_id).first()
    if not feed or not program:
        return None
    _note_reading(feed, now=now)
    program.patient = feed.patient
    return _as_ics(feed, coming_days(program, now=now), now=now)


def _mine(patient: Patient, user: User) -> CalendarFeedQuerySet:
    return CalendarFeed.objects.filter(patient=patient, user=user, ended_at=None)


def _note_reading(feed: CalendarFeed, *, now: datetime) -> None:
    """Once an hour is enough to tell an address in use from a forgotten one."""
    if feed.read_at is None or feed.read_at < now - NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=now)


def _as_ics(feed: CalendarFeed, days: Iterable[date], *, now: datetime) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//Stepwell//EN")
    calendar.add("name", _("Plan"))
    calendar.add("x-wr-calname", _("Plan"))
    # Not READ_AGAIN by itself: the library leaves out the type RFC 7986 wants, and writes the other as 12:00:00.
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN))
    for day in days:
        calendar.add_component(_event(feed, day, now=now))
    return bytes(calendar.to_ical())


def _event(feed: CalendarFeed, day: date, *, now: datetime) -> Event:
    """Each day by itself and in UTC: a rule of repetition is read in different ways where a clock changes."""
    event = Event()
    event.add("uid", f"{day:%Y%m%d}-{feed.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", now)
    event.add("summary", _("Your plan for today"))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    at = feed.patient.preferences.time_on(day)
    if at is None:  # no mail is wanted on that weekday, so no hour is named
        event.add("dtstart", day)
    else:
        event.add("dtstart", instant(day, at, feed.patient.zone))
        event.add("duration", LASTS)
    return event


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
