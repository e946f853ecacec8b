"""Reads library files (gates, ladders, templates in YAML) into values, or refuses them: file, entry and reason.

Every file is read before anything is checked across files, so a template may name a ladder of another file.
A level inherits the `defaults` of its file, then its ladder, then its own entries.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeGuard

import yaml
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from programs.bounds import level_faults
from programs.models.exercise import Kind, LoadUnit, Mode, Region, Sides
from programs.models.template import PainPolicy
from programs.rules import Lighter

LIBRARY = Path(__file__).parent / "library"
GATE_RECORDERS = ("therapist", "therapist_or_self", "therapist_or_video", "log", "log_plus_therapist")

TOP = {"defaults", "gates", "ladders", "templates", "screens", "library_only"}
# What a ladder may set for all its levels.
INHERITED = {"sides", "mode", "tempo", "rest_s", "per_day", "per_week", "load", "advance"}
SAFETY = ("regress", "stop", "cramp")
DEFAULTS = INHERITED | {*SAFETY, "region", "lighter", "contraindications"}
GATE = {"by", "text", "values", "seed"}
LADDER_LISTS = ("how", "cues", "mistakes", "precautions", "adjustments")
LADDER_DETAILS = (
    "contraindications_at",
    "mistakes_from",
    "notes",
    "on_fault",
    "rule_24h",
    "cease_if",
    "precaution_codes",
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
    *LADDER_LISTS,
    *LADDER_DETAILS,
}
EQUIPMENT = {"all", "any_of", "options", "alternatives", "optional", "from_level"}
REQUIRES = {"gate", "gates", "ladder_level", "equipment", "any_of"}
LEVEL_DETAILS = ("variants", "then", "notes")
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
}
ENTRY = {"screen", "gates", "exclude", "equipment", "trial"}
PATH = {"when", "auto_advance"}
PHASE = {"name", "path", "days", "items", "exit", "choose_max"}
ITEM = {"ladder", "start", "cap", "from_day"}
LADDER_CODE, LEVEL_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}"), re.compile(r"([A-Z][A-Z0-9]{1,7})-(\d{1,2})")
NAME = re.compile(r"[A-Za-z0-9_]{1,60}")


class BadLibrary(Refused):
    """A library file that cannot be used. Nothing was loaded."""

    def __init__(self, where: str, why: str) -> None:
        self.where, self.why = where, why
        super().__init__(_("%(where)s: %(why)s. Nothing was loaded.") % {"where": where, "why": why})


@dataclass(frozen=True, slots=True)
class GateEntry:
    where: str
    code: str
    values: Mapping[str, Any]  # by field names of the model, here and below


@dataclass(frozen=True, slots=True)
class LevelEntry:
    where: str
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LadderEntry:
    where: str
    code: str
    values: Mapping[str, Any]
    levels: Sequence[LevelEntry]


@dataclass(frozen=True, slots=True)
class ItemEntry:
    where: str
    ladder: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PhaseEntry:
    where: str
    values: Mapping[str, Any]
    items: Sequence[ItemEntry]


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    where: str
    code: str
    sources: Sequence[str]
    values: Mapping[str, Any]  # of its first version
    phases: Sequence[PhaseEntry]


@dataclass(slots=True)
class Library:
    gates: dict[str, GateEntry] = field(default_factory=dict)
    ladders: dict[str, LadderEntry] = field(default_factory=dict)
    templates: dict[str, TemplateEntry] = field(default_factory=dict)
    screens: dict[str, str] = field(default_factory=dict)  # where → the gate that the screen sets


@cache
def shipped_library() -> Library:
    """The library that comes with the software: every YAML file right under programs/library/."""
    return read_library(sorted(LIBRARY.glob("*.yaml")))


def read_library(files: Iterable[Path]) -> Library:
    """All `files` as one library. Raises BadLibrary with file, entry and reason of the first fault."""
    library = Library()
    for path in files:
        _read_file(path, library)
    for check in (_check_gates, _check_ladders, _check_templates):
        check(library)
    return library


class _Loader(yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader):  # type: ignore[misc]
    """Refuses a key that stands twice: YAML itself would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _value in node.value:
            if key_node.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f'"{key_node.value}" stands twice', key_node.start_mark
                )
            seen.add(key_node.value)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found


