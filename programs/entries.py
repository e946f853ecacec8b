"""One entry of the library and its shape: unknown names, wrong types and slips are refused, with where and why."""

import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from typing import Any, NoReturn, TypeGuard

from django.utils.translation import gettext as _

from clinic.refusals import Refused

NAME = re.compile(r"[A-Za-z0-9_]{1,60}")
EQUIPMENT = {"all", "any_of", "options", "alternatives", "optional"}
REQUIRES = {"gate", "gates", "ladder_level", "equipment", "any_of"}
ONE_OF_REQUIRES = {"ladder_level", "equipment"}
REGRESS = {"by", "when", "on_worse_next_day"}
CRAMP = {"do", "session_counts_as_success"}
PATH_WHEN = {"screen", "gates", "exclude", "equipment"}
WHEN = PATH_WHEN | {"trial"}
PATH = {"when", "auto_advance"}
WHO_ADVANCES = ("within_cap", "therapist")
# What the slump screen may have to say before a program begins; the last is two answers in one.
SLUMP = ("eases_looking_up", "unchanged", "not_reproduced", "unchanged_or_not_done_and_no_leg_tingling")
TRIAL = ("eligible",)
EXIT = {"all", "any"}
# What ends a phase: the names that a condition has, and what each holds.
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


class Marked(dict[str, Any]):
    """A mapping that knows the line it begins in, and the line of each of its keys."""

    line: int
    lines: Mapping[str, int]


class Where(str):
    """A place in a library in words, such as “mine.yaml, ladder BRG”, and its line if it came from a file."""

    line: int | None = None

    def on(self, line: int | None) -> "Where":
        self.line = line
        return self


class BadLibrary(Refused):
    """A library file that cannot be used. Nothing was loaded."""

    def __init__(self, where: str, why: str, *, line: int | None = None) -> None:
        self.where, self.why, self.line = where, why, line or getattr(where, "line", None)
        if self.line:
            why = _("%(why)s (line %(line)s)") % {"why": why, "line": self.line}
        super().__init__(_("%(where)s: %(why)s. Nothing was loaded.") % {"where": where, "why": why})


