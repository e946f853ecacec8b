"""What the rules are told about one exercise on one day, and which values they accept."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

RED_FLAGS = (
    "saddle_numbness",
    "bladder_change",
    "bowel_change",
    "sexual_function_change",
    "both_legs_pain_or_numb",
    "chest_pain",
    "short_of_breath",
    "new_weakness",
    "foot_drop",
    "calf_swollen_warm",
    "whole_leg_swollen",
    "fever_unwell",
    "cannot_bear_weight",
    "major_fall",
    "acute_event",
    "new_numb_tingle",
    "night_pain_unrelenting",
    "weight_loss",
    "cancer_history_new_pain",
)


class BadFact(ValueError):
    """A fact nobody can judge: names the key, the value and the rule it broke."""

    def __init__(self, key: str, value: object, rule: str) -> None:
        self.key, self.value, self.rule = key, value, rule
        shown = json.dumps(value, ensure_ascii=False, default=str)
        super().__init__(f"{key} = {shown if len(shown) <= 60 else shown[:57] + '...'}: {rule}")


@dataclass(frozen=True, slots=True)
class Whole:
    """Whole numbers. A bool is not a number here, although Python thinks so."""

    low: int
    high: int | None = None
    nullable: bool = False

    def fault(self, value: object) -> str | None:
        if value is None and self.nullable:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not _within(value, self.low, self.high):
            return f"must be a whole number {_span(self.low, self.high)}{_or_null(self.nullable)}"
        return None


@dataclass(frozen=True, slots=True)
class Number:
    low: float
    high: float | None = None

    def fault(self, value: object) -> str | None:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not fits or not _within(value, self.low, self.high):  # type: ignore[arg-type]
            return f"must be a number {_span(self.low, self.high)}"
        return None


@dataclass(frozen=True, slots=True)
class Truth:
    def fault(self, value: object) -> str | None:
        return None if isinstance(value, bool) else "must be true or false"


@dataclass(frozen=True, slots=True)
class OneOf:
    choices: tuple[str, ...]
    nullable: bool = False

    def fault(self, value: object) -> str | None:
        if (value is None and self.nullable) or (isinstance(value, str) and value in self.choices):
            return None
        return f"must be one of {', '.join(self.choices)}{_or_null(self.nullable)}"


@dataclass(frozen=True, slots=True)
class SomeOf:
    choices: tuple[str, ...]

    def fault(self, value: object) -> str | None:
        if isinstance(value, tuple) and all(isinstance(one, str) and one in self.choices for one in value):
            return None
        return f"must be a list of {', '.join(self.choices)}"


Shape = Whole | Number | Truth | OneOf | SomeOf


def _within(value: float, low: float, high: float | None) -> bool:
    return low <= value and (high is None or value <= high)


def _span(low: float, high: float | None) -> str:
    return f"of {low} or more" if high is None else f"from {low} to {high}"


def _or_null(nullable: bool) -> str:
    return " or null" if nullable else ""


SCORE = Whole(0, 10)
COUNT = Whole(0)
OWN_LIMIT = Whole(0, 10, nullable=True)


def _fact(default: object, shape: Shape) -> Any:
    return field(default=default, metadata={"shape": shape})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One judged log: the base values are a clean second success, so a caller gives only what differs.

    Pain is 0 to 10. Streaks and `successes` are the values *before* this log. Raises BadFact.
    """

    kind: str = _fact(
        "strength",
        OneOf(("strength", "nerve", "motor_control", "soft_tissue", "mobility_dynamic", "static_stretch")),
    )
    usual: int = _fact(2, SCORE)
    advance_max: int | None = _fact(None, OWN_LIMIT)
    regress_at: int | None = _fact(None, OWN_LIMIT)
    stop_at: int | None = _fact(None, OWN_LIMIT)
    # A median of an even number of scores may be a half.
    baseline: float = _fact(2, Number(0, 10))
    pain_before: int = _fact(2, SCORE)
    pain_during: int = _fact(1, SCORE)
    pain_after: int = _fact(1, SCORE)
    next_day: int | None = _fact(None, Whole(0, 10, nullable=True))
    # Where next_day is given, the check follows from the number and this is not read.
    # `shared`: it was worse, and another exercise of that day is stepped back for it (E28).
    check: str = _fact("ok", OneOf(("ok", "worse", "pending", "unanswered", "shared")))
    # The patient's own word beside a number: "not back to usual". The number alone could call it ok.
    says_worse: bool = _fact(False, Truth())
    form: str = _fact("ok", OneOf(("ok", "partly", "lost")))
    full_rom: bool = _fact(True, Truth())
    mode: str = _fact("reps", OneOf(("reps", "time", "fatigue", "pumps")))
    at_top: bool = _fact(True, Truth())  # every set reached the high end of the range
    painful: bool = _fact(False, Truth())
    technique_retry_used: bool = _fact(False, Truth())
    completion_l: float = _fact(1.0, Number(0))
    completion_r: float = _fact(1.0, Number(0))
    done_ratio: float = _fact(1.0, Number(0))
    successes: int = _fact(1, COUNT)
    successes_required: int = _fact(2, Whole(1))
    days_at_level: int = _fact(5, COUNT)
    min_days: int = _fact(3, COUNT)
    gap: int = _fact(2, COUNT)
    cramp: str | None = _fact(None, OneOf(("resolved", "unresolved"), nullable=True))
    cramps: int = _fact(0, COUNT)
    bad_next_day: int = _fact(0, COUNT)
    jumps: int = _fact(0, COUNT)
    incomplete: int = _fact(0, COUNT)
    red_flags: tuple[str, ...] = _fact((), SomeOf(RED_FLAGS))
    neuro: tuple[str, ...] = _fact((), SomeOf(("weakness", "numb_or_tingle_new")))
    words: tuple[str, ...] = _fact((), SomeOf(("pop", "snap", "tear", "sharp")))
    strength_loss: bool = _fact(False, Truth())
    override: str | None = _fact(None, OneOf(("lock", "pause"), nullable=True))
    open_stop: bool = _fact(False, Truth())
    # Ruled out for this person as things stand: a nerve screen, or an answer recorded since it was assigned.
    contraindicated: bool = _fact(False, Truth())
    approval: str = _fact("auto", OneOf(("auto", "therapist")))
    policy: str = _fact("monitored", OneOf(("monitored", "strict")))
    late_h: float = _fact(1, Number(0))
    same_day_extra: bool = _fact(False, Truth())
    gate_missing: bool = _fact(False, Truth())
    cap_reached: bool = _fact(False, Truth())
    load_step: bool = _fact(False, Truth())
    worsening_two: bool = _fact(False, Truth())
    lightened: bool = _fact(False, Truth())

    def __post_init__(self) -> None:
        for key, shape in SHAPES.items():
            value = getattr(self, key)
            if rule := shape.fault(value):
                raise BadFact(key, value, rule)

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, object]) -> Self:
        """Facts from plain values (JSON, a stored ledger row): lists for lists, only what differs needed."""
        for key, value in mapping.items():
            if key not in SHAPES:
                raise BadFact(key, value, "unknown key")
        return cls(**{key: tuple(v) if isinstance(v, list) else v for key, v in mapping.items()})  # type: ignore[arg-type]

    def to_mapping(self) -> dict[str, object]:
        """Every fact as a plain value, so that a stored decision can be made again from its row alone."""
        values = {key: getattr(self, key) for key in SHAPES}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


SHAPES: Mapping[str, Shape] = {one.name: one.metadata["shape"] for one in fields(Facts)}
