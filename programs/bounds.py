"""What a level may ask for: beyond these a number is a slip of the hand. Library files and the admin share the list."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

MOST_REPS, MOST_SETS, MOST_SECONDS, MOST_GRAMS, MOST_BAND_STEPS = 300, 20, 1800, 300_000, 12

BOUNDS = {
    "sets": (1, MOST_SETS),
    "sets_max": (1, MOST_SETS),
    "reps_low": (1, MOST_REPS),
    "reps_high": (1, MOST_REPS),
    "seconds_low": (1, MOST_SECONDS),
    "seconds_high": (1, MOST_SECONDS),
    "hold_s": (1, MOST_SECONDS),
    "rest_s": (0, MOST_SECONDS),
    "per_day_low": (1, 12),
    "per_day_high": (1, 12),
    "per_week_low": (1, 7),
    "per_week_high": (1, 7),
    "successes": (1, 50),
    "min_days": (0, 365),
}
RANGES = (
    ("sets", "sets_max"),
    ("reps_low", "reps_high"),
    ("seconds_low", "seconds_high"),
    ("per_day_low", "per_day_high"),
    ("per_week_low", "per_week_high"),
)
TEMPO = re.compile(r"\d{1,2}-\d{1,2}-\d{1,2}")


def level_faults(level: Mapping[str, Any]) -> dict[str, str]:
    """Field → what is wrong with it, for the numbers of a level by their model names; empty if it can be trained."""
    faults = {}
    for field, (low, high) in BOUNDS.items():
        value = level.get(field)
        if value is not None and not low <= value <= high:
            faults[field] = _("%(value)s: goes from %(low)s to %(high)s") % {"value": value, "low": low, "high": high}
    for start, end in RANGES:
        first, last = level.get(start), level.get(end)
        if first is not None and last is not None and first > last:
            faults.setdefault(end, _("%(first)s to %(last)s: ends below its start") % {"first": first, "last": last})
    if not TEMPO.fullmatch(str(level.get("tempo", ""))):
        faults["tempo"] = _("%(value)s: three numbers of seconds, as in 3-1-2") % {"value": level.get("tempo")}
    return faults | _amount_faults(level) | _load_faults(level)


def _amount_faults(level: Mapping[str, Any]) -> dict[str, str]:
    """Held levels count seconds, all others repetitions: a level without its count could never be done."""
    needed, other = ("seconds", "reps") if level.get("mode") == "time" else ("reps", "seconds")
    faults = {
        f"{needed}_{end}": _("is needed for this mode")
        for end in ("low", "high")
        if level.get(f"{needed}_{end}") is None
    }
    if level.get(f"{other}_low") is not None or level.get(f"{other}_high") is not None:
        faults[f"{other}_low"] = _("does not go with this mode")
    return faults


def _load_faults(level: Mapping[str, Any]) -> dict[str, str]:
    unit, start = level.get("load_unit"), level.get("load_start")
    faults = {}
    if unit == "bodyweight":
        if start is not None:
            faults["load_start"] = _("body weight has no starting load")
    elif start is None:
        faults["load_start"] = _("is needed for this kind of load")
    elif unit == "kg" and not 1 <= start <= MOST_GRAMS:
        faults["load_start"] = _("%(kg)g kg: goes up to %(top)d kg") % {"kg": start / 1000, "top": MOST_GRAMS // 1000}
    elif unit == "band_step" and not 0 <= start <= MOST_BAND_STEPS:
        faults["load_start"] = _("band %(value)s: goes from 0 to %(top)s") % {"value": start, "top": MOST_BAND_STEPS}
    step = level.get("load_step_pct") or []
    if step and not (
        len(step) == 2 and all(isinstance(part, int) and 1 <= part <= 100 for part in step) and step[0] <= step[1]
    ):
        faults["load_step_pct"] = _("two percentages from 1 to 100, the smaller first")
    least = level.get("load_min_step")
    if least is not None and not 1 <= least <= MOST_GRAMS:
        faults["load_min_step"] = _("%(kg)g kg: goes up to %(top)d kg") % {
            "kg": least / 1000,
            "top": MOST_GRAMS // 1000,
        }
    return faults
