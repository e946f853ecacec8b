"""The rules as values: parsed from plain data, refused by name when the data is broken."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from string import Formatter
from typing import Self, TypeVar, cast

from .derived import ASKABLE, DERIVED, THRESHOLDS, Judged, Params
from .facts import RED_FLAGS, SHAPES, Number, OneOf, Shape, SomeOf, Whole

Entry = Mapping[str, object]


class BadRules(ValueError):
    """Rule data that cannot be used: names the entry and what is wrong with it."""

    def __init__(self, entry: str, why: str) -> None:
        self.entry, self.why = entry, why
        super().__init__(f"{entry}: {why}")


class Outcome(StrEnum):
    """From the strictest to the mildest."""

    STOP_AND_FLAG = "stop_and_flag"
    REGRESS = "regress"
    REPEAT_LIGHTER = "repeat_lighter"
    HOLD = "hold"
    ADVANCE = "advance"

    @property
    def mildness(self) -> int:
        return list(Outcome).index(self)


class Scope(StrEnum):
    """What a stop holds, from the narrowest to the widest."""

    ITEM = "item"
    REGION = "region"
    PLAN = "plan"

    @property
    def width(self) -> int:
        return list(Scope).index(self)


class Counts(StrEnum):
    """What a decision does to the banked successes, and whether the log was clean."""

    BANK = "bank"  # one more; clean
    SPEND = "spend"  # used up by moving on; clean
    RESTART = "restart"  # back to none on the full dose; clean
    KEEP = "keep"
    RESET = "reset"

    @property
    def clean(self) -> bool:
        return self in {Counts.BANK, Counts.SPEND, Counts.RESTART}


Choice = TypeVar("Choice", bound=StrEnum)

# What a sentence may hold: facts and all that follows from them, the numbers of the rules, and words of the caller.
WORDS = frozenset({"side", "done", "asked", "exercise"})
_SOMETIMES = WORDS | {name for name, shape in SHAPES.items() if getattr(shape, "nullable", False)}
SAYABLE = frozenset(ASKABLE) | THRESHOLDS | WORDS
ALWAYS_SAYABLE = SAYABLE - (_SOMETIMES - frozenset(DERIVED))

_SUFFIXES = ("_ge", "_gt", "_lt", "_in", "_has")


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of a `when`: a fact, how to compare it, and with what."""

    fact: str
    test: str
    wanted: object

    @classmethod
    def parse(cls, entry: str, key: str, wanted: object) -> Self:
        suffix = next((one for one in _SUFFIXES if key.endswith(one) and key not in ASKABLE), "")
        fact = key.removesuffix(suffix)
        if fact not in ASKABLE:
            raise BadRules(entry, f"asks for {fact}, which is not a fact")
        test = suffix[1:] or ("any" if wanted == "any" else "is")
        wanted = tuple(wanted) if isinstance(wanted, list) else wanted
        if fault := _fault(ASKABLE[fact], test, wanted):
            raise BadRules(entry, f"{key}: {wanted!r} {fault}")
        return cls(fact, test, wanted)

    def holds(self, judged: Judged) -> bool:
        value = judged.values[self.fact]
        match self.test:
            case "is":
                return value == self.wanted
            case "any":
                return bool(value)
            case "has":
                return self.wanted in cast(tuple[str, ...], value)
            case "in":
                found = value if isinstance(value, tuple) else (value,)
                return bool(set(found) & set(cast(tuple[str, ...], self.wanted)))
        against = judged.thresholds[self.wanted] if isinstance(self.wanted, str) else cast(float, self.wanted)
        number = cast(float, value)
        match self.test:
            case "ge":
                return number >= against
            case "gt":
                return number > against
            case "le":
                return number <= against
        return number < against


