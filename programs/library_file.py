"""Reads library files (gates, ladders, templates in YAML) into values, or refuses them: file, entry and reason.

Every file is read before anything is checked across files, so a template may name a ladder of another file.
A level inherits the `defaults` of its file, then its ladder, then its own entries.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from programs.bounds import level_faults
from programs.drawings import NAMES, NO_DRAWING
from programs.entries import (
    CRAMP,
    EQUIPMENT,
    EXIT,
    REGRESS,
    REQUIRES,
    WHEN,
    BadLibrary,
    Entry,
    is_mapping,
    is_whole,
    read_cramp,
    read_equipment,
    read_exit,
    read_paths,
    read_regress,
    read_requires,
    read_when,
    read_words_by_level,
)
from programs.library_checks import check
from programs.library_values import GateEntry, ItemEntry, LadderEntry, LevelEntry, Library, PhaseEntry, TemplateEntry
from programs.models.exercise import Kind, LoadUnit, Mode, Region, Sides
from programs.models.template import PainPolicy
from programs.nerve import NERVE_CODES
from programs.rules import Lighter
from programs.yaml_text import parse, text_of

LIBRARY = Path(__file__).parent / "library"
GATE_RECORDERS = ("therapist", "therapist_or_self", "therapist_or_video", "log", "log_plus_therapist")

TOP = {"defaults", "gates", "ladders", "templates", "screens", "library_only"}
# What a ladder may set for all its levels.
INHERITED = {"sides", "mode", "tempo", "rest_s", "per_day", "per_week", "load", "advance"}
SAFETY = ("regress", "stop", "cramp")
DEFAULTS = INHERITED | {*SAFETY, "region", "lighter", "contraindications"}
GATE = {"by", "text", "values", "seed", "override"}
LADDER_LISTS = ("how", "cues", "mistakes", "precautions", "adjustments")
LADDER_DETAILS = (
    "contraindications_at",
    "mistakes_from",
    "notes",
    "on_fault",
    "rule_24h",
    "cease_if",
    "precaution_codes",
    "overridable",
    "independent_sides",
    *SAFETY,
)
LADDER = INHERITED | {
    "title",
    "kind",
    "region",
    "target",
    "setup",
    "movement",
    "contraindications",
    "equipment",
    "requires",
    "blocks",
    "lighter",
    "seed_file",
    "levels",
    "retired",
    *LADDER_LISTS,
    *LADDER_DETAILS,
}
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
TEMPLATE = {
    "title",
    "seeds",
    "for",
    "entry",
    "max_active_items",
    "blocked_ladders",
    "phases",
    "pain_policy",
    "education",
    "paths",
    "retired",
}
PHASE = {"name", "path", "days", "items", "exit", "choose_max"}
ITEM = {"ladder", "start", "cap", "from_day"}
LADDER_CODE, LEVEL_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}"), re.compile(r"([A-Z][A-Z0-9]{1,7})-(\d{1,2})")
NAME = re.compile(r"[A-Za-z0-9_]{1,60}")


def shipped_library() -> Library:
    """The library that comes with the software: every YAML file right under programs/library/."""
    return read_library(sorted(LIBRARY.glob("*.yaml")))


def read_library(files: Iterable[Path]) -> Library:
    """All `files` as one library. Raises BadLibrary with file, entry, reason and line of the first fault."""
    library = Library()
    for path in files:
        name = f"{path.parent.name}/{path.name}"
        _read_text(text_of(path, name), name, library)
    check(library)
    return library


def read_text(text: str, *, name: str) -> Library:
    """A library from one text, called `name` where it is refused. Raises BadLibrary as `read_library`."""
    library = Library()
    _read_text(text, name, library)
    check(library)
    return library


def _read_text(text: str, name: str, library: Library) -> None:
    top = Entry(name, parse(text, name), TOP)
    defaults = top.mapping("defaults", DEFAULTS)
    for code, values in top.mapping("gates").items():
        _add(library.gates, _gate(Entry(f"{name}, gate {code}", values, GATE), code))
    for code, values in top.mapping("ladders").items():
        _add(library.ladders, _ladder(Entry(f"{name}, ladder {code}", values, LADDER), code, defaults))
    for code, values in top.mapping("templates").items():
        _add(library.templates, _template(Entry(f"{name}, template {code}", values, TEMPLATE), code))
    for code, values in top.mapping("screens").items():
        if is_mapping(values) and "sets_gate" in values:
            library.screens[f"{name}, screen {code}"] = str(values["sets_gate"])


def _add(entries: dict[str, Any], entry: Any) -> None:
    if entry.code in entries:
        raise BadLibrary(entry.where, _("stands twice, also in %(other)s") % {"other": entries[entry.code].where})
    entries[entry.code] = entry


def _gate(entry: Entry, code: str) -> GateEntry:
    if not NAME.fullmatch(code):
        entry.refuse(_("its name may hold letters, digits and underscores, 60 at most"))
    values = {
        "text": entry.text("text", most=240, needed=True),
        "recorded_by": entry.one_of("by", GATE_RECORDERS),
        "values": entry.lines("values"),
        "overridable": entry.truth("override"),
        "source": entry.text("seed", most=40),
    }
    return GateEntry(entry.where, code, values)


def _ladder(entry: Entry, code: str, defaults: Mapping[str, Any]) -> LadderEntry:
    if not LADDER_CODE.fullmatch(code):
        entry.refuse(_("its name must be two to eight capital letters or digits"))
    base = Entry(entry.where, {**defaults, **entry.values}, LADDER)
    equipment = entry.mapping("equipment", EQUIPMENT | {"from_level"})
    at_level = entry.inside("equipment, from_level", equipment.pop("from_level", {}), _codes_of(entry))
    from_level = {level: at_level.lines(level) for level in at_level.values}
    values = {
        "title": entry.text("title", most=120, needed=True),
        "kind": entry.one_of("kind", Kind.values),
        "region": base.one_of("region", Region.values, default=Region.POSTERIOR_THIGH_HIP),
        "target": entry.text("target", most=200),
        "setup": entry.text("setup", most=2000),
        "movement": entry.text("movement", most=2000),
        **{key: entry.lines(key) for key in LADDER_LISTS},
        "contraindications": _merged_lists(entry, defaults, "contraindications"),
        "equipment": read_equipment(entry.inside("equipment", equipment, EQUIPMENT)),
        "requires": read_requires(entry.inside("requires", entry.values.get("requires", {}), REQUIRES)),
        "blocks": entry.lines("blocks"),
        "lighter": _lighter(base),
        "sources": entry.line_or_lines("seed_file"),
        "details": _ladder_details(entry, defaults),
    }
    levels = _levels(entry, code, defaults, from_level)
    return LadderEntry(entry.where, code, values, levels, retired=entry.truth("retired"))


def _codes_of(entry: Entry) -> list[str]:
    rows = entry.values.get("levels")
    return [str(row.get("id")) for row in rows if is_mapping(row)] if isinstance(rows, list) else []


def _merged_lists(entry: Entry, defaults: Mapping[str, Any], key: str) -> list[str]:
    """The file's list first, then the ladder's own: what applies to every ladder cannot be taken away."""
    own = entry.lines(key)
    return [one for one in Entry(entry.where, defaults, DEFAULTS).lines(key) if one not in own] + own


def _lighter(entry: Entry) -> list[str]:
    order = entry.inside("lighter", entry.values.get("lighter", {}), {"order"}).lines("order")
    for way in order:
        if way not in list(Lighter):
            entry.refuse(_('lighter: "%(way)s" is none of %(ways)s') % {"way": way, "ways": ", ".join(Lighter)})
    return order


def _ladder_details(entry: Entry, defaults: Mapping[str, Any]) -> dict[str, Any]:
    for key in ("contraindications_at", "mistakes_from"):
        read_words_by_level(entry.inside(key, entry.mapping(key), entry.mapping(key)))
    for key in ("notes", "precaution_codes", "overridable", "stop"):
        entry.lines(key)
    if nerve := NERVE_CODES & set(entry.lines("overridable")):
        entry.refuse(_("overridable: nobody may overrule %(code)s") % {"code": min(nerve)})
    entry.truth("independent_sides")
    for key in ("on_fault", "cease_if", "rule_24h"):
        entry.text(key, most=240)
    read_regress(entry.inside("regress", entry.values.get("regress", {}), REGRESS))
    read_cramp(entry.inside("cramp", entry.values.get("cramp", {}), CRAMP))
    details = {key: entry.values[key] for key in LADDER_DETAILS if key in entry}
    for key in SAFETY:
        shared = defaults.get(key)
        if isinstance(shared, dict):
            details[key] = shared | entry.mapping(key)
        elif shared is not None:
            details.setdefault(key, shared)
    return details


def _levels(
    entry: Entry, ladder: str, defaults: Mapping[str, Any], from_level: Mapping[str, list[str]]
) -> list[LevelEntry]:
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


def _template(entry: Entry, code: str) -> TemplateEntry:
    if not NAME.fullmatch(code):
        entry.refuse(_("its name may hold letters, digits and underscores, 60 at most"))
    paths = read_paths(entry.inside("paths", entry.mapping("paths"), entry.mapping("paths")))
    values = {
        "title": entry.text("title", most=120, needed=True),
        "for_whom": entry.text("for", most=240),
        "entry": read_when(entry.inside("entry", entry.values.get("entry", {}), WHEN)),
        "pain_policy": entry.one_of("pain_policy", PainPolicy.values, default=PainPolicy.MONITORED),
        "max_active_items": entry.whole("max_active_items", low=1, high=6, default=3),
        "blocked_ladders": entry.lines("blocked_ladders"),
        "education": entry.lines("education"),
        "paths": paths,
    }
    rows = entry.values.get("phases")
    if not isinstance(rows, list) or not rows:
        entry.refuse(_("has no phases"))
    phases = [_phase(entry, position, row, paths) for position, row in enumerate(rows, start=1)]
    sources = entry.line_or_lines("seeds")
    return TemplateEntry(entry.where, code, sources, values, phases, retired=entry.truth("retired"))


def _phase(entry: Entry, position: int, row: object, paths: Mapping[str, Any]) -> PhaseEntry:
    name = str(row.get("name", position)) if is_mapping(row) else str(position)
    phase = Entry(f"{entry.where}, phase {name}", row, PHASE)
    if phase.values.get("path", "") not in ("", *paths):
        phase.refuse(_('path "%(path)s" is not among the paths') % {"path": phase.values["path"]})
    day_from, day_to = phase.pair("days")
    if day_from is None or day_to is None or not 1 <= day_from <= day_to <= 730:
        phase.refuse(_("days: two numbers from 1 to 730, the smaller first"))
    items = phase.values.get("items")
    if not isinstance(items, list) or not items:
        phase.refuse(_("has no exercises"))
    values = {
        "position": position,
        "name": phase.text("name", most=80, needed=True),
        "path": phase.text("path", most=20),
        "day_from": day_from,
        "day_to": day_to,
        "choose_max": phase.whole("choose_max", low=1, high=6),
        "exit": read_exit(phase.inside("exit", phase.values.get("exit", {}), EXIT)),
    }
    return PhaseEntry(phase.where, values, [_item(phase, number, item) for number, item in enumerate(items, start=1)])


def _item(phase: Entry, position: int, row: object) -> ItemEntry:
    item = Entry(f"{phase.where}, exercise {position}", row, ITEM)
    values = {
        "position": position,
        "start_code": item.text("start", most=16, needed=True),
        "cap_code": item.text("cap", most=16),
        "from_day": item.whole("from_day", low=1, high=365, default=1),
    }
    return ItemEntry(item.where, item.text("ladder", most=12, needed=True), values)
