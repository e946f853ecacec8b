"""Doses between the database and the rules: out of a frozen level, into JSON and back, changed within bounds."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from django.utils.translation import gettext as _

from programs.models import LevelVersion
from programs.rules.dose import LIGHTER_ORDER, Dose, lighter

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
}


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


def as_json(dose: Dose) -> dict[str, Any]:
    return asdict(dose)


def from_json(values: Mapping[str, Any]) -> Dose:
    return Dose(**values)


def lighter_dose(dose: Dose, level: LevelVersion) -> Dose:
    """One step lighter, in the order the level gives; the same dose if nothing is left to take away."""
    return lighter(dose, level.content.get("lighter") or LIGHTER_ORDER)[0]


def changed(dose: Dose, changes: Mapping[str, int]) -> Dose:
    """`dose` with other numbers. Raises ValueError naming the number, its value and the bound."""
    known = {field.name for field in fields(Dose)}
    for name, value in changes.items():
        if name not in known:
            raise ValueError(_("%(name)s is not part of a dose.") % {"name": name})
        if not 1 <= value <= BOUNDS[name] and not (name == "band_step" and value == 0):
            text = _("%(name)s %(value)s: goes from 1 to %(top)s.")
            raise ValueError(text % {"name": name, "value": value, "top": BOUNDS[name]})
    new = replace(dose, **changes)
    for low, high in (("reps_low", "reps_high"), ("seconds_low", "seconds_high"), ("per_day_low", "per_day_high")):
        if (getattr(new, low) or 0) > (getattr(new, high) or BOUNDS[high]):
            raise ValueError(_("%(low)s is above %(high)s.") % {"low": low, "high": high})
    return new
