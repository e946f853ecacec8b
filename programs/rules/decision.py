"""The two questions: what happens to this exercise, and what must a person look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .derived import judge
from .facts import Facts
from .rule import Counts, Outcome, Scope
from .ruleset import RuleSet
from .sentences import Words, fullest


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Exactly one per judged log.

    `reason_key` is the English sentence with its {places}: the message id for translation, kept so that an old
    decision still reads well under newer rules. `reason` is the same sentence filled with `reason_values`.
    """

    outcome: Outcome
    rule_id: str
    reason_key: str
    reason_values: Mapping[str, str | int | float]
    reason: str
    scope: Scope | None
    change: str | None
    to: str | None
    proposal: str | None
    provisional: bool
    needs_recheck: bool
    counts: Counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One flag rule that fired. Severity 1 is an emergency, 5 information."""

    code: str
    severity: int
    group: str
    stop: Scope | None


def decide(facts: Facts, rules: RuleSet, words: Words | None = None) -> Decision:
    """The first rule that matches speaks.

    The strictest group stands first, so worse input never gets a milder answer. `words` only fill the sentence.
    """
    judged = judge(facts, rules.params)
    rule = next(rule for rule in rules.progression if rule.matches(judged))
    sentence, values = fullest(rule.say, judged, words or Words())
    return Decision(
        outcome=rule.outcome,
        rule_id=rule.id,
        reason_key=sentence,
        reason_values=values,
        reason=sentence.format(**values),
        scope=rule.scope,
        change=rule.change,
        to=rule.to,
        proposal=rule.proposal,
        provisional=rule.provisional,
        needs_recheck=rule.needs_recheck,
        counts=rule.counts,
    )


def assess(facts: Facts, rules: RuleSet) -> tuple[Finding, ...]:
    """Every flag rule that matches, the most severe first.

    Never looks at the decision: a locked, late or paused log is flagged like any other.
    """
    judged = judge(facts, rules.params)
    found = [
        Finding(code=rule.code, severity=rule.severity, group=rule.group, stop=rule.stop)
        for rule in rules.flags
        if rule.matches(judged)
    ]
    return tuple(sorted(found, key=lambda finding: (finding.severity, finding.code)))


def held_scope(decision: Decision, findings: Iterable[Finding]) -> Scope | None:
    """What is held: the widest of the deciding rule's scope and the stops of all flags found."""
    scopes = [scope for scope in (decision.scope, *(finding.stop for finding in findings)) if scope]
    return max(scopes, key=lambda scope: scope.width, default=None)
