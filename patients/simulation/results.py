"""A finished dry run as its reader wants it: sentences, charts, tables, and the patients it would have touched."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from clinic.charts import Pair, PairChart
from patients.models import DryRun, Patient
from patients.models.patient import PatientQuerySet
from patients.simulation import figures
from patients.simulation.counts import STEPS
from programs.clinical_numbers import BY_NAME
from programs.rulebook import current_rules


@dataclass(frozen=True, slots=True)
class Change:
    """A clinical number as it is and as it is tried."""

    label: str | Promise
    now: float
    then: float


def changes(numbers: Mapping[str, float]) -> list[Change]:
    now = current_rules().params
    return [Change(BY_NAME[name].label, getattr(now, name), value) for name, value in numbers.items()]


@dataclass(frozen=True, slots=True)
class Case:
    """One decision of a patient that would have been another. Outcomes in words, with the rules that spoke."""

    patient: Patient
    level: str
    day: date
    said: str
    said_by: str
    would_by: str


@dataclass(frozen=True, slots=True)
class CaseGroup:
    """Everybody for whom the candidate would have said the same."""

    outcome: str
    words: str
    people: int
    cases: Sequence[Case]


@dataclass(frozen=True, slots=True)
class Stall:
    line: figures.LevelLine
    why: str


@dataclass(frozen=True)
class Result:
    verdict: Sequence[str]
    flags: Sequence[figures.Pair]
    outcomes: PairChart
    people: Sequence[Mapping[str, Any]] = ()
    levels: Sequence[figures.LevelLine] = ()
    days: PairChart | None = None
    stalls: Sequence[Stall] = ()
    asked: Sequence[tuple[str, int, Sequence[figures.Pair]]] = ()  # levels on which anything differs
    asked_alike: int = 0  # number of the other levels
    groups: Sequence[CaseGroup] = ()
    cases_left_out: int = 0


def of(run: DryRun, patients: PatientQuerySet) -> Result:
    """What `run` has found. Only who is among `patients` is named. One query where patients are named, else none."""
    counts, made_up = run.counts, run.kind == DryRun.Kind.PEOPLE
    found = Result(
        verdict=figures.verdict(counts, made_up=made_up) if run.compares else [],
        flags=figures.flags(counts),
        outcomes=_outcomes(run),
    )
    if made_up:
        levels = figures.levels(counts, run.book)
        people, days, stalls = figures.people(counts), _days(run, levels), _stalls(levels)
        return replace(found, people=people, levels=levels, days=days, stalls=stalls)
    cases = counts.get("cases", [])
    groups = list(_groups(cases, patients.in_bulk({case["patient"] for case in cases}).values()))
    left_out = counts.get("changed", 0) - len(cases)
    levels_asked = figures.levels_asked(counts)
    differing = [one for one in levels_asked if any(pair.difference for pair in one[2])]
    alike = len(levels_asked) - len(differing)
    return replace(found, asked=differing, asked_alike=alike, groups=groups, cases_left_out=left_out)


def _chart(run: DryRun, title: str, summary: str, pairs: Sequence[Pair]) -> PairChart:
    before = _("Today's rules and program") if run.compares else ""
    return PairChart(title, summary, pairs, _("As tried"), before)


def _outcomes(run: DryRun) -> PairChart:
    pairs = [Pair(pair.label, pair.now, pair.then) for pair in figures.outcomes(run.counts)]
    most = max(pairs, key=lambda pair: pair.after or 0)
    words = _("Most often: %(label)s, %(share)s of 100.")
    if run.compares:
        most = max(pairs, key=lambda pair: abs((pair.after or 0) - (pair.before or 0)))
        words = _("The greatest difference: %(label)s, %(before)s of 100 today and %(share)s as tried.")
    values = {"label": most.label.lower(), "before": f"{most.before:g}", "share": f"{most.after:g}"}
    return _chart(run, _("Of 100 decisions"), words % values, pairs)


def _days(run: DryRun, levels: Iterable[figures.LevelLine]) -> PairChart:
    pairs = [Pair(f"{line.code} {line.name}", line.days_now, line.days_then) for line in levels]
    words = _("Only those who got there count: a level that few reach can look quicker than it is. Day 1 is the first.")
    return _chart(run, _("Day by which half of those who got there were on the level"), words, pairs)


def _stalls(levels: Iterable[figures.LevelLine]) -> list[Stall]:
    reasons = {rule.id: rule.reason for rule in current_rules().progression}
    stalled = [line for line in levels if line.stalled_now or line.stalled_then]
    stalled.sort(key=lambda line: (-line.stalled_then, -line.stalled_now))
    return [Stall(line, reasons.get(line.why, "")) for line in stalled]


def _groups(cases: Iterable[Mapping[str, Any]], patients: Iterable[Patient]) -> Iterable[CaseGroup]:
    """The strictest outcome first; within it by name and day."""
    known = {str(patient.pk): patient for patient in patients}
    found: dict[str, list[Case]] = defaultdict(list)
    for one in cases:
        if patient := known.get(one["patient"]):
            (said, said_by), (would, would_by) = one["said"], one["would"]
            words = str(figures.OUTCOME_WORDS[said])
            day = date.fromisoformat(one["day"])
            found[would].append(Case(patient, one["level"], day, words, said_by, would_by))
    for step in reversed(STEPS):
        mine = sorted(found[step.value], key=lambda case: (case.patient.identity.search, case.patient.pk, case.day))
        if mine:
            people = sum(1 for _patient in groupby(mine, key=lambda case: case.patient.pk))
            yield CaseGroup(step.value, str(figures.OUTCOME_WORDS[step]), people, mine)
