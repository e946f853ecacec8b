"""Reads library files (gates, ladders, templates in YAML) into values, or refuses them: file, entry and reason.

Every file is read before anything is checked across files, so a template may name a ladder of another file.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from programs.entries import NAME, BadLibrary, Entry, is_mapping
from programs.library_checks import check
from programs.library_ladders import DEFAULTS, LADDER, read_ladder
from programs.library_templates import TEMPLATE, read_template
from programs.library_values import GateEntry, Library
from programs.yaml_text import parse, text_of

LIBRARY = Path(__file__).parent / "library"
GATE_RECORDERS = ("therapist", "therapist_or_self", "therapist_or_video", "log", "log_plus_therapist")

TOP = {"defaults", "gates", "ladders", "templates", "screens", "library_only"}
GATE = {"by", "text", "values", "seed", "override"}


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
        _add(library.ladders, read_ladder(Entry(f"{name}, ladder {code}", values, LADDER), code, defaults))
    for code, values in top.mapping("templates").items():
        _add(library.templates, read_template(Entry(f"{name}, template {code}", values, TEMPLATE), code))
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
