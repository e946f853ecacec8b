"""The pure engine: values in, decision out. Standard library only, no clock, no database."""

from .decision import Decision, Finding, Words, assess, decide, held_scope
from .derived import Limits, Params, limits
from .facts import RED_FLAGS, BadFact, Facts
from .ruleset import BadRules, Counts, Outcome, RuleSet, Scope, Severity, Target

__all__ = [
    "RED_FLAGS",
    "BadFact",
    "BadRules",
    "Counts",
    "Decision",
    "Facts",
    "Finding",
    "Limits",
    "Outcome",
    "Params",
    "RuleSet",
    "Scope",
    "Severity",
    "Target",
    "Words",
    "assess",
    "decide",
    "held_scope",
    "limits",
]