class Entry:
    """One mapping of a file and where it stands: every complaint says both, and the line."""

    def __init__(self, where: str, values: object, known: Iterable[str], *, line: int | None = None) -> None:
        line = values.line if isinstance(values, Marked) else line or getattr(where, "line", None)
        self.where = Where(where).on(line)
        if not is_mapping(values):
            self.refuse(_("must be a set of entries, each with a name"))
        self.values: Mapping[str, Any] = values
        allowed = set(known)
        for key in values:
            if key not in allowed:
                self.refuse(_('unknown entry "%(key)s"') % {"key": key}, key=key)

    def refuse(self, why: str, *, key: str = "") -> NoReturn:
        values = getattr(self, "values", None)
        line = values.lines.get(key) if isinstance(values, Marked) else None
        raise BadLibrary(self.where, why, line=line)

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, *, most: int, needed: bool = False) -> str:
        value = self.values.get(key)
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.refuse(_("%(key)s: must be text") % {"key": key}, key=key)
        if len(value) > most:
            self.refuse(_("%(key)s: longer than %(most)s characters") % {"key": key, "most": most}, key=key)
        return value

    def one_of(self, key: str, choices: Sequence[str], *, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value not in choices:
            text = _('%(key)s: "%(value)s" is none of %(choices)s')
            names = ", ".join(choice for choice in choices if choice)
            self.refuse(text % {"key": key, "value": "" if value is None else value, "choices": names}, key=key)
        return str(value)

    def whole(self, key: str, *, low: int, high: int, default: int | None = None) -> int | None:
        value = self.values.get(key, default)
        if value is None and key not in self.values:
            return None
        if not is_whole(value) or not low <= value <= high:
            text = _("%(key)s: %(value)s: must be a whole number from %(low)s to %(high)s")
            self.refuse(text % {"key": key, "value": value, "low": low, "high": high}, key=key)
        return value

    def pair(self, key: str) -> tuple[int | None, int | None]:
        """Two whole numbers, from and to; their bounds and order are checked with the level they belong to."""
        value = self.values.get(key)
        if value is None and key not in self.values:
            return None, None
        if not isinstance(value, list) or len(value) != 2 or not all(is_whole(part) for part in value):
            self.refuse(_("%(key)s: must be two whole numbers, from and to") % {"key": key}, key=key)
        return value[0], value[1]

    def truth(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.refuse(_("%(key)s: must be true or false") % {"key": key}, key=key)
        return value

    def lines(self, key: str) -> list[str]:
        """A list of texts. A bare yes or no, a number or a nested entry is a slip that YAML lets pass."""
        value = self.values.get(key, [])
        if not is_lines(value):
            self.refuse(_("%(key)s: must be a list of texts") % {"key": key}, key=key)
        return list(value)

    def line_or_lines(self, key: str) -> list[str]:
        value = self.values.get(key, [])
        return [value] if isinstance(value, str) else self.lines(key)

    def mapping(self, key: str, known: Iterable[str] | None = None) -> dict[str, Any]:
        value = self.values.get(key, {})
        if not is_mapping(value):
            self.refuse(_("%(key)s: must be a set of entries, each with a name") % {"key": key}, key=key)
        found = self.inside(key, value, value if known is None else known).values
        return copy(dict(found) if not isinstance(found, dict) else found)

    def inside(self, key: str, values: object, known: Iterable[str]) -> "Entry":
        """An entry within this one, named by `key`."""
        line = self.values.lines.get(key) if isinstance(self.values, Marked) else None
        return Entry(f"{self.where}, {key}", values, known, line=line or self.where.line)


def is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


def is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def is_lines(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(part, str) and bool(part.strip()) for part in value)


# Shapes that stand in one JSON field of a model: the same for a library file and for a form in the admin.


def read_equipment(entry: Entry) -> dict[str, Any]:
    """all, any_of, optional: lists of things; options: sets to choose from; alternatives: others for one thing."""
    for key in ("all", "any_of", "optional"):
        entry.lines(key)
    for row in entry.values.get("options", []):
        if not is_lines(row):
            entry.refuse(_("options: must be a list of lists of texts"))
    alternatives = entry.values.get("alternatives", [])
    for row in alternatives.values() if is_mapping(alternatives) else [alternatives]:
        if not is_lines(row):
            entry.refuse(_("alternatives: must be a list of texts, or one list for each thing"))
    return dict(entry.values)


def read_requires(entry: Entry) -> dict[str, Any]:
    for key in ("gate", "ladder_level", "equipment"):
        entry.text(key, most=60)
    entry.lines("gates")
    for values in entry.values.get("any_of", []):
        option = entry.inside("any_of", values, ONE_OF_REQUIRES)
        option.text("ladder_level", most=60, needed=True)
        option.text("equipment", most=60)
    return dict(entry.values)


def read_words_by_level(entry: Entry) -> dict[str, Any]:
    for code in entry.values:
        entry.lines(code)
    return dict(entry.values)


def read_regress(entry: Entry) -> dict[str, Any]:
    """by: levels back; when: what takes a level back; on_worse_next_day: what a nerve glide does instead."""
    entry.whole("by", low=1, high=9)
    entry.lines("when")
    entry.text("on_worse_next_day", most=240)
    return dict(entry.values)


def read_cramp(entry: Entry) -> dict[str, Any]:
    entry.text("do", most=240)
    entry.truth("session_counts_as_success")
    return dict(entry.values)


def read_when(entry: Entry) -> dict[str, Any]:
    """For whom a template or a path is: a screen's result, gates, what excludes, equipment, the trial's state."""
    screens = entry.inside("screen", entry.values.get("screen", {}), {"SLUMP"})
    screens.one_of("SLUMP", ("", *SLUMP), default="")
    for key in ("gates", "exclude", "equipment"):
        entry.lines(key)
    entry.one_of("trial", ("", *TRIAL), default="")
    return dict(entry.values)


def read_paths(entry: Entry) -> dict[str, Any]:
    for name, values in entry.values.items():
        path = entry.inside(name, values, PATH)
        read_when(path.inside("when", path.values.get("when", {}), PATH_WHEN))
        path.one_of("auto_advance", WHO_ADVANCES, default=WHO_ADVANCES[0])
    return dict(entry.values)


def read_exit(entry: Entry) -> dict[str, Any]:
    for key in entry.values:
        if not isinstance(entry.values[key], list):
            entry.refuse(_("%(key)s: must be a list of conditions") % {"key": key})
    for condition in conditions(entry.values):
        if not is_condition(condition):
            entry.refuse(_("%(condition)s is no known condition") % {"condition": condition})
    return dict(entry.values)


def conditions(exit_: Mapping[str, Any]) -> list[Any]:
    """Every condition of an exit, whether all of them or any of them must hold."""
    return [part for key in ("all", "any") for part in exit_.get(key) or []]


def is_condition(condition: object) -> bool:
    """Whether a condition has one of the known shapes."""
    if not is_mapping(condition):
        return False
    shape = CONDITIONS.get(frozenset(condition))
    if shape is None or condition.get("therapist") is False:
        return False
    for key, kind in shape.items():
        value = condition[key]
        if not isinstance(value, kind) or (kind is int and not (is_whole(value) and 1 <= value <= 365)):
            return False
    return True
