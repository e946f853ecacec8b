"""What lint reads: the clinic's ladders with their levels, and its gates, once for all checks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from programs.models import Gate, Ladder, Level


@dataclass(frozen=True)
class Book:
    ladders: Mapping[str, Ladder]
    levels: Mapping[str, list[Level]]  # code of the ladder → its levels in order
    gates: Mapping[str, Gate]

    @cached_property
    def level_codes(self) -> set[str]:
        return {level.code for levels in self.levels.values() for level in levels}


def book_of(clinic: UUID) -> Book:
    ladders = {ladder.code: ladder for ladder in Ladder.objects.filter(clinic=clinic)}
    levels: dict[str, list[Level]] = {code: [] for code in ladders}
    for level in Level.objects.filter(ladder__clinic=clinic).select_related("ladder").order_by("position", "pk"):
        levels[level.ladder.code].append(level)
    return Book(ladders, levels, {gate.code: gate for gate in Gate.objects.filter(clinic=clinic)})
