"""Lists by mail for staff: severity 4 each working day, severity 5 once a week (handbook 3.5). Only numbers.

They are due as the clinic opens, in its own zone: who starts the day finds the list.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.models import Clinic
from clinic.zones import instant, local_date
from patients.models import PainFlag
from reminders.models import Message
from reminders.teams import teams_of

DAILY, WEEKLY = "day", "week"
SEVERITY = {DAILY: 4, WEEKLY: 5}
WEEK = timedelta(days=7)
NONE = (0, 0)


@dataclass(frozen=True, slots=True)
class Opening:
    """One opening of a clinic: its local date, and from when until when its lists may be planned and sent (UTC)."""

    day: date
    opens: datetime
    closes: datetime
    is_first_of_week: bool


def opening(hours: Mapping[str, Collection[str]], zone: str, *, now: datetime) -> Opening | None:
    """The opening in which `now` lies; None while the clinic is closed."""
    day = local_date(now, zone)
    span = hours.get(str(day.weekday()))
    if not span:
        return None
    opens, closes = (instant(day, time.fromisoformat(wall), zone) for wall in span)
    first = min(int(weekday) for weekday, some in hours.items() if some)
    return Opening(day, opens, closes, day.weekday() == first) if opens <= now < closes else None


def plan_digests(*, now: datetime) -> int:
    """A row for each member with something on the list of a clinic that has opened; gives new rows."""
    rows: list[Message] = []
    for clinic in Clinic.objects.all():
        found = opening(clinic.staffed_hours, clinic.zone, now=now)
        if found:
            for period in (DAILY, WEEKLY) if found.is_first_of_week else (DAILY,):
                rows += _rows(clinic, found, period, now=now)
    if not rows:
        return 0
    known = set(Message.objects.filter(slot__in=[row.slot for row in rows]).values_list("slot", flat=True))
    new = [row for row in rows if row.slot not in known]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _rows(clinic: Clinic, found: Opening, period: str, *, now: datetime) -> list[Message]:
    return [
        Message(
            clinic=clinic,
            user_id=user,
            kind=Message.Kind.DIGEST,
            slot=f"{period}:{clinic.pk.hex}:{found.day:%Y%m%d}:{user.hex}",
            local_date=found.day,
            due_at=found.opens,
            not_after=found.closes,
            planned_at=now,
        )
        for user in lists({clinic.pk}, period, until=found.opens, now=now)[clinic.pk]
    ]


def lists(
    clinics: Collection[UUID], period: str, *, until: datetime, now: datetime
) -> dict[UUID, dict[UUID, tuple[int, int]]]:
    """Clinic → member → (how many flags are on their list, how many of these are late). Two queries.

    Open and not put aside, come before `until`; information only of the last week.
    """
    flags = PainFlag.objects.waiting().reported().filter(clinic__in=clinics, severity=SEVERITY[period])
    flags = flags.exclude(snoozed_until__gt=now).filter(opened_at__lte=until)
    if period == WEEKLY:
        flags = flags.filter(opened_at__gt=until - WEEK)
    teams = teams_of(clinics, now=now)
    found: dict[UUID, dict[UUID, tuple[int, int]]] = defaultdict(dict)
    for flag in flags.select_related("patient"):
        for user in teams[flag.clinic_id].for_flag(flag):
            count, late = found[flag.clinic_id].get(user, NONE)
            found[flag.clinic_id][user] = count + 1, late + flag.is_late(now)
    return found
