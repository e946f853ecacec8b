"""Time zones on offer, and the one place where a wall time becomes an instant."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def offered_zones() -> tuple[str, ...]:
    """Area/City names only: `CET` and the like are fixed offsets to some databases and rules to others."""
    areas = {
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    }
    return tuple(sorted(name for name in available_timezones() if name.split("/")[0] in areas and "/" in name))


def validate_zone(name: str) -> None:
    if name not in offered_zones():
        raise ValidationError(_("%(zone)s is not a time zone: take one like Europe/London."), params={"zone": name})


@cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def instant(day: date, wall: time, zone_name: str) -> datetime:
    """The UTC instant of a wall time on a local date: a missing time moves forward, a repeated one is the first.

    RFC 5545 section 3.3.5; `fold=0` does exactly this.
    """
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone(zone_name)).astimezone(UTC)


def local_date(at: datetime, zone_name: str) -> date:
    return at.astimezone(zone(zone_name)).date()
