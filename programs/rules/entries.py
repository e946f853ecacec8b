"""Plain data of the rule files, taken apart; what is broken is refused by the name of its entry."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar, cast

from .facts import OneOf

Entry = Mapping[str, object]
Choice = TypeVar("Choice", bound=StrEnum)


class BadRules(ValueError):
    """Rule data that cannot be used: names the entry and what is wrong with it."""

    def __init__(self, entry: str, why: str) -> None:
        self.entry, self.why = entry, why
        super().__init__(f"{entry}: {why}")


def keys(entry: str, values: object, needed: set[str], optional: Iterable[str] = ()) -> Entry:
    if not isinstance(values, Mapping):
        raise BadRules(entry, "must be a mapping")
    if missing := needed - set(values):
        raise BadRules(entry, f"lacks {', '.join(sorted(missing))}")
    if unknown := {str(key) for key in values} - needed - set(optional):
        raise BadRules(entry, f"has {', '.join(sorted(unknown))}, which nothing reads")
    return values


def entries(name: str, values: object) -> list[Entry]:
    if not isinstance(values, list) or not values or not all(isinstance(one, Mapping) for one in values):
        raise BadRules(name, "must be a list of entries")
    return values


def named(entry: Entry, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]+(-[A-Z0-9]+)+", value):
        raise BadRules(str(value), f"needs {key}: in capitals, such as R-S01")
    return value


def text(name: str, entry: Entry, key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BadRules(name, f"{key} must be text")
    return value


def texts(name: str, entry: Entry, key: str) -> tuple[str, ...]:
    value = entry[key]
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise BadRules(name, f"{key} must be a list of texts")
    return tuple(value)


def source(name: str, entry: Entry) -> str:
    source = text(name, entry, "source")
    if re.split("[ ,]", source)[0] not in {"seed", "lit", "default"}:
        raise BadRules(name, "source must begin with seed, lit or default")
    return source


def member(name: str, kind: type[Choice], value: object) -> Choice:
    try:
        return kind(str(value))
    except ValueError:
        raise BadRules(name, f"{value!r} is none of {', '.join(kind)}") from None


def one_of(name: str, entry: Entry, key: str, choices: tuple[str, ...]) -> str | None:
    value = entry.get(key)
    if fault := OneOf(choices, nullable=True).fault(value):
        raise BadRules(name, f"{key}: {value!r} {fault}")
    return cast("str | None", value)
