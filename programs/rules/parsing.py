"""From plain data to rules as values, one kind of entry a function. Each raises BadRules naming the entry."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import cast

from .condition import Condition
from .derived import Params
from .entries import BadRules, Entry, keys, member, named, one_of, source, text, texts
from .facts import Number, OneOf, Whole
from .rule import (
    ALWAYS_SAYABLE,
    SAYABLE,
    Counts,
    FlagRule,
    Outcome,
    Rule,
    Scope,
    Severity,
    Target,
    TextRule,
    TickRule,
    placeholders,
)


def params(values: object) -> Params:
    known = {one.name: one.type for one in fields(Params)}
    given = keys("params", values, set(known))
    for name, value in given.items():
        shape = OneOf(("strict", "monitored")) if name == "pain_policy" else Number(0)
        if fault := shape.fault(value):
            raise BadRules(f"params.{name}", f"{value!r} {fault}")
    return Params(**given)  # type: ignore[arg-type]


def _conditions(name: str, values: object) -> tuple[Condition, ...]:
    if not isinstance(values, Mapping):
        raise BadRules(name, "when must be a mapping")
    return tuple(Condition.parse(name, str(key), wanted) for key, wanted in values.items())


def _optional_scope(name: str, value: object) -> Scope | None:
    return None if value is None else member(name, Scope, value)


# A rule that says nothing about counting does what its outcome implies.
_COUNTS_BY_OUTCOME = {Outcome.ADVANCE: Counts.SPEND, Outcome.HOLD: Counts.KEEP}


def progression_rule(entry: Entry) -> Rule:
    name = named(entry, "id")
    needed = {"id", "when", "then", "reason", "say", "source"}
    optional = {"scope", "change", "to", "propose", "provisional", "needs_recheck", "counts"}
    outcome = member(name, Outcome, entry.get("then"))
    keys(name, entry, needed if outcome is Outcome.ADVANCE else needed | {"needs"}, optional)
    rule = Rule(
        id=name,
        when=_conditions(name, entry["when"]),
        outcome=outcome,
        scope=_optional_scope(name, entry.get("scope")),
        change=one_of(name, entry, "change", ("load", "level", "restore")),
        to=one_of(name, entry, "to", ("first",)),
        proposal=one_of(name, entry, "propose", ("gate_check", "next_phase", "advance")),
        provisional=entry.get("provisional") is True,
        needs_recheck=entry.get("needs_recheck") is True,
        counts=member(name, Counts, entry.get("counts", _COUNTS_BY_OUTCOME.get(outcome, Counts.RESET))),
        reason=text(name, entry, "reason"),
        say=texts(name, entry, "say"),
        needs=() if outcome is Outcome.ADVANCE else texts(name, entry, "needs"),
        source=source(name, entry),
    )
    _refuse_contradictions(rule)
    return rule


def _refuse_contradictions(rule: Rule) -> None:
    if (rule.outcome is Outcome.STOP_AND_FLAG) != (rule.scope is not None):
        raise BadRules(rule.id, "a stop has a scope, and nothing else has one")
    if rule.outcome is Outcome.ADVANCE and rule.change not in {"load", "level"}:
        raise BadRules(rule.id, "an advance says whether the load or the level changes")
    _refuse_gaps(rule.id, rule.say, frozenset())
    if rule.needs:
        _refuse_gaps(rule.id, rule.needs, frozenset(one.key for one in rule.when))


def _refuse_gaps(name: str, sentences: Sequence[str], own: frozenset[str]) -> None:
    """Every place of a sentence must be filled by somebody, and those of the last one always. `own`: by the rule."""
    for sentence in sentences:
        if unknown := placeholders(sentence) - SAYABLE - own:
            raise BadRules(name, f"says {', '.join(sorted(unknown))}, which nobody fills in")
    if placeholders(sentences[-1]) - ALWAYS_SAYABLE - own:
        raise BadRules(name, "the last sentence must do without figures that may be missing")


def _severity(name: str, value: object) -> int:
    if fault := Whole(1, 5).fault(value):
        raise BadRules(name, f"severity {value!r} {fault}")
    return cast(int, value)


def flag_rule(entry: Entry) -> FlagRule:
    name = named(entry, "code")
    keys(name, entry, {"code", "when", "severity", "group", "source"}, {"stop"})
    when = _conditions(name, entry["when"])
    if not when:
        raise BadRules(name, "would flag every log")
    return FlagRule(
        code=name,
        when=when,
        severity=_severity(name, entry["severity"]),
        group=text(name, entry, "group"),
        stop=_optional_scope(name, entry.get("stop")),
        source=source(name, entry),
    )


def tick_rule(entry: Entry) -> TickRule:
    name = named(entry, "code")
    keys(name, entry, {"code", "when", "severity", "group", "source"}, {"patient", "note"})
    return TickRule(
        code=name,
        when=text(name, entry, "when"),
        severity=None if entry["severity"] == "same flag" else _severity(name, entry["severity"]),
        group=text(name, entry, "group"),
        source=source(name, entry),
        patient=text(name, entry, "patient", ""),
        note=text(name, entry, "note", ""),
    )


def text_rule(entry: Entry) -> TextRule:
    name = named(entry, "code")
    keys(name, entry, {"code", "when", "words", "severity", "group", "source"}, {"ask", "note"})
    return TextRule(
        code=name,
        when=text(name, entry, "when"),
        words=texts(name, entry, "words"),
        severity=_severity(name, entry["severity"]),
        group=text(name, entry, "group"),
        source=source(name, entry),
        ask=text(name, entry, "ask", ""),
        note=text(name, entry, "note", ""),
    )


def severities(values: object) -> Mapping[int, Severity]:
    if not isinstance(values, Mapping) or set(values) != {1, 2, 3, 4, 5}:
        raise BadRules("severities", "must be 1 to 5")
    return {level: _severity_entry(level, values[level]) for level in sorted(values)}


def _severity_entry(level: int, values: object) -> Severity:
    name = f"severities.{level}"
    entry = keys(name, values, {"name", "ack", "contact", "channel"}, {"after_hours"})
    return Severity(
        level=level,
        name=text(name, entry, "name"),
        ack=Target.parse(name, entry["ack"]),
        contact=Target.parse(name, entry["contact"]),
        after_hours=text(name, entry, "after_hours", ""),
        channel=texts(name, entry, "channel"),
    )
