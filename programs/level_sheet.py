"""Levels with their doses as a table for spreadsheets: written, read back, and taken into a clinic that has the levels.

Tempo has a column a number, because a spreadsheet takes 3-1-2 for a date. Weights are in kilograms.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import audit, spreadsheets
from clinic.models import Clinic, User
from programs.bounds import level_faults
from programs.entries import BadLibrary
from programs.loading import Compared, Fate, Loaded
from programs.models import Level
from programs.models.exercise import LoadUnit

WORDS = {"name": "name", "sides": "sides", "mode": "mode", "load": "load_unit", "moving_on": "approval"}
WHOLE = {
    "sets": "sets",
    "sets_most": "sets_max",
    "reps_from": "reps_low",
    "reps_to": "reps_high",
    "seconds_from": "seconds_low",
    "seconds_to": "seconds_high",
    "hold_s": "hold_s",
    "rest_s": "rest_s",
    "a_day_from": "per_day_low",
    "a_day_to": "per_day_high",
    "days_a_week_from": "per_week_low",
    "days_a_week_to": "per_week_high",
    "clean_days": "successes",
    "days_at_least": "min_days",
}
TEMPO = ("tempo_down_s", "tempo_pause_s", "tempo_up_s")
LOAD = {"load_from": "load_start", "load_step_least_kg": "load_min_step"}
COLUMNS = ("ladder", "level", *WORDS, *TEMPO, *WHOLE, *LOAD)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the level and its fields by model name."""

    line: int
    level: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: tuple[Row, ...]


def sheet_text(clinic: Clinic) -> str:
    """Every level of every ladder, in order."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for level in _levels(clinic):
        table.writerow([spreadsheets.cell(str(one)) for one in _cells(level)])
    return out.getvalue()


def _levels(clinic: Clinic) -> Iterable[Level]:
    return Level.objects.of(clinic).select_related("ladder").order_by("ladder__code", "position", "pk")


def _cells(level: Level) -> Iterator[Any]:
    yield from (level.ladder.code, level.code)
    yield from (getattr(level, field) for field in WORDS.values())
    yield from level.tempo.split("-")
    yield from (_blank(getattr(level, field)) for field in WHOLE.values())
    yield _kilograms(level.load_start) if level.load_unit == LoadUnit.KG else _blank(level.load_start)
    yield _kilograms(level.load_min_step)


def _blank(value: int | None) -> int | str:
    return "" if value is None else value


def _kilograms(grams: int | None) -> str:
    return "" if grams is None else f"{grams / 1000:.3f}".rstrip("0").rstrip(".")


# Reading


def read(text: str, *, name: str) -> Sheet:
    """Raises BadLibrary with column, reason and line of the first fault. Commas, semicolons or tabs between cells."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    table = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    try:
        heads = tuple(table.fieldnames or ())
        if missing := [column for column in COLUMNS if column not in heads]:
            raise BadLibrary(name, _("column “%(column)s” is missing") % {"column": missing[0]}, line=1)
        for cells in table:
            if any(cell for cell in cells.values()):
                rows.append(_row(cells, name, table.line_num))
    except csv.Error as fault:
        raise BadLibrary(name, _("is no table: %(why)s") % {"why": fault}, line=table.line_num) from None
    seen: set[str] = set()
    for row in rows:
        if row.level in seen:
            raise BadLibrary(name, _("%(level)s stands twice") % {"level": row.level}, line=row.line)
        seen.add(row.level)
    return Sheet(name, tuple(rows))


def _row(cells: Mapping[str | None, Any], name: str, line: int) -> Row:
    if None in cells or None in cells.values():
        raise BadLibrary(name, _("has more or fewer cells than the first line"), line=line)
    typed = {str(column): spreadsheets.as_typed(cell).strip() for column, cell in cells.items()}
    where = f"{name}, {typed['level'] or typed['ladder']}"
    try:
        values = _values(typed)
    except ValueError as fault:
        raise BadLibrary(where, str(fault), line=line) from None
    for field, why in level_faults(values).items():
        raise BadLibrary(where, f"{field}: {why}", line=line)
    return Row(line, typed["level"], values)


