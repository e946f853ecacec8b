"""Reads the levels of a ladder from a library file: each inherits from the file, then the ladder, then says its own."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.bounds import level_faults
from programs.drawings import NAMES, NO_DRAWING
from programs.entries import REGRESS, Entry, is_mapping, is_whole, read_regress
from programs.library_values import LevelEntry
from programs.models.exercise import LoadUnit, Mode, Sides

LEVEL_CODE = re.compile(r"([A-Z][A-Z0-9]{1,7})-(\d{1,2})")
# What a ladder may set for all its levels.
INHERITED = {"sides", "mode", "tempo", "rest_s", "per_day", "per_week", "load", "advance"}
LEVEL_DETAILS = ("variants", "then", "equal", "notes")
LEVEL_PICTURE = ("drawing", "picture_text")
LEVEL = INHERITED | {
    "id",
    "name",
    "sets",
    "sets_max",
    "reps",
    "seconds",
    "hold_s",
    "method",
    "equipment",
    "optional_if_missing",
    "sets_gate",
    "requires_gates",
    "terminal",
    "seed",
    "regress",
    *LEVEL_DETAILS,
    *LEVEL_PICTURE,
}
LOAD = {"unit", "start", "step_pct", "min_step"}
ADVANCE = {"successes", "distinct_days", "pain_max", "form", "check24h", "min_days_at_level", "approval"}
METHODS = ("", "double_progression", "dapre")


def read_levels(
    entry: Entry, ladder: str, defaults: Mapping[str, Any], from_level: Mapping[str, list[str]]
) -> list[LevelEntry]:
    """The levels of the ladder called `ladder`; `from_level` says what each needs at home. Raises BadLibrary."""
    rows = entry.values.get("levels")
    if not isinstance(rows, list) or not rows:
        entry.refuse(_("has no levels"))
    levels: list[LevelEntry] = []
    seen: set[str] = set()
    for position, row in enumerate(rows, start=1):
        code = str(row.get("id", "")) if is_mapping(row) else ""
        level = Entry(f"{entry.where}, level {code or position}", row, LEVEL)
        found = LEVEL_CODE.fullmatch(code)
        if found is None or found[1] != ladder:
            level.refuse(_("its id must be %(ladder)s-1, %(ladder)s-2 and so on") % {"ladder": ladder})
        if code in seen:
            level.refuse(_("stands twice"))
        seen.add(code)
        if level.truth("terminal") and position < len(rows):
            level.refuse(_("is marked as the top, but levels follow it"))
        own = from_level.get(code, [])
        values = {"position": position, **_level(level, entry, defaults, own)}
        levels.append(LevelEntry(level.where, code, values))
    return levels


def _level(own: Entry, ladder: Entry, defaults: Mapping[str, Any], equipment: list[str]) -> dict[str, Any]:
    base = Entry(own.where, _inherited(own, ladder, defaults), LEVEL)
    advance = base.inside("advance", base.values.get("advance", {}), ADVANCE)
    reps, seconds = base.pair("reps"), base.pair("seconds")
    per_day, per_week = (
        base.pair(key) if key in base else (low, low) for key, low in (("per_day", 1), ("per_week", 3))
    )
    values = {
        "name": own.text("name", most=120, needed=True),
        "sides": base.one_of("sides", Sides.values, default=Sides.BOTH),
        "mode": base.one_of("mode", Mode.values, default=Mode.REPS),
        "sets": base.whole("sets", low=1, high=20, default=2),
        "sets_max": base.whole("sets_max", low=1, high=20),
        "reps_low": reps[0],
        "reps_high": reps[1],
        "seconds_low": seconds[0],
        "seconds_high": seconds[1],
        "hold_s": base.whole("hold_s", low=1, high=1800),
        "tempo": base.text("tempo", most=12) or "2-0-2",
        "rest_s": base.whole("rest_s", low=0, high=1800, default=60),
        "per_day_low": per_day[0],
        "per_day_high": per_day[1],
        "per_week_low": per_week[0],
        "per_week_high": per_week[1],
        **_load(base.inside("load", base.values.get("load", {}), LOAD)),
        "method": base.one_of("method", METHODS, default=""),
        "equipment": (mine := own.lines("equipment")) + [thing for thing in equipment if thing not in mine],
        "optional_if_missing": own.lines("optional_if_missing"),
        "successes": advance.whole("successes", low=1, high=50, default=2),
        "min_days": advance.whole("min_days_at_level", low=0, high=365, default=3),
        "approval": advance.one_of("approval", ("auto", "therapist"), default="auto"),
        "sets_gate": own.text("sets_gate", most=60),
        "requires_gates": own.lines("requires_gates"),
        "terminal": own.truth("terminal"),
        "seed": own.lines("seed"),
        "details": _level_details(own, advance),
    }
    for faulty, why in level_faults(values).items():
        own.refuse(f"{faulty}: {why}")
    return values


def _inherited(own: Entry, ladder: Entry, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """`advance` and `load` are merged entry by entry; a load of another unit starts from nothing."""
    merged: dict[str, Any] = {}
    for source in (defaults, ladder.values):
        merged |= {key: source[key] for key in INHERITED if key in source}
    merged |= own.values
    merged["advance"] = {
        key: value
        for source in (defaults, ladder.values, own.values)
        for key, value in own.inside("advance", source.get("advance", {}), ADVANCE).values.items()
    }
    return merged


def _load(entry: Entry) -> dict[str, Any]:
    unit = entry.one_of("unit", LoadUnit.values, default=LoadUnit.BODYWEIGHT)
    step = entry.values.get("step_pct", [])
    if not isinstance(step, list) or not all(is_whole(part) for part in step):
        entry.refuse(_("step_pct: must be two whole numbers, from and to"))
    return {
        "load_unit": unit,
        "load_start": _amount(entry, "start", grams=unit == LoadUnit.KG),
        "load_step_pct": list(step),
        "load_min_step": _amount(entry, "min_step", grams=True),
    }


def _amount(entry: Entry, key: str, *, grams: bool) -> int | None:
    """Kilograms in the file are grams in the database: whole numbers add up, 1.25 added ten times does not."""
    value = entry.values.get(key)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not -1e6 < value < 1e6:
        entry.refuse(_("%(key)s: must be a number") % {"key": key})
    return round(value * 1000) if grams else int(value)


def _level_details(own: Entry, advance: Entry) -> dict[str, Any]:
    for key in LEVEL_DETAILS:
        own.lines(key)
    read_regress(own.inside("regress", own.values.get("regress", {}), REGRESS))
    advance.truth("distinct_days")
    for key in ("pain_max", "form", "check24h"):
        advance.text(key, most=60)
    own.one_of("drawing", ("", NO_DRAWING, *NAMES), default="")
    own.text("picture_text", most=240)
    details = {key: own.values[key] for key in (*LEVEL_DETAILS, *LEVEL_PICTURE, "regress") if key in own}
    modelled = ("successes", "min_days_at_level", "approval")
    rest = {key: value for key, value in advance.values.items() if key not in modelled}
    return details | ({"advance": rest} if rest else {})
