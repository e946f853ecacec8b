"""The kinds of rules as values, and the words they are made of."""

import re
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from typing import Self

from .condition import Condition
from .derived import ASKABLE, DERIVED, THRESHOLDS, Judged
from .entries import BadRules
from .facts import SHAPES

# What a sentence may hold: facts and all that follows from them, the numbers of the rules, and words of the caller.
WORDS = frozenset({"side", "done", "asked", "top", "exercise", "gates", "cap", "until"})
_SOMETIMES = WORDS | {name for name, shape in SHAPES.items() if getattr(shape, "nullable", False)}
SAYABLE = frozenset(ASKABLE) | THRESHOLDS | WORDS
ALWAYS_SAYABLE = SAYABLE - (_SOMETIMES - frozenset(DERIVED))


class Outcome(StrEnum):
    """From the strictest to the mildest."""

    STOP_AND_FLAG = "stop_and_flag"
    REGRESS = "regress"
    REPEAT_LIGHTER = "repeat_lighter"
    HOLD = "hold"
    ADVANCE = "advance"

    @property
    def mildness(self) -> int:
        return list(Outcome).index(self)


class Scope(StrEnum):
    """What a stop holds, from the narrowest to the widest."""

    ITEM = "item"
    REGION = "region"
    PLAN = "plan"

    @property
    def width(self) -> int:
        return list(Scope).index(self)


class Counts(StrEnum):
    """What a decision does to the banked successes, and whether the log was clean."""

    BANK = "bank"  # one more; clean
    SPEND = "spend"  # used up by moving on; clean
    RESTART = "restart"  # back to none on the full dose; clean
    KEEP = "keep"
    RESET = "reset"

    @property
    def clean(self) -> bool:
        return self in {Counts.BANK, Counts.SPEND, Counts.RESTART}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A progression rule. `reason` is for staff; `say` for the patient, the fullest sentence first.

    `needs`: what the next step asks for, and this rule guards; an advance has none.
    """

    id: str
    when: tuple[Condition, ...]
    outcome: Outcome
    scope: Scope | None
    change: str | None
    to: str | None
    proposal: str | None
    provisional: bool
    needs_recheck: bool
    counts: Counts
    reason: str
    say: tuple[str, ...]
    needs: tuple[str, ...]
    source: str

    def matches(self, judged: Judged) -> bool:
        return all(condition.holds(judged) for condition in self.when)

    @property
    def is_human(self) -> bool:
        """A hold that only passes on what a person has decided."""
        return bool(self.when) and {one.fact for one in self.when} <= {"open_stop", "override"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    code: str
    when: tuple[Condition, ...]
    severity: int
    group: str
    stop: Scope | None
    source: str

    def matches(self, judged: Judged) -> bool:
        return all(condition.holds(judged) for condition in self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRule:
    """A flag the daily job raises. `when` is prose: the job implements it. Severity None: the flag's own."""

    code: str
    when: str
    severity: int | None
    group: str
    source: str
    patient: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """A flag raised by words. `ask`: put a yes/no question on the screen before anything else."""

    code: str
    when: str
    words: tuple[str, ...]
    severity: int
    group: str
    source: str
    ask: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """How soon: staffed minutes, working days, or the next visit where that comes first."""

    minutes: int = 0
    working_days: int = 0
    or_next_visit: bool = False

    @classmethod
    def parse(cls, entry: str, text: object) -> Self | None:
        if text == "none":
            return None
        if text == "next visit":
            return cls(or_next_visit=True)
        found = re.fullmatch(r"(\d+) (min|h|working days?)( or next visit)?", str(text))
        if not found:
            raise BadRules(entry, f"{text!r} is not a target such as 15 min, 4 h, 1 working day or none")
        amount, unit, visit = int(found[1]), found[2], bool(found[3])
        if unit.startswith("working"):
            return cls(working_days=amount, or_next_visit=visit)
        return cls(minutes=amount * (60 if unit == "h" else 1), or_next_visit=visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    level: int
    name: str
    ack: Target | None
    contact: Target | None
    after_hours: str
    channel: tuple[str, ...]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
