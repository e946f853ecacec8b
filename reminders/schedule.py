"""When a daily mail is due: pure functions over wall times, zones and days of silence. No clock, no database.

Source of every rule: handbook 7.2 and 7.5.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.zones import instant, local_date, zone

LATE = timedelta(hours=4)
SPACING = timedelta(hours=6)  # between two daily mails, when a changed time or zone brings them together
# Days without a log or a sign-in from which mails become fewer, and from which they stop.
SILENT_THRICE, SILENT_WEEKLY, SILENT_STOP = 7, 21, 42
FAR = 9  # days looked ahead: a local date may be missing altogether (Samoa, 30 December 2011)


@dataclass(frozen=True, slots=True)
class Wish:
    """When a patient wants to hear from us: wall times in their zone, and hours in which they do not."""

    zone: str
    week: tuple[time, ...]  # of each weekday, Monday first
    quiet_from: time
    quiet_to: time


def every_day(at: time) -> tuple[time, ...]:
    return (at,) * 7


def is_quiet(wall: time, wish: Wish) -> bool:
    """Whether `wall` lies in the quiet hours, which may pass midnight; equal ends mean there are none."""
    if wish.quiet_from <= wish.quiet_to:
        return wish.quiet_from <= wall < wish.quiet_to
    return wall >= wish.quiet_from or wall < wish.quiet_to


def due_on(day: date, wish: Wish) -> datetime | None:
    """The instant (UTC) at which the mail of a local date is due; None if quiet hours leave no time that day."""
    due = instant(day, wish.week[day.weekday()], wish.zone)
    shown = due.astimezone(zone(wish.zone))
    if is_quiet(shown.time(), wish):
        if shown.time() >= wish.quiet_to:
            return None
        due = instant(day, wish.quiet_to, wish.zone)
    return due if local_date(due, wish.zone) == day else None


def next_due(after: datetime, wish: Wish) -> datetime:
    """The first due instant later than `after`, reckoned date by date: never the last instant plus 24 hours."""
    today = local_date(after, wish.zone)
    ahead = (due_on(today + timedelta(days=offset), wish) for offset in range(FAR))
    return next((due for due in ahead if due and due > after), after + timedelta(days=1))


def too_late(due: datetime, wish: Wish) -> datetime:
    """From when on the mail due at `due` is missed: four hours later, or as the quiet hours or the day's end begin."""
    day = local_date(due, wish.zone)
    ends = [due + LATE, instant(day + timedelta(days=1), time(0), wish.zone)]
    if wish.quiet_from != wish.quiet_to:
        ends.append(instant(day, wish.quiet_from, wish.zone))
    return min(end for end in ends if end > due)


def due_between(first: date, now: datetime, wish: Wish) -> list[tuple[date, datetime]]:
    """Local dates from `first` to today whose instant has come, with it; after a long stop the last week only."""
    today = local_date(now, wish.zone)
    first = max(first, today - timedelta(days=6))
    days = [first + timedelta(days=offset) for offset in range((today - first).days + 1)]
    found = [(day, due_on(day, wish)) for day in days]
    return [(day, due) for day, due in found if due and due <= now]


def is_mail_day(days_silent: int) -> bool:
    """Whether somebody silent for that many days gets a mail: daily, three a week, weekly, then none."""
    if days_silent < SILENT_THRICE:
        return True
    if days_silent < SILENT_WEEKLY:
        return (days_silent - SILENT_THRICE) % 7 in (0, 2, 4)
    return days_silent < SILENT_STOP and (days_silent - SILENT_WEEKLY) % 7 == 0
