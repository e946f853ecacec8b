"""The two questions: what happens to this exercise, and what must a person look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .derived import Judged, judge
from .facts import Facts
from .ruleset import Counts, Outcome, Rule, RuleSet, Scope, placeholders


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the caller knows beside the facts, for a fuller sentence: the weaker side, reps done and asked."""

    side: str | None = None  # left | right
    done: int | None = None
    asked: int | None = None
    exercise: str | None = None


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
    sentence, values = _reason(rule, judged, words or Words())
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


def _reason(rule: Rule, judged: Judged, words: Words) -> tuple[str, dict[str, str | int | float]]:
    """The fullest sentence all of whose places can be filled."""
    known = {**judged.thresholds, **judged.values, **_given(words)}
    # The last sentence always fits: RuleSet refuses one that might not.
    sentence = next(one for one in rule.say if all(known.get(name) is not None for name in placeholders(one)))
    return sentence, {name: _plain(known[name]) for name in sorted(placeholders(sentence))}


def _given(words: Words) -> dict[str, object]:
    return {"side": words.side, "done": words.done, "asked": words.asked, "exercise": words.exercise}


def _plain(value: object) -> str | int | float:
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 1)
    return value if isinstance(value, str | int) else str(value)
