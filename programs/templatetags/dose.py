"""Doses in words: "3 × 10–15, hold 2 s, each side", "down 3 s, pause 1 s, up 2 s", "2 to 4 times a day".

A dose may be a `Dose`, the JSON it is stored as, or a level itself (its full dose). What a dose does not carry
(hold, sides, days a week) comes from the level, or a patient's exercise on it, given as the filter's argument:
`{{ item.dose|dose_line:item }}`.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.models import Clinic
from programs.dose import dose_of, from_json
from programs.models import Level, LevelVersion
from programs.rules import Dose

register = template.Library()


class WithContent(Protocol):
    @property
    def content(self) -> Mapping[str, Any]: ...


@register.filter
def dose_line(value: Dose | Mapping[str, Any] | LevelVersion, level: WithContent | None = None) -> str:
    """Sets and repetitions or seconds, and what is special about them. Load and frequency have filters of their own."""
    dose, content = _read(value), _content(value, level)
    if dose.reps_low is None and dose.seconds_low is not None:
        amount = _("%(seconds)s s") % {"seconds": _span(dose.seconds_low, dose.seconds_high)}
    else:
        amount = _span(dose.reps_low, dose.reps_high)
    parts = [_("%(sets)s × %(amount)s") % {"sets": _span(dose.sets, dose.sets_max), "amount": amount}]
    if content.get("mode") == "fatigue":
        parts.append(_("until tired"))
    if hold := content.get("hold_s") if dose.hold_s is None else dose.hold_s:
        parts.append(_("hold %(seconds)s s") % {"seconds": hold})
    if side := _side_words(content.get("sides", "")):
        parts.append(side)
    if dose.rom_pct < 100:
        parts.append(_("%(percent)s %% of the range") % {"percent": dose.rom_pct})
    return ", ".join(parts)


@register.filter
def level_line(level: Level) -> str:
    """As `dose_line`, with the load, for a level that a trainer is editing."""
    copy = LevelVersion(content=vars(level))
    return ", ".join(part for part in (dose_line(copy), load_words(copy)) if part)


@register.filter
def load_words(value: Dose | Mapping[str, Any] | LevelVersion, clinic: Clinic | None = None) -> str:
    """The weight in kilograms, or the band with the clinic's colour for it; empty for body weight."""
    dose = _read(value)
    if dose.load_grams:
        kilograms = number_format(f"{dose.load_grams / 1000:.3f}".rstrip("0").rstrip("."), use_l10n=True)
        return _("%(kilograms)s kg") % {"kilograms": kilograms}
    if dose.band_step is None:
        return ""
    words = _("band: %(which)s") % {"which": _band(dose.band_step)}
    colours = clinic.band_colours if clinic else []
    return f"{words} ({colours[dose.band_step]})" if dose.band_step < len(colours) else words


@register.filter
def speed_words(value: Dose | Mapping[str, Any], level: LevelVersion) -> str:
    """The tempo of a dose in words: this person's own, or the level's."""
    return tempo_words(_read(value).tempo or level.content["tempo"])


@register.filter
def tempo_words(tempo: str) -> str:
    """ "3-1-2" is three seconds down, one of pause, two up; what takes no time is left out."""
    names = (_("down %(seconds)s s"), _("pause %(seconds)s s"), _("up %(seconds)s s"))
    seconds = tempo.split("-")
    return ", ".join(
        name % {"seconds": int(part)}
        for name, part in zip(names, seconds, strict=False)
        if part.isdecimal() and int(part)
    )


@register.filter
def frequency_words(value: Dose | Mapping[str, Any] | LevelVersion, level: LevelVersion | None = None) -> str:
    """How often a day and, where the level is known, on how many days a week."""
    dose, content = _read(value), _content(value, level)
    parts = [_times_a_day(dose.per_day_low, dose.per_day_high)]
    if "per_week_low" in content:
        parts.append(_days_a_week(content["per_week_low"], content["per_week_high"]))
    return ", ".join(parts)


def _read(value: Dose | Mapping[str, Any] | LevelVersion) -> Dose:
    if isinstance(value, LevelVersion):
        return dose_of(value)
    return value if isinstance(value, Dose) else from_json(value)


def _content(value: object, level: WithContent | None) -> Mapping[str, Any]:
    found = level or (value if isinstance(value, LevelVersion) else None)
    return found.content if found else {}


def _span(low: int | None, high: int | None) -> str:
    return f"{low}" if high is None or low == high else f"{low}–{high}"


def _side_words(sides: str) -> str:
    return {
        "each": _("each side"),
        "alternating": _("side by side in turn"),
        "affected": _("on the side being treated"),
        "left": _("left side"),
        "right": _("right side"),
    }.get(sides, "")


def _band(step: int) -> str:
    named = (_("lightest"), _("second lightest"), _("third lightest"), _("fourth lightest"), _("fifth lightest"))
    return named[step] if step < len(named) else _("number %(number)s from the lightest") % {"number": step + 1}


def _times_a_day(low: int, high: int) -> str:
    if low == high == 1:
        return _("once a day")
    if low == high:
        return ngettext("%(times)s time a day", "%(times)s times a day", high) % {"times": high}
    return ngettext("%(low)s to %(high)s time a day", "%(low)s to %(high)s times a day", high) % {
        "low": low,
        "high": high,
    }


def _days_a_week(low: int, high: int) -> str:
    if low == high == 7:
        return _("every day")
    if low == high:
        return ngettext("%(days)s day a week", "%(days)s days a week", high) % {"days": high}
    return ngettext("%(low)s to %(high)s day a week", "%(low)s to %(high)s days a week", high) % {
        "low": low,
        "high": high,
    }