def _field(name: str) -> "models.Field[Any, Any]":
    return cast("models.Field[Any, Any]", Level._meta.get_field(name))


def _values(typed: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column, field in WORDS.items():
        values[field] = _one_of(column, typed[column], field)
    values["tempo"] = "-".join(str(_whole(column, typed[column]) or 0) for column in TEMPO)
    values |= {field: _whole(column, typed[column]) for column, field in WHOLE.items()}
    for column, field in WHOLE.items():
        if values[field] is None and not _field(field).null:
            raise ValueError(_("%(column)s: is needed") % {"column": column})
    kilograms = values["load_unit"] == LoadUnit.KG
    start, least = (typed[column] for column in LOAD)
    values["load_start"] = _grams("load_from", start) if kilograms else _whole("load_from", start)
    values["load_min_step"] = _grams("load_step_least_kg", least)
    return values


def _one_of(column: str, typed: str, field: str) -> str:
    choices: Any = _field(field).choices
    if choices and typed not in (names := [value for value, _label in choices]):
        text = _("%(column)s: “%(typed)s” is none of %(choices)s")
        raise ValueError(text % {"column": column, "typed": typed, "choices": ", ".join(names)})
    most = _field(field).max_length
    if not typed or len(typed) > (most or len(typed)):
        raise ValueError(_("%(column)s: 1 to %(most)s characters") % {"column": column, "most": most})
    return typed


def _whole(column: str, typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 6):
        raise ValueError(_("%(column)s: “%(typed)s” is not a whole number") % {"column": column, "typed": typed})
    return int(typed)


def _grams(column: str, typed: str) -> int | None:
    whole, _point, part = typed.replace(",", ".").partition(".")
    if not typed:
        return None
    if not all(digits.isascii() and (digits.isdecimal() or not digits) for digits in (whole, part)) or len(typed) > 8:
        raise ValueError(_("%(column)s: “%(typed)s” is not a weight in kg") % {"column": column, "typed": typed})
    return round(float(f"{whole or 0}.{part or 0}") * 1000)


# Into a clinic


def compare(clinic: Clinic, sheet: Sheet) -> list[Compared]:
    """Every line beside the level the clinic has. Raises BadLibrary for a level it does not have."""
    mine = {level.code: level for level in _levels(clinic)}
    found = []
    for row in sheet.rows:
        if row.level not in mine:
            text = _("there is no level %(level)s: add it to its ladder first")
            raise BadLibrary(sheet.name, text % {"level": row.level}, line=row.line)
        level = mine[row.level]
        what = tuple(
            f"{_field(field).verbose_name}: {_shown(getattr(level, field))} → {_shown(value)}"
            for field, value in row.values.items()
            if getattr(level, field) != value
        )
        found.append(Compared(f"level {row.level}", level.name, Fate.CHANGED if what else Fate.SAME, what))
    return found


def _shown(value: Any) -> str:
    return "–" if value in (None, "") else str(value)


@transaction.atomic
def bring_in(
    clinic: Clinic, sheet: Sheet, *, replace: Collection[str] = (), actor: User | None, now: datetime
) -> Loaded:
    """Give the levels whose keys `replace` holds the numbers of their lines. No published version changes."""
    Clinic.objects.select_for_update().get(pk=clinic.pk)
    differs = [one.key for one in compare(clinic, sheet) if one.fate is Fate.CHANGED]
    loaded = Loaded(
        replaced=[key for key in differs if key in replace], kept=[key for key in differs if key not in replace]
    )
    for row in sheet.rows:
        if f"level {row.level}" in loaded.replaced:
            Level.objects.of(clinic).filter(code=row.level).update(**row.values)
    if loaded.changed:
        audit.note("load_library", clinic, clinic=clinic, actor=actor, now=now)
    return loaded
