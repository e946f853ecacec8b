"""Checks across library files: whatever an entry names must be there, and a gate must be able to come about."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from programs.entries import BadLibrary, conditions
from programs.library_values import ItemEntry, LadderEntry, LevelEntry, Library
from programs.models.exercise import Sides


def check(library: Library) -> None:
    """Raises BadLibrary for the first thing that is named and not there."""
    check_gates(library)
    check_ladders(library)
    check_templates(library)


def check_gates(library: Library) -> None:
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


def check_ladders(library: Library) -> None:
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
            if ladder.values["details"].get("independent_sides") and level.values["sides"] != Sides.EACH:
                raise BadLibrary(level.where, _('independent_sides: asks for "sides: each" on every level'))
            for named in level.values["details"].get("then", []):
                _need_ladder(library, level.where, named)
            for named in level.values["details"].get("equal", []):
                if named not in codes - own:
                    text = _("equal: %(level)s is no level of another ladder")
                    raise BadLibrary(level.where, text % {"level": named})


def _need_ladder(library: Library, where: str, code: str) -> LadderEntry:
    if code not in library.ladders:
        raise BadLibrary(where, _("names ladder %(ladder)s, which no file has") % {"ladder": code})
    return library.ladders[code]


def check_templates(library: Library) -> None:
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
