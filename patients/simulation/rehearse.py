"""The same made-up people under what runs today and under the candidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patients.simulation.book import Book
from patients.simulation.counts import Counts, told
from patients.simulation.life import Life
from patients.simulation.people import Person
from programs.rulebook import trying
from programs.rules import RuleSet


@dataclass(frozen=True)
class Setting:
    """Under which rules, on which program (plain values of a version, and the path through it)."""

    rules: RuleSet
    book: Mapping[str, Any]
    path: str = ""


def lived(person: Person, setting: Setting, *, weeks: int) -> Counts:
    with trying(setting.rules):
        story = Life(person, Book(setting.book, setting.path)).live(weeks * 7)
    return told(person, story, setting.rules)


def compared(person: Person, current: Setting, candidate: Setting, *, weeks: int) -> Counts:
    """Both sides; somebody for whom nothing is to be tried is lived once."""
    now = lived(person, current, weeks=weeks)
    then = now if candidate == current else lived(person, candidate, weeks=weeks)
    return {"current": now, "candidate": then}
