"""Reads a program template, its phases and their exercises from a library file."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.entries import EXIT, NAME, WHEN, Entry, is_mapping, read_exit, read_paths, read_when
from programs.library_values import ItemEntry, PhaseEntry, TemplateEntry
from programs.models.template import PainPolicy

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


def read_template(entry: Entry, code: str) -> TemplateEntry:
    """One template with its phases and exercises, none of them looked up yet. Raises BadLibrary."""
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