def _fault(shape: Shape, test: str, wanted: object) -> str | None:
    """What is wrong with comparing a fact of this shape so. None if nothing is."""
    match test:
        case "any":
            if isinstance(shape, SomeOf) or (isinstance(shape, OneOf) and shape.nullable):
                return None
            return "does not fit: this fact is never empty"
        case "is":
            return "needs _has or _in: the fact is a list" if isinstance(shape, SomeOf) else shape.fault(wanted)
        case "has":
            return shape.fault((wanted,)) if isinstance(shape, SomeOf) else "does not fit: not a list"
        case "in":
            if isinstance(shape, OneOf | SomeOf) and isinstance(wanted, tuple) and wanted:
                return SomeOf(shape.choices).fault(wanted)
            return "must be a list, not an empty one, of what the fact may say"
    if not isinstance(shape, Whole | Number):
        return "compares something that is not a number"
    if isinstance(wanted, str):
        return None if wanted in THRESHOLDS else "is neither a limit nor a parameter"
    return Number(float("-inf")).fault(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A progression rule. `reason` is for staff; `say` for the patient, the fullest sentence first."""

    id: str
    when: tuple[Condition, ...]
    outcome: Outcome
    scope: Scope | None
    change: str | None
    to: str | None
    proposal: str | None
    provisional: bool
    needs_recheck: bool
    counts: Counts
    reason: str
    say: tuple[str, ...]
    source: str

    def matches(self, judged: Judged) -> bool:
        return all(condition.holds(judged) for condition in self.when)

    @property
    def is_human(self) -> bool:
        """A hold that only passes on what a person has decided."""
        return bool(self.when) and {one.fact for one in self.when} <= {"open_stop", "override"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRule:
    code: str
    when: tuple[Condition, ...]
    severity: int
    group: str
    stop: Scope | None
    source: str

    def matches(self, judged: Judged) -> bool:
        return all(condition.holds(judged) for condition in self.when)


@dataclass(frozen=True, slots=True, kw_only=True)
class TickRule:
    """A flag the daily job raises. `when` is prose: the job implements it. Severity None: the flag's own."""

    code: str
    when: str
    severity: int | None
    group: str
    source: str
    patient: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """A flag raised by words. `ask`: put a yes/no question on the screen before anything else."""

    code: str
    when: str
    words: tuple[str, ...]
    severity: int
    group: str
    source: str
    ask: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """How soon: staffed minutes, working days, or the next visit where that comes first."""

    minutes: int = 0
    working_days: int = 0
    or_next_visit: bool = False

    @classmethod
    def parse(cls, entry: str, text: object) -> Self | None:
        if text == "none":
            return None
        if text == "next visit":
            return cls(or_next_visit=True)
        found = re.fullmatch(r"(\d+) (min|h|working days?)( or next visit)?", str(text))
        if not found:
            raise BadRules(entry, f"{text!r} is not a target such as 15 min, 4 h, 1 working day or none")
        amount, unit, visit = int(found[1]), found[2], bool(found[3])
        if unit.startswith("working"):
            return cls(working_days=amount, or_next_visit=visit)
        return cls(minutes=amount * (60 if unit == "h" else 1), or_next_visit=visit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    level: int
    name: str
    ack: Target | None
    contact: Target | None
    after_hours: str
    channel: tuple[str, ...]


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
        _keys("progression rules", progression, {"version", "params", "rules"}, {"limits", "facts"})
        _keys("flag rules", flags, {"version", "severities", "rules", "tick_rules", "text_rules"})
        if progression["version"] != flags["version"] or not isinstance(flags["version"], int):
            raise BadRules("version", "both files must carry the same whole number")
        severities = _severities(flags["severities"])
        found = cls(
            version=flags["version"],
            digest=hashlib.sha256(json.dumps([progression, flags], sort_keys=True).encode()).hexdigest(),
            params=_params(progression["params"]),
            progression=tuple(_rule(entry) for entry in _entries("progression rules", progression["rules"])),
            flags=tuple(_flag_rule(entry) for entry in _entries("flag rules", flags["rules"])),
            severities=severities,
            tick_rules=tuple(_tick_rule(entry) for entry in _entries("tick rules", flags["tick_rules"])),
            text_rules=tuple(_text_rule(entry) for entry in _entries("text rules", flags["text_rules"])),
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
        return replace(self, params=_params(current | changes))


def _keys(entry: str, values: object, needed: set[str], optional: Iterable[str] = ()) -> Entry:
    if not isinstance(values, Mapping):
        raise BadRules(entry, "must be a mapping")
    if missing := needed - set(values):
        raise BadRules(entry, f"lacks {', '.join(sorted(missing))}")
    if unknown := {str(key) for key in values} - needed - set(optional):
        raise BadRules(entry, f"has {', '.join(sorted(unknown))}, which nothing reads")
    return values


def _entries(name: str, values: object) -> list[Entry]:
    if not isinstance(values, list) or not values or not all(isinstance(one, Mapping) for one in values):
        raise BadRules(name, "must be a list of entries")
    return values


def _params(values: object) -> Params:
    known = {one.name: one.type for one in fields(Params)}
    given = _keys("params", values, set(known))
    for name, value in given.items():
        shape = OneOf(("strict", "monitored")) if name == "pain_policy" else Number(0)
        if fault := shape.fault(value):
            raise BadRules(f"params.{name}", f"{value!r} {fault}")
    return Params(**given)  # type: ignore[arg-type]


def _name(entry: Entry, key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]+(-[A-Z0-9]+)+", value):
        raise BadRules(str(value), f"needs {key}: in capitals, such as R-S01")
    return value


def _text(name: str, entry: Entry, key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise BadRules(name, f"{key} must be text")
    return value


def _texts(name: str, entry: Entry, key: str) -> tuple[str, ...]:
    value = entry[key]
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise BadRules(name, f"{key} must be a list of texts")
    return tuple(value)


def _source(name: str, entry: Entry) -> str:
    source = _text(name, entry, "source")
    if re.split("[ ,]", source)[0] not in {"seed", "lit", "default"}:
        raise BadRules(name, "source must begin with seed, lit or default")
    return source


def _conditions(name: str, values: object) -> tuple[Condition, ...]:
    if not isinstance(values, Mapping):
        raise BadRules(name, "when must be a mapping")
    return tuple(Condition.parse(name, str(key), wanted) for key, wanted in values.items())


def _member(name: str, kind: type[Choice], value: object) -> Choice:
    try:
        return kind(str(value))
    except ValueError:
        raise BadRules(name, f"{value!r} is none of {', '.join(kind)}") from None


def _optional_scope(name: str, value: object) -> Scope | None:
    return None if value is None else _member(name, Scope, value)


# A rule that says nothing about counting does what its outcome implies.
_COUNTS_BY_OUTCOME = {Outcome.ADVANCE: Counts.SPEND, Outcome.HOLD: Counts.KEEP}


def _rule(entry: Entry) -> Rule:
    name = _name(entry, "id")
    needed = {"id", "when", "then", "reason", "say", "source"}
    optional = {"scope", "change", "to", "propose", "provisional", "needs_recheck", "counts"}
    _keys(name, entry, needed, optional)
    outcome = _member(name, Outcome, entry["then"])
    rule = Rule(
        id=name,
        when=_conditions(name, entry["when"]),
        outcome=outcome,
        scope=_optional_scope(name, entry.get("scope")),
        change=_one_of(name, entry, "change", ("load", "level", "restore")),
        to=_one_of(name, entry, "to", ("first",)),
        proposal=_one_of(name, entry, "propose", ("gate_check", "next_phase", "advance")),
        provisional=entry.get("provisional") is True,
        needs_recheck=entry.get("needs_recheck") is True,
        counts=_member(name, Counts, entry.get("counts", _COUNTS_BY_OUTCOME.get(outcome, Counts.RESET))),
        reason=_text(name, entry, "reason"),
        say=_texts(name, entry, "say"),
        source=_source(name, entry),
    )
    _refuse_contradictions(rule)
    return rule


def _one_of(name: str, entry: Entry, key: str, choices: tuple[str, ...]) -> str | None:
    value = entry.get(key)
    if fault := OneOf(choices, nullable=True).fault(value):
        raise BadRules(name, f"{key}: {value!r} {fault}")
    return cast("str | None", value)


def _refuse_contradictions(rule: Rule) -> None:
    if (rule.outcome is Outcome.STOP_AND_FLAG) != (rule.scope is not None):
        raise BadRules(rule.id, "a stop has a scope, and nothing else has one")
    if rule.outcome is Outcome.ADVANCE and rule.change not in {"load", "level"}:
        raise BadRules(rule.id, "an advance says whether the load or the level changes")
    for sentence in rule.say:
        if unknown := placeholders(sentence) - SAYABLE:
            raise BadRules(rule.id, f"says {', '.join(sorted(unknown))}, which nobody fills in")
    if placeholders(rule.say[-1]) - ALWAYS_SAYABLE:
        raise BadRules(rule.id, "the last sentence must do without figures that may be missing")


def _severity(name: str, value: object) -> int:
    if fault := Whole(1, 5).fault(value):
        raise BadRules(name, f"severity {value!r} {fault}")
    return cast(int, value)


def _flag_rule(entry: Entry) -> FlagRule:
    name = _name(entry, "code")
    _keys(name, entry, {"code", "when", "severity", "group", "source"}, {"stop"})
    when = _conditions(name, entry["when"])
    if not when:
        raise BadRules(name, "would flag every log")
    return FlagRule(
        code=name,
        when=when,
        severity=_severity(name, entry["severity"]),
        group=_text(name, entry, "group"),
        stop=_optional_scope(name, entry.get("stop")),
        source=_source(name, entry),
    )


def _tick_rule(entry: Entry) -> TickRule:
    name = _name(entry, "code")
    _keys(name, entry, {"code", "when", "severity", "group", "source"}, {"patient", "note"})
    return TickRule(
        code=name,
        when=_text(name, entry, "when"),
        severity=None if entry["severity"] == "same flag" else _severity(name, entry["severity"]),
        group=_text(name, entry, "group"),
        source=_source(name, entry),
        patient=_text(name, entry, "patient", ""),
        note=_text(name, entry, "note", ""),
    )


def _text_rule(entry: Entry) -> TextRule:
    name = _name(entry, "code")
    _keys(name, entry, {"code", "when", "words", "severity", "group", "source"}, {"ask", "note"})
    return TextRule(
        code=name,
        when=_text(name, entry, "when"),
        words=_texts(name, entry, "words"),
        severity=_severity(name, entry["severity"]),
        group=_text(name, entry, "group"),
        source=_source(name, entry),
        ask=_text(name, entry, "ask", ""),
        note=_text(name, entry, "note", ""),
    )


def _severities(values: object) -> Mapping[int, Severity]:
    if not isinstance(values, Mapping) or set(values) != {1, 2, 3, 4, 5}:
        raise BadRules("severities", "must be 1 to 5")
    return {level: _severity_entry(level, values[level]) for level in sorted(values)}


def _severity_entry(level: int, values: object) -> Severity:
    name = f"severities.{level}"
    entry = _keys(name, values, {"name", "ack", "contact", "channel"}, {"after_hours"})
    return Severity(
        level=level,
        name=_text(name, entry, "name"),
        ack=Target.parse(name, entry["ack"]),
        contact=Target.parse(name, entry["contact"]),
        after_hours=_text(name, entry, "after_hours", ""),
        channel=_texts(name, entry, "channel"),
    )


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


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
