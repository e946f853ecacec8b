"""What the next step asks for, and what of it stands in the way: the rules read as a list of conditions."""

from collections.abc import Mapping
from dataclasses import dataclass

from .condition import NUMBERS
from .derived import Judged, judge
from .facts import Facts
from .rule import Rule
from .ruleset import RuleSet
from .sentences import Words, fullest

# Facts of the exercise and the plan, not of a day: a rule about nerve glides says nothing of a squat.
ABOUT = ("kind", "policy", "mode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing the next step asks for. `rules`: those that find it missing, the strictest first; none where it is met.

    `key` is the English sentence with its {places} and `values` fill them, as in a decision's reason.
    """

    key: str
    values: Mapping[str, str | int | float]
    rules: tuple[str, ...]

    @property
    def met(self) -> bool:
        return not self.rules


def needs(facts: Facts, rules: RuleSet, words: Words | None = None) -> tuple[Need, ...]:
    """Everything the next step asks for, the strictest first. Rules that ask for the same in the same words are one.

    Read off the rules that `decide` reads: all are met exactly where it would advance.
    """
    judged = judge(facts, rules.params)
    guarding: dict[str, list[Rule]] = {}
    for rule in rules.progression:
        if rule.needs and _concerns(rule, judged):
            guarding.setdefault(rule.needs[-1], []).append(rule)
    return tuple(_need(guards, judged, words or Words()) for guards in guarding.values())


def why_not(facts: Facts, rules: RuleSet, words: Words | None = None) -> tuple[Need, ...]:
    """Everything that keeps this log from moving on, not only what spoke first. Empty exactly where it moves on."""
    return tuple(need for need in needs(facts, rules, words) if not need.met)


def _concerns(rule: Rule, judged: Judged) -> bool:
    return all(one.holds(judged) for one in rule.when if one.fact in ABOUT)


def _need(guards: list[Rule], judged: Judged, words: Words) -> Need:
    """The figures are those of the mildest rule that finds it missing: the most that is asked for."""
    missing = [rule for rule in guards if rule.matches(judged)]
    rule = (missing or guards)[-1]
    own = {one.key: one.against(judged) for one in rule.when if one.test in NUMBERS}
    key, values = fullest(rule.needs, judged, words, own)
    return Need(key=key, values=values, rules=tuple(rule.id for rule in missing))
