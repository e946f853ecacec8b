"""What a rule asks of the facts before it speaks."""

from dataclasses import dataclass
from typing import Self, cast

from .derived import ASKABLE, THRESHOLDS, Judged
from .entries import BadRules
from .facts import Number, OneOf, Shape, SomeOf, Whole

NUMBERS = ("ge", "gt", "lt")
_SUFFIXES = ("_ge", "_gt", "_lt", "_in", "_has")


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a `when`: a fact, how to compare it, and with what."""

    fact: str
    test: str
    wanted: object

    @classmethod
    def parse(cls, entry: str, key: str, wanted: object) -> Self:
        suffix = next((one for one in _SUFFIXES if key.endswith(one) and key not in ASKABLE), "")
        fact = key.removesuffix(suffix)
        if fact not in ASKABLE:
            raise BadRules(entry, f"asks for {fact}, which is not a fact")
        test = suffix[1:] or ("any" if wanted == "any" else "is")
        wanted = tuple(wanted) if isinstance(wanted, list) else wanted
        if fault := _fault(ASKABLE[fact], test, wanted):
            raise BadRules(entry, f"{key}: {wanted!r} {fault}")
        return cls(fact, test, wanted)

    def holds(self, judged: Judged) -> bool:
        value = judged.values[self.fact]
        match self.test:
            case "is":
                return value == self.wanted
            case "any":
                return bool(value)
            case "has":
                return self.wanted in cast(tuple[str, ...], value)
            case "in":
                found = value if isinstance(value, tuple) else (value,)
                return bool(set(found) & set(cast(tuple[str, ...], self.wanted)))
        against = self.against(judged)
        number = cast(float, value)
        match self.test:
            case "ge":
                return number >= against
            case "gt":
                return number > against
        return number < against

    def against(self, judged: Judged) -> float:
        """The number a ge, gt or lt compares with: its own, or the limit or parameter it names."""
        return judged.thresholds[self.wanted] if isinstance(self.wanted, str) else cast(float, self.wanted)

    @property
    def key(self) -> str:
        """As it stands in the rule file, for comparisons of numbers: max_pain_ge."""
        return f"{self.fact}_{self.test}"


def _fault(shape: Shape, test: str, wanted: object) -> str | None:
    """What is wrong with comparing a fact of this shape so. None if nothing is."""
    match test:
        case "any":
            if isinstance(shape, SomeOf) or (isinstance(shape, OneOf) and shape.nullable):
                return None
            return "does not fit: this fact is never empty"
        case "is":
            return "needs _has or _in: the fact is a list" if isinstance(shape, SomeOf) else shape.fault(wanted)
        case "has":
            return shape.fault((wanted,)) if isinstance(shape, SomeOf) else "does not fit: not a list"
        case "in":
            if isinstance(shape, OneOf | SomeOf) and isinstance(wanted, tuple) and wanted:
                return SomeOf(shape.choices).fault(wanted)
            return "must be a list, not an empty one, of what the fact may say"
    if not isinstance(shape, Whole | Number):
        return "compares something that is not a number"
    if isinstance(wanted, str):
        return None if wanted in THRESHOLDS else "is neither a limit nor a parameter"
    return Number(float("-inf")).fault(wanted)
