"""What is counted, as plain values that add up: a run is done in slices and goes on where it was left."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from patients.models import Decision, PainReport
from patients.models.triage import FlagGroup
from patients.simulation.life import Told
from patients.simulation.people import Person
from programs.rules import Facts, Finding, Outcome, RuleSet, assess

Counts = dict[str, Any]

MERGED_WITHIN = 3  # days: triage keeps one open flag a patient, group and area, and re-opens it for 72 hours
BUDGETED = 4  # severity 5 is information, outside the alert budget (handbook 3.5)


def added(one: Mapping[str, Any], other: Mapping[str, Any]) -> Counts:
    """Numbers add, lists join, mappings add key by key."""
    total: Counts = dict(one)
    for key, value in other.items():
        if key not in total:
            total[key] = value
        elif isinstance(value, Mapping):
            total[key] = added(total[key], value)
        else:
            total[key] = total[key] + value
    return total


def told(person: Person, story: Told, rules: RuleSet) -> Counts:
    """One made-up patient's weeks in numbers."""
    words = list(last_words(story.decisions))
    outcomes = Counter(str(row.outcome) for row in words)
    flags = list(merged_flags((day, report, assess(_facts(report), rules)) for day, report in story.reports))
    mine = {
        "people": 1,
        "logs": story.logs,
        "outcomes": dict(outcomes),
        "had": dict.fromkeys(outcomes, 1),
        "flags": dict(Counter(str(finding.severity) for finding in flags)),
        "stalled": int(bool(story.stalls)),
    }
    stalls: dict[str, dict[str, int]] = defaultdict(dict)
    for level, rule in story.stalls:
        stalls[level][rule] = stalls[level].get(rule, 0) + 1
    return mine | {
        "characters": {person.character.value: mine},
        "rules": dict(Counter(row.rule_id for row in words)),
        "codes": dict(Counter(finding.code for finding in flags)),
        "reached": {code: [day] for code, day in story.reached.items()},
        "stalls": dict(stalls),
    }


def last_words(rows: Iterable[Decision]) -> Iterator[Decision]:
    """What the rules said last about an exercise on a day, days off apart; an answer still awaited says nothing."""
    last: dict[tuple[Any, ...], Decision] = {}
    for row in rows:
        if not row.provisional:
            last[row.item_id, row.local_date, row.trigger == Decision.Trigger.TICK] = row
    return iter(last.values())


def merged_flags(reports: Iterable[tuple[int, PainReport, Iterable[Finding]]]) -> Iterator[Finding]:
    """The findings that would open a flag: the same group and area within three days is one, under its worst."""
    open_since: dict[tuple[str, str], tuple[int, int]] = {}
    worst: dict[tuple[str, str, int], Finding] = {}
    for day, report, findings in reports:
        for finding in findings:
            area = report.region if finding.group in (FlagGroup.PAIN, FlagGroup.TOLERANCE) else ""
            key = (finding.group, area)
            opened, latest = open_since.get(key, (day, day))
            if day - latest > MERGED_WITHIN:
                opened = day
            open_since[key] = (opened, day)
            known = worst.get((*key, opened))
            if known is None or finding.severity < known.severity:
                worst[(*key, opened)] = finding
    return iter(worst.values())


def _facts(report: PainReport) -> Facts:
    return Facts.from_mapping(report.facts)


def per_100_logs(counts: Mapping[str, Any], upto: int = BUDGETED) -> float:
    """Flags of severity 1 to `upto` for every 100 exercise logs."""
    flags = sum(number for severity, number in counts.get("flags", {}).items() if int(severity) <= upto)
    return round(100 * flags / counts["logs"], 1) if counts.get("logs") else 0.0


STEPS = tuple(Outcome)[::-1]  # advance first: as people read it
