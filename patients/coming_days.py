"""The days to come on which a program asks for something, as its plan stands now: a few weeks, and no promise."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from clinic.zones import local_date
from patients.models import Hold, Program, ProgramItem
from patients.models.hold import HoldScope
from patients.plan import asks_on, days_logged, why_held
from patients.program_items import RELATED

AHEAD = 28  # days, today among them


def coming_days(program: Program, *, now: datetime) -> list[date]:
    """Local dates from today on, supposing that each day is done as it comes. Nothing while the plan is at rest.

    A fixed number of queries. Load the patient with the program.
    """
    if program.paused_until or Hold.objects.open().filter(patient=program.patient, scope=HoldScope.PLAN).exists():
        return []
    today = local_date(now, program.patient.zone)
    items = list(ProgramItem.objects.filter(program=program, ended_on=None).select_related(*RELATED))
    done = days_logged(items, since=today - timedelta(days=today.weekday()))
    return sorted({day for item in items if not why_held(item) for day in _days_of(item, set(done[item.pk]), today)})


def _days_of(item: ProgramItem, done: set[date], today: date) -> Iterator[date]:
    wanted = item.level.content["per_week_high"]
    for day in (today + timedelta(days=offset) for offset in range(AHEAD)):
        if item.starts_on <= day and asks_on(day, wanted, done, item.last_performed_on):
            done.add(day)
            yield day
