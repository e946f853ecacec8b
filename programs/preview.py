"""A program version as a patient will read it, before anybody has it."""

from dataclasses import dataclass

from programs.models import LadderVersion, LevelVersion, Phase, PhaseItem, ProgramVersion
from programs.publishing import copy_of

PARTS = ("items__ladder__levels", "items__ladder_version__levels")


@dataclass(frozen=True, slots=True)
class Exercise:
    ladder: LadderVersion
    start: LevelVersion
    cap: LevelVersion | None
    from_day: int


@dataclass(frozen=True, slots=True)
class Part:
    phase: Phase
    exercises: list[Exercise]


def preview(version: ProgramVersion) -> list[Part]:
    """The phases with each exercise at its first level: as frozen, or for a draft as it would be frozen now.

    An exercise whose first level does not exist is left out; lint says so.
    """
    phases = version.phases.order_by("position", "pk").prefetch_related(*PARTS)
    return [Part(phase, _exercises(phase)) for phase in phases]


def _exercises(phase: Phase) -> list[Exercise]:
    found = []
    for item in sorted(phase.items.all(), key=lambda item: (item.position, item.pk)):
        ladder, levels = frozen_copy(item)
        by_code = {level.code: level for level in levels}
        if start := by_code.get(item.start_code):
            found.append(Exercise(ladder, start, by_code.get(item.cap_code), item.from_day))
    return found


def frozen_copy(item: PhaseItem) -> tuple[LadderVersion, list[LevelVersion]]:
    """What the exercise is made of: as frozen, or as it would be frozen now. Read with `PARTS` at hand."""
    if item.ladder_version is not None:
        return item.ladder_version, sorted(item.ladder_version.levels.all(), key=lambda level: level.position)
    return copy_of(item.ladder, sorted(item.ladder.levels.all(), key=lambda level: (level.position, level.pk)))