class Entry:
    """One mapping of a file and where it stands: every complaint says both."""

    def __init__(self, where: str, values: object, known: Iterable[str]) -> None:
        self.where = where
        if not _is_mapping(values):
            self.refuse(_("must be a set of entries, each with a name"))
        self.values: Mapping[str, Any] = values
        allowed = set(known)
        for key in values:
            if key not in allowed:
                self.refuse(_('unknown entry "%(key)s"') % {"key": key})

    def refuse(self, why: str) -> NoReturn:
        raise BadLibrary(self.where, why)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, *, most: int, needed: bool = False) -> str:
        value = self.values.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.refuse(_("%(key)s: must be text") % {"key": key})
        if len(value) > most:
            self.refuse(_("%(key)s: longer than %(most)s characters") % {"key": key, "most": most})
        return value

    def one_of(self, key: str, choices: Sequence[str], *, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value not in choices:
            text = _('%(key)s: "%(value)s" is none of %(choices)s')
            names = ", ".join(choice for choice in choices if choice)
            self.refuse(text % {"key": key, "value": "" if value is None else value, "choices": names})
        return str(value)

    def whole(self, key: str, *, low: int, high: int, default: int | None = None) -> int | None:
        value = self.values.get(key, default)
        if value is None and key not in self.values:
            return None
        if not _is_whole(value) or not low <= value <= high:
            text = _("%(key)s: %(value)s: must be a whole number from %(low)s to %(high)s")
            self.refuse(text % {"key": key, "value": value, "low": low, "high": high})
        return value

    def pair(self, key: str) -> tuple[int | None, int | None]:
        """Two whole numbers, from and to; their bounds and order are checked with the level they belong to."""
        value = self.values.get(key)
        if value is None and key not in self.values:
            return None, None
        if not isinstance(value, list) or len(value) != 2 or not all(_is_whole(part) for part in value):
            self.refuse(_("%(key)s: must be two whole numbers, from and to") % {"key": key})
        return value[0], value[1]

    def truth(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.refuse(_("%(key)s: must be true or false") % {"key": key})
        return value

    def lines(self, key: str) -> list[str]:
        """A list of texts. A bare yes or no, a number or a nested entry is a slip that YAML lets pass."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            self.refuse(_("%(key)s: must be a list of texts") % {"key": key})
        return list(value)

    def line_or_lines(self, key: str) -> list[str]:
        value = self.values.get(key, [])
        return [value] if isinstance(value, str) else self.lines(key)

    def mapping(self, key: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        value = self.values.get(key, {})
        if not _is_mapping(value):
            self.refuse(_("%(key)s: must be a set of entries, each with a name") % {"key": key})
        return dict(Entry(f"{self.where}, {key}", value, value if known is None else known).values)

    def inside(self, key: str, values: object, known: Iterable[str]) -> "Entry":
        return Entry(f"{self.where}, {key}", values, known)


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


# One file


def _read_file(path: Path, library: Library) -> None:
    name = f"{path.parent.name}/{path.name}"
    top = Entry(name, _parse(path, name), TOP)
    defaults = top.mapping("defaults", DEFAULTS)
    for code, values in top.mapping("gates").items():
        _add(library.gates, _gate(Entry(f"{name}, gate {code}", values, GATE), code))
    for code, values in top.mapping("ladders").items():
        _add(library.ladders, _ladder(Entry(f"{name}, ladder {code}", values, LADDER), code, defaults))
    for code, values in top.mapping("templates").items():
        _add(library.templates, _template(Entry(f"{name}, template {code}", values, TEMPLATE), code))
    for code, values in top.mapping("screens").items():
        if _is_mapping(values) and "sets_gate" in values:
            library.screens[f"{name}, screen {code}"] = str(values["sets_gate"])


def _parse(path: Path, name: str) -> object:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader) or {}  # noqa: S506  (it is a safe loader)
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = _("%(file)s, line %(line)s") % {"file": name, "line": mark.line + 1} if mark else name
        raise BadLibrary(where, getattr(fault, "problem", None) or _("is not YAML")) from None
    except OSError as fault:
        raise BadLibrary(name, fault.strerror or _("cannot be read")) from None
    except UnicodeDecodeError:
        raise BadLibrary(name, _("is not text in UTF-8")) from None


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
        "source": entry.text("seed", most=40),
    }
    return GateEntry(entry.where, code, values)


def _ladder(entry: Entry, code: str, defaults: Mapping[str, Any]) -> LadderEntry:
    if not LADDER_CODE.fullmatch(code):
        entry.refuse(_("its name must be two to eight capital letters or digits"))
    base = Entry(entry.where, {**defaults, **entry.values}, LADDER)
    equipment = entry.mapping("equipment", EQUIPMENT)
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
        "equipment": equipment,
        "requires": _requires(entry, entry.values.get("requires", {})),
        "blocks": entry.lines("blocks"),
        "lighter": _lighter(base),
        "sources": entry.line_or_lines("seed_file"),
        "details": _ladder_details(entry, defaults),
    }
    return LadderEntry(entry.where, code, values, _levels(entry, code, defaults, from_level))


def _codes_of(entry: Entry) -> list[str]:
    rows = entry.values.get("levels")
    return [str(row.get("id")) for row in rows if _is_mapping(row)] if isinstance(rows, list) else []


def _merged_lists(entry: Entry, defaults: Mapping[str, Any], key: str) -> list[str]:
    """The file's list first, then the ladder's own: what applies to every ladder cannot be taken away."""
    both = Entry(entry.where, defaults, DEFAULTS).lines(key) + entry.lines(key)
    return list(dict.fromkeys(both))


def _lighter(entry: Entry) -> list[str]:
    order = entry.inside("lighter", entry.values.get("lighter", {}), {"order"}).lines("order")
    for way in order:
        if way not in list(Lighter):
            entry.refuse(_('lighter: "%(way)s" is none of %(ways)s') % {"way": way, "ways": ", ".join(Lighter)})
    return order


def _requires(entry: Entry, values: object) -> dict[str, Any]:
    part = entry.inside("requires", values, REQUIRES)
    for key in ("gate", "ladder_level", "equipment"):
        part.text(key, most=60)
    part.lines("gates")
    for option in part.values.get("any_of", []):
        _requires(entry, option)
    return dict(part.values)


def _ladder_details(entry: Entry, defaults: Mapping[str, Any]) -> dict[str, Any]:
    for key in ("contraindications_at", "mistakes_from"):
        part = entry.inside(key, entry.mapping(key), entry.mapping(key))
        for code in part.values:
            part.lines(code)
    for key in ("notes", "precaution_codes"):
        entry.lines(key)
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
    last = 0
    for position, row in enumerate(rows, start=1):
        code = str(row.get("id", "")) if _is_mapping(row) else ""
        level = Entry(f"{entry.where}, level {code or position}", row, LEVEL)
        found = LEVEL_CODE.fullmatch(code)
        if found is None or found[1] != ladder:
            level.refuse(_("its id must be %(ladder)s-1, %(ladder)s-2 and so on") % {"ladder": ladder})
        if int(found[2]) <= last:
            level.refuse(_("stands out of order, after level %(last)s") % {"last": f"{ladder}-{last}"})
        last = int(found[2])
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
        "equipment": list(dict.fromkeys(own.lines("equipment") + equipment)),
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
        for key, value in Entry(own.where, source.get("advance", {}), ADVANCE).values.items()
    }
    return merged


def _load(entry: Entry) -> dict[str, Any]:
    unit = entry.one_of("unit", LoadUnit.values, default=LoadUnit.BODYWEIGHT)
    step = entry.values.get("step_pct", [])
    if not isinstance(step, list) or not all(_is_whole(part) for part in step):
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
    if not isinstance(value, int | float) or isinstance(value, bool):
        entry.refuse(_("%(key)s: must be a number") % {"key": key})
    return round(value * 1000) if grams else int(value)


def _level_details(own: Entry, advance: Entry) -> dict[str, Any]:
    for key in LEVEL_DETAILS:
        own.lines(key)
    details = {key: own.values[key] for key in (*LEVEL_DETAILS, "regress") if key in own}
    modelled = ("successes", "min_days_at_level", "approval")
    rest = {key: value for key, value in advance.values.items() if key not in modelled}
    return details | ({"advance": rest} if rest else {})


def _template(entry: Entry, code: str) -> TemplateEntry:
    if not NAME.fullmatch(code):
        entry.refuse(_("its name may hold letters, digits and underscores, 60 at most"))
    paths = _paths(entry)
    values = {
        "title": entry.text("title", most=120, needed=True),
        "for_whom": entry.text("for", most=240),
        "entry": entry.mapping("entry", ENTRY),
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
    return TemplateEntry(entry.where, code, entry.line_or_lines("seeds"), values, phases)


def _paths(entry: Entry) -> dict[str, Any]:
    paths = entry.mapping("paths")
    for name, values in paths.items():
        path = entry.inside(f"path {name}", values, PATH)
        path.mapping("when", ENTRY)
        path.one_of("auto_advance", ("within_cap", "therapist"), default="within_cap")
    return paths


def _phase(entry: Entry, position: int, row: object, paths: Mapping[str, Any]) -> PhaseEntry:
    name = str(row.get("name", position)) if _is_mapping(row) else str(position)
    phase = Entry(f"{entry.where}, phase {name}", row, PHASE)
    if phase.values.get("path", "") not in ("", *paths):
        phase.refuse(_('path "%(path)s" is not among the paths') % {"path": phase.values["path"]})
    day_from, day_to = phase.pair("days")
    if day_from is None or day_to is None or not 1 <= day_from <= day_to <= 730:
        phase.refuse(_("days: two numbers from 1 to 730, the smaller first"))
    items = phase.values.get("items")
    if not isinstance(items, list) or not items:
        phase.refuse(_("has no exercises"))
    exit_ = phase.mapping("exit", {"all", "any"})
    for condition in conditions(exit_):
        if not is_condition(condition):
            phase.refuse(_("exit: %(condition)s is no known condition") % {"condition": condition})
    values = {
        "position": position,
        "name": phase.text("name", most=80, needed=True),
        "path": phase.text("path", most=20),
        "day_from": day_from,
        "day_to": day_to,
        "choose_max": phase.whole("choose_max", low=1, high=6),
        "exit": exit_,
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


# What ends a phase

CONDITIONS: dict[frozenset[str], Mapping[str, type]] = {
    frozenset(shape): shape
    for shape in (
        {"level": str},
        {"gate": str},
        {"therapist": bool},
        {"green_days": int},
        {"measure": str, "change": int},
        {"reps_per_set": int, "ladder": str},
    )
}


def conditions(exit_: Mapping[str, Any]) -> list[Any]:
    """Every condition of an exit, whether all of them or any of them must hold."""
    return [part for key in ("all", "any") for part in exit_.get(key) or []]


def is_condition(condition: object) -> bool:
    """Whether a condition has one of the known shapes."""
    if not _is_mapping(condition):
        return False
    shape = CONDITIONS.get(frozenset(condition))
    if shape is None or condition.get("therapist") is False:
        return False
    for key, kind in shape.items():
        value = condition[key]
        if not isinstance(value, kind) or (kind is int and not (_is_whole(value) and 1 <= value <= 365)):
            return False
    return True


# Across files


def _check_gates(library: Library) -> None:
    """Every gate that is named exists, and can come to be: a logged test sets it, or a person may record it."""
    set_by_level = {}
    for level in _all_levels(library):
        if code := level.values["sets_gate"]:
            set_by_level[code] = level
            if code not in library.gates:
                raise BadLibrary(level.where, _('sets gate "%(gate)s", which is not among the gates') % {"gate": code})
    for where, code in library.screens.items():
        if code not in library.gates:
            raise BadLibrary(where, _('sets gate "%(gate)s", which is not among the gates') % {"gate": code})
    for where, code in _gates_required(library):
        gate = library.gates.get(code)
        by_person = gate is not None and "therapist" in gate.values["recorded_by"]
        if code not in set_by_level and not by_person:
            raise BadLibrary(where, _('requires gate "%(gate)s", which no ladder sets') % {"gate": code})


def _all_levels(library: Library) -> Iterable[LevelEntry]:
    return (level for ladder in library.ladders.values() for level in ladder.levels)


def _gates_required(library: Library) -> Iterable[tuple[str, str]]:
    for ladder in library.ladders.values():
        for part in _requirements(ladder.values["requires"]):
            yield from ((ladder.where, code) for code in [*part.get("gates", []), part.get("gate")] if code)
        for level in ladder.levels:
            yield from ((level.where, code) for code in level.values["requires_gates"])
    for template in library.templates.values():
        whens = [template.values["entry"], *(path.get("when", {}) for path in template.values["paths"].values())]
        yield from ((template.where, code) for when in whens for code in when.get("gates", []))
        for phase in template.phases:
            found = conditions(phase.values["exit"])
            yield from ((phase.where, part["gate"]) for part in found if "gate" in part)


def _requirements(requires: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield requires
    for option in requires.get("any_of", []):
        yield from _requirements(option)


def _check_ladders(library: Library) -> None:
    codes = {level.code for level in _all_levels(library)}
    for ladder in library.ladders.values():
        for named in ladder.values["blocks"]:
            _need_ladder(library, ladder.where, named)
        for part in _requirements(ladder.values["requires"]):
            if (code := part.get("ladder_level")) and code not in codes:
                raise BadLibrary(ladder.where, _("requires level %(level)s, which no ladder has") % {"level": code})
        own = {level.code for level in ladder.levels}
        for key in ("contraindications_at", "mistakes_from"):
            for code in set(ladder.values["details"].get(key, {})) - own:
                raise BadLibrary(ladder.where, _("%(key)s: has no level %(level)s") % {"key": key, "level": code})
        for level in ladder.levels:
            for named in level.values["details"].get("then", []):
                _need_ladder(library, level.where, named)


def _need_ladder(library: Library, where: str, code: str) -> LadderEntry:
    if code not in library.ladders:
        raise BadLibrary(where, _("names ladder %(ladder)s, which no file has") % {"ladder": code})
    return library.ladders[code]


def _check_templates(library: Library) -> None:
    codes = {level.code for level in _all_levels(library)}
    for template in library.templates.values():
        for code in template.values["blocked_ladders"]:
            _need_ladder(library, template.where, code)
        for phase in template.phases:
            for item in phase.items:
                _check_item(item, _need_ladder(library, item.where, item.ladder))
            for part in conditions(phase.values["exit"]):
                if "ladder" in part:
                    _need_ladder(library, phase.where, part["ladder"])
                if "level" in part and part["level"] not in codes:
                    text = _("exit names level %(level)s, which no ladder has")
                    raise BadLibrary(phase.where, text % {"level": part["level"]})


def _check_item(item: ItemEntry, ladder: LadderEntry) -> None:
    order = [level.code for level in ladder.levels]
    start, cap = item.values["start_code"], item.values["cap_code"]
    for code in (start, cap or start):
        if code not in order:
            text = _("level %(level)s is not on ladder %(ladder)s")
            raise BadLibrary(item.where, text % {"level": code, "ladder": ladder.code})
    if cap and order.index(start) > order.index(cap):
        raise BadLibrary(item.where, _("starts at %(start)s, above its cap %(cap)s") % {"start": start, "cap": cap})
