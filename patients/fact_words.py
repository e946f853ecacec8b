"""The facts behind a decision in words, so that no page shows the names the rules use among themselves."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.red_flag_words import RED_FLAG_WORDS
from programs.rules import Limits

NAMES: dict[str, Promise] = {
    "kind": gettext_lazy("Kind of exercise"),
    "usual": gettext_lazy("Usual pain"),
    "advance_max": gettext_lazy("Next level only up to pain"),
    "regress_at": gettext_lazy("Step back from pain"),
    "stop_at": gettext_lazy("Stop from pain"),
    "baseline": gettext_lazy("Pain compared with"),
    "pain_before": gettext_lazy("Pain before"),
    "pain_during": gettext_lazy("Worst pain during"),
    "pain_after": gettext_lazy("Pain after"),
    "next_day": gettext_lazy("Pain the next day"),
    "check": gettext_lazy("Next-day answer"),
    "says_worse": gettext_lazy("Said worse than usual"),
    "form": gettext_lazy("Form"),
    "full_rom": gettext_lazy("Full range"),
    "mode": gettext_lazy("How a set ends"),
    "at_top": gettext_lazy("Top of the range in each set"),
    "painful": gettext_lazy("Form lost through pain"),
    "technique_retry_used": gettext_lazy("Tried again with better form"),
    "completion_l": gettext_lazy("Done on the left"),
    "completion_r": gettext_lazy("Done on the right"),
    "done_ratio": gettext_lazy("Done of the dose"),
    "successes": gettext_lazy("Clean days before"),
    "successes_required": gettext_lazy("Clean days needed"),
    "days_at_level": gettext_lazy("Days at this level"),
    "min_days": gettext_lazy("Days at a level, at least"),
    "gap": gettext_lazy("Days since the last session"),
    "cramp": gettext_lazy("Cramp"),
    "cramps": gettext_lazy("Cramps in a row"),
    "bad_next_day": gettext_lazy("Bad next days in a row"),
    "jumps": gettext_lazy("Jumps of pain in a row"),
    "incomplete": gettext_lazy("Unfinished days in a row"),
    "red_flags": gettext_lazy("Warning signs"),
    "neuro": gettext_lazy("Nerve signs"),
    "words": gettext_lazy("Words that were used"),
    "strength_loss": gettext_lazy("Strength was lost"),
    "override": gettext_lazy("Set by a therapist"),
    "open_stop": gettext_lazy("A stop was open"),
    "contraindicated": gettext_lazy("Ruled out for this person"),
    "approval": gettext_lazy("Who decides the next level"),
    "policy": gettext_lazy("How pain is judged"),
    "late_h": gettext_lazy("Hours between session and log"),
    "same_day_extra": gettext_lazy("More than planned that day"),
    "gate_missing": gettext_lazy("A gate was missing"),
    "cap_reached": gettext_lazy("At the top level of the phase"),
    "load_step": gettext_lazy("The next step adds weight"),
    "worsening_two": gettext_lazy("Worse two times in a row"),
    "lightened": gettext_lazy("Already made lighter"),
}

VALUES: dict[str, Promise] = {
    "strength": gettext_lazy("strength"),
    "nerve": gettext_lazy("nerve glide"),
    "motor_control": gettext_lazy("control of movement"),
    "soft_tissue": gettext_lazy("soft tissue"),
    "mobility_dynamic": gettext_lazy("moving stretch"),
    "static_stretch": gettext_lazy("held stretch"),
    "ok": gettext_lazy("as usual"),
    "worse": gettext_lazy("worse"),
    "pending": gettext_lazy("still to come"),
    "unanswered": gettext_lazy("no answer"),
    "partly": gettext_lazy("partly lost"),
    "lost": gettext_lazy("lost"),
    "resolved": gettext_lazy("passed"),
    "unresolved": gettext_lazy("did not pass"),
    "lock": gettext_lazy("level locked"),
    "pause": gettext_lazy("paused"),
    "auto": gettext_lazy("the rules"),
    "therapist": gettext_lazy("a therapist"),
    "monitored": gettext_lazy("watched: some pain is acceptable"),
    "strict": gettext_lazy("strict: new pain means stop and ask"),
    "fatigue": gettext_lazy("when tired"),
    "weakness": gettext_lazy("weakness"),
    "numb_or_tingle_new": gettext_lazy("new numbness or tingling"),
    "pop": gettext_lazy("pop"),
    "snap": gettext_lazy("snap"),
    "tear": gettext_lazy("tear"),
    "sharp": gettext_lazy("sharp"),
}
SHARES = {"completion_l", "completion_r", "done_ratio"}
# Said of every log, whatever their value: what a reader looks for first.
ALWAYS = ("usual", "pain_before", "pain_during", "pain_after", "check", "form")
LIMITS = ("advance_max", "regress_at", "stop_at")
TO_FATIGUE = {"mode", "at_top"}  # told of what is done until tired, where the rules ask for them
EMPTY: tuple[Any, ...] = (None, False, [], ())


def facts_in_words(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is worth reading of stored facts: the pains and the form, then all that is not empty and not as ever."""
    told = [name for name in ALWAYS if name in facts]
    rest = set(facts) - {*ALWAYS, *LIMITS} - (set() if facts.get("mode") == "fatigue" else TO_FATIGUE)
    told += [name for name in NAMES if name in rest and (name == "at_top" or facts[name] not in EMPTY)]
    return [(str(NAMES[name]), _value(name, facts[name])) for name in told]


def limits_in_words(limits: Limits) -> list[tuple[str, str]]:
    """The numbers a decision was measured against, whether from the usual pain or set by a therapist."""
    return [(str(NAMES[name]), str(getattr(limits, name))) for name in LIMITS]


def _value(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(_value(name, one) for one in value)
    if name in SHARES:
        return _("%(share)d %%") % {"share": round(value * 100)}
    if name == "form" and value == "ok":
        return _("kept")
    if name == "red_flags" and value in RED_FLAG_WORDS:
        return str(RED_FLAG_WORDS[value])
    if isinstance(value, str):
        return str(VALUES.get(value, value.replace("_", " ")))
    return str(value)
