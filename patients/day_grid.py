"""The last days as exercise × day: done, part, skipped, or the pain that was too much. Built from logs read before."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.models import ExerciseLog, ProgramItem
from patients.work_done import done_in
from programs.dose import from_json
from programs.rulebook import current_rules
from programs.rules import Facts, limits

DAYS = 14
NEARLY = 0.99  # shares are fractions of whole sets: a rounding error is no missing repetition

SKIP_WORDS = {
    "hurts": gettext_lazy("it hurt"),
    "cramp": gettext_lazy("cramp"),
    "no_time": gettext_lazy("no time"),
    "no_equipment": gettext_lazy("no equipment"),
    "unsure": gettext_lazy("unsure how"),
    "other": gettext_lazy("another reason"),
    "too_late": gettext_lazy("told more than 14 days later, kept as a note"),
}


@dataclass(frozen=True)
class Cell:
    day: date
    state: str  # done, part, skipped, pain, or rest
    pain: int | None
    words: str


@dataclass(frozen=True)
class GridRow:
    name: str
    code: str
    before: tuple[str, ...]  # names of the equal exercises it was swapped for, the latest first
    has_ended: bool
    cells: tuple[Cell, ...]


def last_days(today: date, length: int = DAYS) -> list[date]:
    return [today - timedelta(days=back) for back in range(length - 1, -1, -1)]


def day_grid(logs: Iterable[ExerciseLog], items: Sequence[ProgramItem], *, days: Sequence[date]) -> list[GridRow]:
    """A row for each current exercise and each that was logged in these days; equal ones swapped are one row.

    Sides that go their own way now have a row each, both with what was done before they parted.
    `logs` come with their session, level and `item__ladder_version`, `item__level`, `item__episode` loaded.
    """
    lines: dict[UUID, dict[UUID, ProgramItem]] = defaultdict(dict)
    by_day: dict[tuple[UUID, date], list[ExerciseLog]] = defaultdict(list)
    for item in items:
        lines[item.line_id][item.pk] = item
    for log in logs:
        if log.session.local_date in days:
            line = log.item.line_id
            lines[line].setdefault(log.item_id, log.item)
            by_day[line, log.session.local_date].append(log)
    return [
        _row(
            [item for item in line.values() if _trains(item, side)],
            days,
            {day: [log for log in by_day[key, day] if _trains(log.item, side)] for day in days},
        )
        for key, line in lines.items()
        for side in _sides_apart(line.values())
    ]


def _sides_apart(line: Iterable[ProgramItem]) -> list[str]:
    return [item.side for item in line if item.apart and item.ended_on is None] or [""]


def _trains(item: ProgramItem, side: str) -> bool:
    return not side or not item.apart or item.side == side


def _row(line: Sequence[ProgramItem], days: Sequence[date], by_day: Mapping[date, Sequence[ExerciseLog]]) -> GridRow:
    newest_first = sorted(line, key=lambda item: (item.ended_on is None, str(item.pk)), reverse=True)
    item = newest_first[0]
    return GridRow(
        name=item.name,
        code=item.level.code,
        before=tuple(one.level.name for one in newest_first[1:] if one.ladder_version.code != item.ladder_version.code),
        has_ended=item.ended_on is not None,
        cells=tuple(_cell(item, day, by_day[day]) for day in days),
    )


def _cell(item: ProgramItem, day: date, logs: Sequence[ExerciseLog]) -> Cell:
    done = [log for log in logs if not log.skipped]
    pain = worst_pain(logs)
    if not logs:
        return Cell(day, "rest", None, _("nothing logged"))
    if pain is not None and pain >= _too_much(item):
        return Cell(day, "pain", pain, _("pain %(pain)s") % {"pain": pain})
    if not done:
        return Cell(day, "skipped", pain, _("skipped: %(why)s") % {"why": skip_words(logs[0].skipped)})
    if _share(done) >= NEARLY:
        return Cell(day, "done", pain, _("done, pain %(pain)s") % {"pain": _or_dash(pain)})
    return Cell(day, "part", pain, _("part of the dose, pain %(pain)s") % {"pain": _or_dash(pain)})


def worst_pain(logs: Iterable[ExerciseLog]) -> int | None:
    return max((pain for log in logs for pain in (log.pain_during, log.pain_after) if pain is not None), default=None)


def skip_words(reason: str) -> str:
    return str(SKIP_WORDS.get(reason, reason))


def _or_dash(pain: int | None) -> str:
    return "–" if pain is None else str(pain)


def _too_much(item: ProgramItem) -> int:
    """From this pain on the rules step back: the same limit they read, with this patient's own where one is set."""
    facts = Facts(usual=item.episode.usual_pain, **item.limits)
    return limits(facts, current_rules().params).regress_at


def _share(logs: Sequence[ExerciseLog]) -> float:
    """Of the dose, on the weaker side; of sides logged each by itself, the one that did less."""
    by_item: dict[UUID, list[ExerciseLog]] = defaultdict(list)
    for log in logs:
        by_item[log.item_id].append(log)
    return min(_share_of(mine) for mine in by_item.values())


def _share_of(logs: Sequence[ExerciseLog]) -> float:
    level = logs[0].level.content
    asked = logs[0].item.sides_asked(level["sides"])
    done = done_in(
        [log.sets for log in logs],
        from_json(logs[0].prescribed),
        asked_sides=asked,
        to_fatigue=level["mode"] == "fatigue",
    )
    return min(done.left, done.right)
