"""Follow-up targets run in the hours in which somebody is at the clinic. Pure functions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from clinic.zones import instant, local_date

FAR = 366  # days looked ahead: a clinic without staffed hours has no due times, and says so


def staffed_spans(
    start: datetime, hours: Mapping[str, Sequence[str]], zone_name: str
) -> Iterator[tuple[datetime, datetime]]:
    """The spans (UTC) from `start` on in which the clinic is staffed; `hours`: weekday "0" (Monday) → [from, to]."""
    first = local_date(start, zone_name)
    for offset in range(FAR):
        day: date = first + timedelta(days=offset)
        span = hours.get(str(day.weekday()))
        if not span:
            continue
        opens, closes = (instant(day, time.fromisoformat(wall), zone_name) for wall in span)
        if closes > start:
            yield max(opens, start), closes


def last_close(now: datetime, hours: Mapping[str, Sequence[str]], zone_name: str) -> datetime | None:
    """The latest end of a staffed day up to `now` (UTC); None for a clinic that is never staffed."""
    today = local_date(now, zone_name)
    for day in (today - timedelta(days=back) for back in range(FAR)):
        span = hours.get(str(day.weekday()))
        closes = instant(day, time.fromisoformat(span[1]), zone_name) if span else None
        if closes and closes <= now:
            return closes
    return None


def after_minutes(start: datetime, minutes: int, hours: Mapping[str, Sequence[str]], zone_name: str) -> datetime | None:
    """The instant by which `minutes` of staffed time have passed; None for a clinic that is never staffed."""
    left = timedelta(minutes=minutes)
    for opens, closes in staffed_spans(start, hours, zone_name):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    return None


def after_working_days(
    start: datetime, days: int, hours: Mapping[str, Sequence[str]], zone_name: str
) -> datetime | None:
    """The end of the `days`th staffed day after the day of `start`."""
    today = local_date(start, zone_name)
    later = [closes for _opens, closes in _first_spans(start, hours, zone_name, days + 1)]
    later = [closes for closes in later if local_date(closes, zone_name) > today]
    return later[days - 1].astimezone(UTC) if len(later) >= days else None


def _first_spans(
    start: datetime, hours: Mapping[str, Sequence[str]], zone_name: str, count: int
) -> list[tuple[datetime, datetime]]:
    spans = staffed_spans(start, hours, zone_name)
    return [span for span, _n in zip(spans, range(count), strict=False)]
