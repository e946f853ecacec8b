"""The clinical numbers a clinic may change: what each means, its bounds, and where its value comes from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import yaml
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.refusals import Refused
from programs.rulebook import current_rules, library_values
from programs.rules import BadRules, RuleSet


@dataclass(frozen=True, slots=True)
class ClinicalNumber:
    """One number of the rules. `source` begins with seed, lit or default, as in docs/clinical-rules.md."""

    name: str
    label: str | Promise
    low: float
    high: float
    source: str
    whole: bool = True


def _number(name: str, label: str | Promise, low: float, high: float, source: str) -> ClinicalNumber:
    return ClinicalNumber(name, label, low, high, source, whole=isinstance(high, int))


t = gettext_lazy
MONITORING = "lit, pain-monitoring model"
CHANGE = "lit, smallest change the scale can show"
TEAR = "default, from the signs of a hamstring tear"
NUMBERS = (
    _number("advance_pain_max", t("Most pain to move on with"), 0, 5, MONITORING),
    _number("regress_pain", t("Pain that takes a level back"), 3, 9, MONITORING),
    _number("stop_pain", t("Pain that stops the exercise"), 3, 10, "lit, severe band of the 0-10 scale"),
    _number("severe_pain", t("Pain that stops the whole area"), 5, 10, "lit, severe band of the 0-10 scale"),
    _number("advance_pain_cap", t("Most pain to move on with, for the highest usual pain"), 0, 7, MONITORING),
    _number("regress_pain_cap", t("Pain that takes a level back, for the highest usual pain"), 3, 10, "default"),
    _number("stop_pain_cap", t("Pain that stops, for the highest usual pain"), 3, 10, "default"),
    _number("jump", t("Points above the baseline that count as a jump"), 1, 6, CHANGE),
    _number("next_day_tolerance", t("Points above the baseline allowed the next day"), 0, 4, "default"),
    _number("next_day_floor", t("Next-day pain below this is ordinary soreness"), 1, 6, "default"),
    _number("nerve_pain_cap", t("Most pain in a nerve glide"), 0, 5, "default, from the mild pull of seed s004"),
    _number("nerve_pain_ceiling", t("Most pain in a glide, for the highest pain before"), 0, 9, "default"),
    _number("pain_floor", t("From here on pain is more than the safe zone"), 1, 5, MONITORING),
    _number("acute_rise", t("Points above before that make a pop an injury"), 1, 5, TEAR),
    _number("late_log_h", t("Hours after which a log is late"), 12, 336, "default"),
    _number("overdose_ratio", t("Share of the dose that is too much"), 1.1, 4.0, "default"),
    _number("half_dose", t("Share of the dose that is too little"), 0.1, 0.9, "default"),
    _number("streak_gap_days", t("Days off after which successes are lost"), 2, 28, "default"),
    _number("baseline_scores", t("Scores the baseline is the middle of"), 3, 28, "default"),
    _number("baseline_needs", t("Scores a baseline needs"), 1, 14, "default"),
    _number("baseline_above_usual", t("Points the baseline may rise above usual pain"), 0, 4, "default"),
)
BY_NAME: Mapping[str, ClinicalNumber] = {one.name: one for one in NUMBERS}

# The first may not be above the second: else pain would be judged more mildly the more there is of it.
IN_ORDER = (
    ("advance_pain_max", "regress_pain"),
    ("regress_pain", "stop_pain"),
    ("stop_pain", "severe_pain"),
    ("advance_pain_max", "advance_pain_cap"),
    ("regress_pain", "regress_pain_cap"),
    ("stop_pain", "stop_pain_cap"),
    ("advance_pain_cap", "regress_pain_cap"),
    ("regress_pain_cap", "stop_pain_cap"),
    ("nerve_pain_cap", "nerve_pain_ceiling"),
    ("baseline_needs", "baseline_scores"),
)


def changed_rules(changes: Mapping[str, float]) -> RuleSet:
    """The rules in force with other numbers. Raises Refused naming each number, its value and its bounds."""
    errors = {name: fault for name, value in changes.items() if (fault := _fault(name, value))}
    if not errors:
        values = {**asdict(current_rules().params), **changes}
        for low, high in IN_ORDER:
            if values[low] > values[high] and (low in changes or high in changes):
                text = _("%(value)s is above “%(other)s”, which is %(top)s.")
                at = low if low in changes else high
                errors[at] = text % {"value": values[low], "other": BY_NAME[high].label, "top": values[high]}
    if errors:
        raise Refused(_("These numbers cannot be tried."), errors)
    return current_rules().with_params(**changes)


def _fault(name: str, value: float) -> str:
    number = BY_NAME.get(name)
    if number is None:
        return _("%(name)s is not a clinical number.") % {"name": name}
    fits = not isinstance(value, bool) and isinstance(value, int if number.whole else int | float)
    if fits and number.low <= value <= number.high:
        return ""
    text = _("%(value)s: goes from %(low)s to %(high)s.")
    return text % {"value": value, "low": number.low, "high": number.high}


def rules_from(text: str) -> RuleSet:
    """A candidate as YAML: only changed `params`, or a whole progression or flag file in the shipped form.

    Raises Refused naming the line or the entry.
    """
    values = _read(text)
    if set(values) == {"params"} and isinstance(values["params"], Mapping):
        return changed_rules(values["params"])
    progression, flags = library_values()
    try:
        if "severities" in values:
            return RuleSet.from_values(progression, values)
        return RuleSet.from_values(values, flags)
    except BadRules as fault:
        raise Refused(_("These rules cannot be tried. %(fault)s") % {"fault": fault}) from None


def _read(text: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as fault:
        raise Refused(_("This is not YAML: %(fault)s") % {"fault": " ".join(str(fault).split())}) from None
    if not isinstance(values, dict) or not values:
        raise Refused(_("Rules are a mapping: params with changed numbers, or a whole rules file."))
    return values
