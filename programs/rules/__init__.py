"""The pure engine: values in, decision out. Standard library only, no clock, no database."""

from .decision import Decision, Finding, Words, assess, decide, held_scope
from .derived import Limits, Params, limits
from .dose import Dose, Lighter, lighter, next_load
from .facts import RED_FLAGS, BadFact, Facts
from .ruleset import BadRules, Counts, Outcome, RuleSet, Scope, Severity, Target
from .state import Effort, ItemState, Log, after, baseline, replay, two_rises
from .watchwords import watch_words

__all__ = [
    "RED_FLAGS",
    "BadFact",
    "BadRules",
    "Counts",
    "Decision",
    "Dose",
    "Effort",
    "Facts",
    "Finding",
    "ItemState",
    "Lighter",
    "Limits",
    "Log",
    "Outcome",
    "Params",
    "RuleSet",
    "Scope",
    "Severity",
    "Target",
    "Words",
    "after",
    "assess",
    "baseline",
    "decide",
    "held_scope",
    "lighter",
    "limits",
    "next_load",
    "replay",
    "two_rises",
    "watch_words",
]
