"""The pure engine: values in, decision out. Standard library only, no clock, no database."""

from .decision import Decision, Finding, assess, decide, held_scope
from .derived import Limits, Params, limits
from .dose import Dose, Lighter, lighter, next_load
from .entries import BadRules
from .facts import RED_FLAGS, BadFact, Facts
from .needs import Need, needs, why_not
from .rule import Counts, Outcome, Scope, Severity, Target, TextRule, TickRule
from .ruleset import RuleSet
from .sentences import Words
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
    "Need",
    "Outcome",
    "Params",
    "RuleSet",
    "Scope",
    "Severity",
    "Target",
    "TextRule",
    "TickRule",
    "Words",
    "after",
    "assess",
    "baseline",
    "decide",
    "held_scope",
    "lighter",
    "limits",
    "needs",
    "next_load",
    "replay",
    "two_rises",
    "watch_words",
    "why_not",
]
