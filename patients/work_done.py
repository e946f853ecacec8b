"""How much of a prescribed dose was done: pure arithmetic over logged sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from programs.rules import Dose

Sets = Sequence[Mapping[str, Any]]  # {side: left | right | both, reps or seconds, load}


@dataclass(frozen=True)
class Done:
    """Shares of the dose: `left` and `right` of the low end, `ratio` of the high end; `short` is the weaker side."""

    left: float
    right: float
    ratio: float
    weaker: str | None
    weaker_done: int
    asked: int


def done_in(bouts: Sequence[Sets], dose: Dose, *, asked_sides: Sequence[str], to_fatigue: bool) -> Done:
    """One day's bouts against the day's dose. Once-daily items take the best bout; several bouts add up (E10, E11)."""
    shares = {side: _share(bouts, side, dose, to_fatigue) for side in asked_sides}
    most = max(sum(_amount(one) for sets in bouts for one in sets if one["side"] == side) for side in asked_sides)
    weaker = min(shares, key=lambda side: shares[side])
    asked = dose.sets * (dose.reps_low or dose.seconds_low or 1)
    best = max((sum(_amount(one) for one in sets if one["side"] == weaker) for sets in bouts), default=0)
    return Done(
        left=shares.get("left", shares[weaker]),
        right=shares.get("right", shares[weaker]),
        ratio=most / dose.high_end,
        weaker=weaker if weaker in ("left", "right") else None,
        weaker_done=best,
        asked=asked,
    )


def fewest_reps(sets: Sets) -> dict[str, int]:
    """Side → repetitions (or seconds) of its weakest set: every set has to count."""
    fewest: dict[str, int] = {}
    for one in sets:
        fewest[one["side"]] = min(_amount(one), fewest.get(one["side"], _amount(one)))
    return fewest


def _share(bouts: Sequence[Sets], side: str, dose: Dose, to_fatigue: bool) -> float:
    each = [_bout_share(sets, side, dose, to_fatigue) for sets in bouts]
    if dose.per_day_low == 1:
        return max(each, default=0.0)
    enough_bouts = len(bouts) / dose.per_day_low
    return min(sum(each) / dose.per_day_low, enough_bouts)


def _bout_share(sets: Sets, side: str, dose: Dose, to_fatigue: bool) -> float:
    """To fatigue, every set must reach the low end: a strong first set does not make up for a weak last one."""
    low = dose.reps_low or dose.seconds_low or 1
    mine = [one for one in sets if one["side"] == side]
    if to_fatigue:
        return sum(min(_amount(one), low) for one in mine) / (dose.sets * low)
    return sum(_amount(one) * _load_share(one, dose) for one in mine) / (dose.sets * low)


def _amount(one: Mapping[str, Any]) -> int:
    return int(one.get("reps") or one.get("seconds") or 0)


def _load_share(one: Mapping[str, Any], dose: Dose) -> float:
    """Less weight or an easier band than prescribed finishes less of the dose; none given means the prescribed one."""
    load = one.get("load")
    if load is None:
        return 1.0
    if dose.load_grams:
        return float(min(1.0, load / dose.load_grams))
    return float(min(1.0, (load + 1) / (dose.band_step + 1))) if dose.band_step else 1.0


def reached_high_end(bouts: Sequence[Sets], dose: Dose, *, asked_sides: Sequence[str], above: int = 0) -> bool:
    """Whether some bout did every set at the top of the range on every side: the sign for the next load.

    `above`: repetitions over the top that the last set must show (the 2-for-2 rule asks for two).
    """
    high = dose.reps_high or 0

    def full(sets: Sets, side: str) -> bool:
        mine = [_amount(one) for one in sets if one["side"] == side and _load_share(one, dose) == 1.0]
        return len(mine) >= dose.sets and all(reps >= high for reps in mine) and mine[-1] >= high + above

    return bool(high) and any(all(full(sets, side) for side in asked_sides) for sets in bouts)
