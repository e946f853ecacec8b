"""All rules together: read from plain data, and refused where only the whole set can be wrong."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Self

from .condition import Condition
from .derived import Params
from .entries import BadRules, Entry, entries, keys
from .facts import RED_FLAGS
from .parsing import flag_rule, params, progression_rule, severities, text_rule, tick_rule
from .rule import FlagRule, Outcome, Rule, Severity, TextRule, TickRule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    version: int
    digest: str
    params: Params
    progression: tuple[Rule, ...]
    flags: tuple[FlagRule, ...]
    severities: Mapping[int, Severity]
    tick_rules: tuple[TickRule, ...]
    text_rules: tuple[TextRule, ...]

    @classmethod
    def from_values(cls, progression: Entry, flags: Entry) -> Self:
        """A rule set from the two files as plain values. Raises BadRules naming the entry."""
        keys("progression rules", progression, {"version", "params", "rules"}, {"limits", "facts"})
        keys("flag rules", flags, {"version", "severities", "rules", "tick_rules", "text_rules"})
        if progression["version"] != flags["version"] or not isinstance(flags["version"], int):
            raise BadRules("version", "both files must carry the same whole number")
        found = cls(
            version=flags["version"],
            digest=hashlib.sha256(json.dumps([progression, flags], sort_keys=True).encode()).hexdigest(),
            params=params(progression["params"]),
            progression=tuple(progression_rule(entry) for entry in entries("progression rules", progression["rules"])),
            flags=tuple(flag_rule(entry) for entry in entries("flag rules", flags["rules"])),
            severities=severities(flags["severities"]),
            tick_rules=tuple(tick_rule(entry) for entry in entries("tick rules", flags["tick_rules"])),
            text_rules=tuple(text_rule(entry) for entry in entries("text rules", flags["text_rules"])),
        )
        _refuse_gaps(found)
        return found

    @property
    def ids(self) -> tuple[str, ...]:
        every = (self.flags, self.tick_rules, self.text_rules)
        return (*(rule.id for rule in self.progression), *(rule.code for rules in every for rule in rules))

    def with_params(self, **changes: object) -> Self:
        """The same rules with other numbers, for one patient or one clinic. A rule itself cannot be replaced."""
        current = {one.name: getattr(self.params, one.name) for one in fields(Params)}
        return replace(self, params=params(current | changes))


def _refuse_gaps(rules: RuleSet) -> None:
    """What only the whole set can get wrong: doubles, wrong order, no last word, a red flag nobody reads."""
    seen: set[str] = set()
    for name in rules.ids:
        if name in seen:
            raise BadRules(name, "stands twice")
        seen.add(name)
    *earlier, last = rules.progression
    if last.when or any(not rule.when for rule in earlier):
        raise BadRules(last.id, "only the last rule matches everything, so that each log gets one decision")
    _refuse_wrong_order(rules.progression)
    read = {code for rule in rules.flags for one in rule.when if one.fact == "red_flags" for code in _asked(one)}
    if unread := set(RED_FLAGS) - read:
        raise BadRules("flag rules", f"no rule reads {', '.join(sorted(unread))}")


def _asked(condition: Condition) -> tuple[str, ...]:
    return condition.wanted if isinstance(condition.wanted, tuple) else (str(condition.wanted),)


def _refuse_wrong_order(progression: Iterable[Rule]) -> None:
    """Strictest group first: a hold above a lighter rule would make pain 3 milder than pain 2.

    A person's own hold stands between stop and the rest: it keeps a level, and never hides a stop.
    """
    reached = Outcome.STOP_AND_FLAG.mildness
    for rule in progression:
        if rule.is_human and rule.outcome is Outcome.HOLD and reached <= Outcome.REGRESS.mildness:
            reached = Outcome.REGRESS.mildness
            continue
        if rule.outcome.mildness < reached:
            raise BadRules(rule.id, f"{rule.outcome} stands below a milder rule")
        reached = rule.outcome.mildness
