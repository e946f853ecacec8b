"""Held stretch and an irritated nerve: the one contraindication that the seeds are firm about (s004, handbook 0.5)."""

from collections.abc import Collection, Mapping
from typing import Any

from programs.models.exercise import Kind

POSITIVE, UNKNOWN = "nerve_screen_positive", "nerve_screen_unknown"
NERVE_CODES = frozenset({POSITIVE, UNKNOWN})


def needs_a_quiet_nerve(kind: str, contraindications: Collection[str]) -> bool:
    """Whether a ladder is only for people in whom nerve signs were looked for and not found."""
    return kind == Kind.STATIC_STRETCH or bool(NERVE_CODES & set(contraindications))


def lets_in_nerve_signs(when: Mapping[str, Any]) -> bool:
    """Whether somebody with nerve signs, or whom nobody has screened, fits these entry conditions."""
    return bool(when.get("screen", {}).get("SLUMP") != "unchanged")
