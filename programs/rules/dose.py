"""How much: one bout's sets, the day's bouts, load and range, and the next step up or down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Lighter(StrEnum):
    """Ways to make a dose lighter, by the names the library uses."""

    SHORTEN_ROM = "shorten_rom"
    LESS_LOAD = "less_load_10pct"
    ONE_SET_LESS = "minus_one_set"
    FEWER_BOUTS = "fewer_bouts"


LIGHTER_ORDER = tuple(Lighter)
ROM_STEP, ROM_LEAST = 25, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What is prescribed for one day, per side. Load in grams or band steps, range in percent, never both loads.

    `hold_s` (0 is no hold) and `tempo` ("3-1-2") are this person's own: None and "" are as the level has them.
    """

    sets: int = 1
    sets_max: int | None = None
    reps_low: int | None = None
    reps_high: int | None = None
    seconds_low: int | None = None
    seconds_high: int | None = None
    per_day_low: int = 1
    per_day_high: int = 1
    load_grams: int | None = None
    band_step: int | None = None
    rom_pct: int = 100
    hold_s: int | None = None
    tempo: str = ""

    @property
    def low_end(self) -> int:
        """Repetitions (or seconds) a day, per side, that finish the dose: `completion` is done over this."""
        return self.sets * (self.reps_low or self.seconds_low or 1) * self.per_day_low

    @property
    def high_end(self) -> int:
        """Repetitions (or seconds) a day, per side, at the most: `done_ratio` is done over this."""
        high = self.reps_high or self.seconds_high or self.reps_low or self.seconds_low or 1
        return (self.sets_max or self.sets) * high * self.per_day_high

    @property
    def size(self) -> float:
        """A number to compare doses of one exercise with: bigger is more."""
        load = self.load_grams or 1 + (self.band_step or 0)
        return self.high_end * load * self.rom_pct / 100


def lighter(
    dose: Dose, order: Sequence[str] = LIGHTER_ORDER, *, min_step_grams: int = 1
) -> tuple[Dose, Lighter | None]:
    """One step lighter: the first way of `order` this dose can still go, then fewer bouts.

    A lighter load is rounded down to a whole `min_step_grams`, so that the plates for it exist.
    Gives the dose and the way taken; the same dose and None when nothing is left to take away.
    Raises ValueError for a way that does not exist.
    """
    ways = [Lighter(way) for way in order]
    for way in (*ways, Lighter.FEWER_BOUTS):
        changed = _taken(dose, way, min_step_grams)
        if changed != dose:
            return changed, way
    return dose, None


def _taken(dose: Dose, way: Lighter, min_step_grams: int) -> Dose:
    match way:
        case Lighter.SHORTEN_ROM:
            return replace(dose, rom_pct=max(dose.rom_pct - ROM_STEP, min(dose.rom_pct, ROM_LEAST)))
        case Lighter.LESS_LOAD if dose.load_grams:
            return replace(dose, load_grams=dose.load_grams * 9 // (10 * min_step_grams) * min_step_grams)
        case Lighter.LESS_LOAD if dose.band_step:
            return replace(dose, band_step=dose.band_step - 1)
        case Lighter.ONE_SET_LESS:
            return _one_set_less(dose)
        case Lighter.FEWER_BOUTS if dose.per_day_high > 1:
            fewer = dose.per_day_high - 1
            return replace(dose, per_day_low=max(1, min(dose.per_day_low - 1, fewer)), per_day_high=fewer)
    return dose


def _one_set_less(dose: Dose) -> Dose:
    sets = max(1, dose.sets - 1)
    return replace(dose, sets=sets, sets_max=None if dose.sets_max is None else max(sets, dose.sets_max - 1))


def next_load(
    grams: int, *, min_step_grams: int, step_pct: int = 5, max_pct: int = 10, two_for_two_met: bool = False
) -> int | None:
    """The next load in grams: `step_pct` more, rounded up to a whole `min_step_grams` (E22).

    None when that is more than `max_pct` and the 2-for-2 rule is not met: two repetitions above the goal in the
    last set of two sessions in a row [lit: Baechle, Graves].
    """
    if grams < 0 or min_step_grams < 1 or step_pct < 1:
        raise ValueError("grams from 0, a smallest step and a percentage above 0")
    # Whole numbers all the way: 40 kg x 1.05 must be 42 kg, not 42.000000000000004.
    steps = -(-grams * (100 + step_pct) // (100 * min_step_grams))
    step_up = max(steps, 1) * min_step_grams
    if (step_up - grams) * 100 > grams * max_pct and not two_for_two_met:
        return None
    return step_up
