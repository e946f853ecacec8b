"""Doses between the database and the rules: out of a frozen level, into JSON and back, changed within bounds."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.bounds import TEMPO
from programs.models import LevelVersion
from programs.rules.dose import LIGHTER_ORDER, Dose, lighter, next_load

# What one session can hold (handbook E13): beyond these a number is a slip of the hand.
BOUNDS = {
    "sets": 20,
    "sets_max": 20,
    "reps_low": 300,
    "reps_high": 300,
    "seconds_low": 1800,
    "seconds_high": 1800,
    "per_day_low": 12,
    "per_day_high": 12,
    "load_grams": 300_000,
    "band_step": 12,
    "rom_pct": 100,
    "hold_s": 1800,
}
NUMBER_WORDS = {
    "sets": gettext_lazy("Sets"),
    "sets_max": gettext_lazy("Sets at most"),
    "reps_low": gettext_lazy("Repetitions from"),
    "reps_high": gettext_lazy("Repetitions to"),
    "seconds_low": gettext_lazy("Seconds from"),
    "seconds_high": gettext_lazy("Seconds to"),
    "per_day_low": gettext_lazy("Times a day from"),
    "per_day_high": gettext_lazy("Times a day to"),
    "band_step": gettext_lazy("Band, 0 is the lightest"),
    "load_grams": gettext_lazy("Weight in grams"),
    "hold_s": gettext_lazy("Hold, seconds"),
    "rom_pct": gettext_lazy("Share of the range, percent"),
}
FROM_NOTHING = ("band_step", "hold_s")  # the lightest band is number 0, and no hold takes 0 seconds
LEAST_STEP_GRAMS = 1000  # where a level does not say which plates there are
MOST_STEP_PCT = 10  # handbook E22: more asks for the 2-for-2 rule
SECONDS_A_REP = 4  # default, where a level names no tempo


def dose_of(level: LevelVersion) -> Dose:
    """The full dose of a frozen level, as its ladder prescribes it."""
    content = level.content
    unit, start = content["load_unit"], content["load_start"]
    return Dose(
        sets=content["sets"],
        sets_max=content["sets_max"],
        reps_low=content["reps_low"],
        reps_high=content["reps_high"],
        seconds_low=content["seconds_low"],
        seconds_high=content["seconds_high"],
        per_day_low=content["per_day_low"],
        per_day_high=content["per_day_high"],
        load_grams=start if unit == "kg" else None,
        band_step=start if unit == "band_step" else None,
    )


def minutes_of_bout(level: Mapping[str, Any], *, sides: int | None = None) -> float:
    """A guess of one bout, in minutes: work at the level's tempo plus the rests, on every side.

    `level`: its fields by name, with a patient's own numbers over them where there are any. `sides`: how many are
    worked one after the other; as the level says if None.
    """
    sides = sides or (2 if level["sides"] in ("each", "alternating") else 1)
    a_rep = (sum(int(part) for part in level["tempo"].split("-") if part.isdigit()) or SECONDS_A_REP) + (
        level["hold_s"] or 0
    )
    work = level["seconds_high"] or (level["reps_high"] or level["reps_low"] or 1) * a_rep
    sets = level["sets"] * sides
    return float(sets * work + max(0, sets - 1) * level["rest_s"] // sides) / 60


def as_json(dose: Dose) -> dict[str, Any]:
    return asdict(dose)


def from_json(values: Mapping[str, Any]) -> Dose:
    return Dose(**values)


def lighter_dose(dose: Dose, level: LevelVersion) -> Dose:
    """One step lighter, in the order the level gives, in weights that exist; the same dose if nothing is left."""
    plates = level.content["load_min_step"] or 1
    return lighter(dose, level.content.get("lighter") or LIGHTER_ORDER, min_step_grams=plates)[0]


def heavier_dose(dose: Dose, level: LevelVersion, *, two_for_two_met: bool) -> Dose | None:
    """Double progression: the next load, repetitions from the low end again (handbook E22).

    None where that step is too big yet, or there is no load to raise. Nobody knows what the next band adds: it counts
    as a big step.
    """
    if dose.band_step is not None:
        may = two_for_two_met and dose.band_step < BOUNDS["band_step"]
        return replace(dose, band_step=dose.band_step + 1) if may else None
    content = level.content
    if content["load_unit"] != "kg":
        return None
    grams = next_load(
        dose.load_grams or 0,
        min_step_grams=content["load_min_step"] or LEAST_STEP_GRAMS,
        max_pct=max(content["load_step_pct"] or [MOST_STEP_PCT]),
        two_for_two_met=two_for_two_met,
    )
    return None if grams is None or grams > BOUNDS["load_grams"] else replace(dose, load_grams=grams)


def changed(dose: Dose, changes: Mapping[str, int | str]) -> Dose:
    """`dose` with other numbers, or another tempo. Raises ValueError naming the number, its value and the bound."""
    known = {field.name for field in fields(Dose)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(_("%(name)s is not part of a dose.") % {"name": name})
        if isinstance(value, str):
            _refuse_tempo(name, value)
            continue
        least = 0 if name in FROM_NOTHING else 1
        if name not in BOUNDS or not least <= value <= BOUNDS[name]:
            text = _("“%(name)s” %(value)s: goes from %(least)s to %(top)s.")
            words = {"name": NUMBER_WORDS.get(name, name), "value": value, "least": least, "top": BOUNDS.get(name, 0)}
            raise ValueError(text % words)
    new = replace(dose, **changes)  # type: ignore[arg-type]
    for low, high in (("reps_low", "reps_high"), ("seconds_low", "seconds_high"), ("per_day_low", "per_day_high")):
        if (getattr(new, low) or 0) > (getattr(new, high) or BOUNDS[high]):
            text = _("“%(low)s” is above “%(high)s”.")
            raise ValueError(text % {"low": NUMBER_WORDS[low], "high": NUMBER_WORDS[high]})
    return new


def _refuse_tempo(name: str, value: str) -> None:
    if name != "tempo" or not TEMPO.fullmatch(value):
        text = _("%(name)s %(value)s: three numbers of seconds, as in 3-1-2.")
        raise ValueError(text % {"name": name, "value": value})
