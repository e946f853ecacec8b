"""How it went so far, in figures a patient can read: pain, sessions logged, one side beside the other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.charts import Bar, BarChart, LineChart, Mark, Point, Series
from clinic.zones import local_date
from patients.models import Decision, ExerciseLog, Hold, NextDayQuestion, Program, ProgramEvent, ProgramItem
from patients.work_done import fewest_reps

SHOWN = timedelta(days=90)
SPANS = (7, 30, 90)


@dataclass(frozen=True)
class Sides:
    """The weakest set of each side, the last time both were logged."""

    name: str
    left: int
    right: int
    on: date

    @property
    def most(self) -> int:
        return max(self.left, self.right, 1)


@dataclass(frozen=True)
class Progress:
    """`days` are those with a log. Empty charts are None: a page without a log says what to do instead."""

    days: int
    pain: LineChart | None
    logged: BarChart
    sides: tuple[Sides, ...]
    steps: tuple[Mark, ...]  # level changes and swaps, newest first


def progress_of(program: Program, *, now: datetime) -> Progress:
    """The last ninety days of `program` (its patient loaded), in the same few queries whatever there is.

    Of a program that has ended: the last ninety days of it.
    """
    here = local_date(now, program.patient.zone)
    today = min(here, program.ended_on or here)
    first = max(program.started_on, today - SHOWN)
    logs = list(
        ExerciseLog.objects.current()
        .filter(session__program=program, session__local_date__gte=first, skipped="")
        .select_related("session", "level", "item__ladder_version")
        .order_by("session__performed_at", "pk")
    )
    answers = NextDayQuestion.objects.filter(program=program, local_date__gte=first).exclude(pain=None)
    steps = _steps(program, first)
    holds = Hold.objects.filter(program=program, opened_at__date__gte=first).order_by("opened_at")
    held = [
        Mark(
            local_date(hold.opened_at, program.patient.zone),
            str(_("On hold: %(what)s")) % {"what": hold.get_scope_display()},
            "hold",
        )
        for hold in holds
    ]
    changed = sorted([*steps, *_swaps(program, first)], key=lambda mark: mark.at)
    items = list(ProgramItem.objects.filter(program=program).select_related("level"))
    return Progress(
        days=len({log.session.local_date for log in logs}),
        pain=_pain(logs, answers, [*steps, *held]) if logs else None,
        logged=_logged(logs, items, today),
        sides=_sides(logs),
        steps=tuple(changed[::-1]),
    )


def _pain(logs: Sequence[ExerciseLog], answers: Iterable[NextDayQuestion], marks: Sequence[Mark]) -> LineChart:
    """The worst score of each day: one line before, one during, and what the next day said."""
    before: dict[date, int] = {}
    during: dict[date, int] = {}
    for log in logs:
        day = log.session.local_date
        before[day] = max(before.get(day, 0), log.pain_before or 0)
        during[day] = max(during.get(day, 0), log.pain_during or 0, log.pain_after or 0)
    after: dict[date, int] = {}
    for answer in answers:
        after[answer.local_date] = max(after.get(answer.local_date, 0), answer.pain or 0)
    days = sorted(during)
    words = {"first": during[days[0]], "last": during[days[-1]], "worst": max(during.values())}
    return LineChart(
        title=_("Pain, 0 to 10"),
        summary=_("Worst pain of the first day %(first)s, of the last day %(last)s; the most in between %(worst)s.")
        % words,
        series=[
            Series(_("During and after"), [Point(day, during[day]) for day in days]),
            Series(_("Before"), [Point(day, before[day]) for day in days]),
            Series(_("Next day"), [Point(day, value) for day, value in sorted(after.items())]),
        ],
        marks=sorted(marks, key=lambda mark: mark.at),
    )


def _steps(program: Program, first: date) -> list[Mark]:
    rows = (
        Decision.objects.filter(item__program=program, local_date__gte=first)
        .exclude(level_to="")
        .select_related("item__ladder_version")
        .prefetch_related("item__ladder_version__levels")
        .order_by("decided_at", "sequence")
    )
    return [
        Mark(
            row.local_date,
            (_("A step up: %(exercise)s") if _is_up(row) else _("A step back: %(exercise)s"))
            % {"exercise": capfirst(_name(row.item, row.level_to))},
            "up" if _is_up(row) else "down",
        )
        for row in rows
        if row.level_to != row.level_from
    ]


def _swaps(program: Program, first: date) -> Iterator[Mark]:
    """Which exercise gave way to which, and at whose wish: what staff wrote down as the reason is theirs."""
    for event in ProgramEvent.objects.filter(program=program, kind="swap", at__date__gte=first).exclude(data={}):
        why = _("you chose an equal exercise") if event.data["own"] else _("your clinic changed it")
        yield Mark(
            local_date(event.at, program.patient.zone),
            _("“%(old)s” gave way to “%(new)s”: %(why)s") % {**event.data, "why": why},
            "note",
        )


def _is_up(row: Decision) -> bool:
    return _number(row.level_to) > _number(row.level_from)


def _name(item: ProgramItem, code: str) -> str:
    """What the patient knows the exercise by: the level's own name, as on Today."""
    names = {level.code: level.name for level in item.ladder_version.levels.all()}
    return names.get(code, item.ladder_version.title)


def _number(code: str) -> int:
    """A level's place on its ladder, which its code ends in: BRG-4 is the fourth."""
    last = code.rpartition("-")[2]
    return int(last) if last.isdecimal() else 0


def _logged(logs: Sequence[ExerciseLog], items: Sequence[ProgramItem], today: date) -> BarChart:
    """Exercises logged beside those the program asks for: the low end of its days a week, from each one's first day."""
    bars = []
    for span in SPANS:
        first = today - timedelta(days=span - 1)
        done = {(log.item_id, log.session.local_date) for log in logs if log.session.local_date >= first}
        asked = round(sum(_asked(item, first, today) for item in items))
        label = ngettext("%(count)d day", "%(count)d days", span) % {"count": span}
        bars.append(Bar(label, len(done), of=asked))
    summary = _("Exercises logged in the last 7 days: %(done)s. Planned: %(asked)s.")
    return BarChart(
        title=_("Logged and planned"),
        summary=summary % {"done": bars[0].value, "asked": bars[0].of},
        bars=bars,
        value_label=_("Logged"),
        of_label=_("Planned"),
    )


def _asked(item: ProgramItem, first: date, today: date) -> float:
    last = min(today, item.ended_on - timedelta(days=1)) if item.ended_on else today
    days = max(0, (last - max(first, item.starts_on)).days + 1)
    return float(days * item.level.content["per_week_low"] / 7)


def _sides(logs: Sequence[ExerciseLog]) -> tuple[Sides, ...]:
    found: dict[object, Sides] = {}
    for log in logs:
        least = fewest_reps(log.sets)
        if {"left", "right"} <= set(least):
            found[log.item_id] = Sides(log.level.name, least["left"], least["right"], log.session.local_date)
    return tuple(found.values())
