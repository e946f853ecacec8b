"""A library as values, between its files and the database: what every entry says, by field names of the models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


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
    retired: bool = False


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
    retired: bool = False


@dataclass(slots=True)
class Library:
    gates: dict[str, GateEntry] = field(default_factory=dict)
    ladders: dict[str, LadderEntry] = field(default_factory=dict)
    templates: dict[str, TemplateEntry] = field(default_factory=dict)
    screens: dict[str, str] = field(default_factory=dict)  # where → the gate that the screen sets
