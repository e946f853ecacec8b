"""Reads a ladder from a library file; what the file says for all its ladders comes first."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.entries import (
    CRAMP,
    EQUIPMENT,
    REGRESS,
    REQUIRES,
    Entry,
    is_mapping,
    read_cramp,
    read_equipment,
    read_regress,
    read_requires,
    read_words_by_level,
)
from programs.library_levels import INHERITED, read_levels
from programs.library_values import LadderEntry
from programs.models.exercise import Kind, Region
from programs.nerve import NERVE_CODES
from programs.rules import Lighter

LADDER_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
SAFETY = ("regress", "stop", "cramp")
DEFAULTS = INHERITED | {*SAFETY, "region", "lighter", "contraindications"}
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


def read_ladder(entry: Entry, code: str, defaults: Mapping[str, Any]) -> LadderEntry:
    """One ladder with its levels; `defaults` hold for every ladder of the file. Raises BadLibrary."""
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
    levels = read_levels(entry, code, defaults, from_level)
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
