"""What an exercise needs in hand, and what of it somebody lacks."""

from collections.abc import Collection, Mapping
from typing import Any

from clinic.models import Clinic
from programs.models import Ladder, Level, LevelVersion

# In every home, or as good as: nobody is asked for these, and none of them holds a step up (clinic default).
HOUSEHOLD = frozenset(
    (
        "pillow",
        "mat",
        "mirror",
        "chair",
        "chair_against_wall",
        "couch",
        "table",
        "door",
        "soft_surface",
        "hard_surface",
        "furniture_leg",
    )
)


def needed(level: LevelVersion) -> list[str]:
    """Codes of what a level asks for beyond what every home has. Give it with its ladder version loaded."""
    listed = level.ladder_version.content["equipment"]
    spared = HOUSEHOLD | set(listed.get("optional", []))
    return [code for code in level.content["equipment"] if spared.isdisjoint(_any_of(code))]


def lacking(level: LevelVersion, owned: Collection[str] | None) -> list[str]:
    """What of it is neither `owned` nor stood in for. None: nobody has asked, so nothing is known to lack."""
    if owned is None:
        return []
    listed = level.ladder_version.content["equipment"]
    found = [code for code in needed(level) if set(stand_ins(code, listed)).isdisjoint(owned)]
    one_of = listed.get("any_of", [])
    if one_of and set(one_of).isdisjoint({*owned, *HOUSEHOLD}):
        found.append("_or_".join(one_of))
    return found


def lacking_for_step(current: LevelVersion, above: LevelVersion, owned: Collection[str] | None) -> list[str]:
    """What the next level asks for anew and somebody lacks: what is in use today is there, whatever a list says."""
    return [code for code in lacking(above, owned) if code not in lacking(current, owned)]


def stand_ins(code: str, listed: Mapping[str, Any]) -> list[str]:
    """The thing itself, and what may take its place on this ladder."""
    others = listed.get("alternatives", {})
    return [code, *_any_of(code), *(others.get(code, []) if isinstance(others, Mapping) else [])]


def _any_of(code: str) -> list[str]:
    """`barbell_or_dumbbell` is one thing to ask for and two that answer it."""
    return code.split("_or_")


def things(clinic: Clinic) -> list[str]:
    """Codes of everything the exercises of a clinic may use, in order. Two queries."""
    ladders = Ladder.objects.of(clinic).filter(retired_at=None)
    codes = {code for level in Level.objects.filter(ladder__in=ladders) for code in level.equipment}
    for listed in ladders.values_list("equipment", flat=True):
        others = listed.get("alternatives", [])
        rows = [listed.get("all", []), listed.get("any_of", []), listed.get("optional", []), *listed.get("options", [])]
        rows += list(others.values()) if isinstance(others, Mapping) else [others]
        codes |= {code for row in rows for code in row}
    return sorted({part for code in codes for part in _any_of(code)} - HOUSEHOLD)


def thing_words(code: str) -> str:
    return code.replace("_", " ")
