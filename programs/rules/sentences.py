"""Sentences with {places}, filled from the facts: the fullest one of which nothing is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from .derived import Judged
from .rule import placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the caller knows beside the facts, for a fuller sentence. `until` is in the reader's language."""

    side: str | None = None  # left | right
    done: int | None = None
    asked: int | None = None
    top: int | None = None  # of the range of repetitions
    exercise: str | None = None
    gates: str | None = None  # names of what is still to be recorded
    cap: str | None = None  # the level nobody passes in this phase
    until: str | None = None  # when the next-day question closes


Values = dict[str, str | int | float]


def fullest(
    sentences: Sequence[str], judged: Judged, words: Words, own: Mapping[str, float] | None = None
) -> tuple[str, Values]:
    """The first sentence all of whose places can be filled, and what fills them. `own`: the numbers of the rule."""
    known = {**judged.thresholds, **judged.values, **asdict(words), **(own or {})}
    # The last sentence always fits: the rules are refused where it might not.
    sentence = next(one for one in sentences if all(known.get(name) is not None for name in placeholders(one)))
    return sentence, {name: _plain(known[name]) for name in sorted(placeholders(sentence))}


def _plain(value: object) -> str | int | float:
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 1)
    return value if isinstance(value, str | int) else str(value)
