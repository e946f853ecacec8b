"""The clinic's own ledger asked again: on the same facts, what would another rule set or template have said that day?

Decision by decision, and no further: what the patient would have done afterwards is not guessed. A decision is made
again from its stored facts; where the candidate counts differently (jumps, half doses, the baseline), only that
difference goes into them. So the same rules give no difference at all.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from clinic.models import Clinic
from patients.models import Decision, ExerciseLog, PainReport, ProgramItem
from patients.simulation.book import Book
from patients.simulation.counts import Counts, added, merged_flags
from programs.dose import dose_of, from_json
from programs.models import LevelVersion, PhaseItem
from programs.rules import Facts, ItemState, RuleSet, after, assess, baseline, decide

COUNTED = [one.name for one in fields(ItemState) if one.name != "efforts"]


@dataclass(frozen=True)
class Candidate:
    """`book`: a version that replaces the one the patients of its template are on."""

    rules: RuleSet
    book: Book | None = None


@dataclass(frozen=True)
class Pinned:
    """What the patients really run on: their levels, and how far their versions let each ladder go."""

    levels: Mapping[tuple[UUID, str], LevelVersion]  # by ladder version and code
    caps: Mapping[tuple[UUID, str], int]  # by program version and ladder code


def with_history(clinic: Clinic, *, since: date, template_code: str = "") -> list[UUID]:
    """Ids of the patients for whom the rules decided something from `since` on, on that template if one is named."""
    rows = Decision.objects.of(clinic).by_rules().filter(local_date__gte=since)
    if template_code:
        rows = rows.filter(item__program__version__template__code=template_code)
    return sorted(set(rows.values_list("item__program__patient", flat=True)))


def asked_again(
    patients: Collection[UUID], current: RuleSet, candidate: Candidate, *, since: date, template_code: str = ""
) -> Counts:
    """The histories of `patients` since a day under both; five queries whatever their number."""
    rows = Decision.objects.filter(item__program__patient__in=patients, local_date__gte=since)
    if template_code:
        rows = rows.filter(item__program__version__template__code=template_code)
    rows = rows.select_related("item__program", "item__episode", "item__ladder_version").order_by("item", "sequence")
    ledger: dict[UUID, list[Decision]] = defaultdict(list)
    for row in rows:
        ledger[row.item_id].append(row)
    pinned = _pinned([history[0].item for history in ledger.values()])
    total: Counts = {"people": len(patients), "cases": []}
    for history in ledger.values():
        total = added(total, _item(history, current, candidate, pinned))
    changed = {case["patient"] for case in total["cases"]}
    return added(total, {"people_changed": len(changed)} | _flags(patients, current, candidate.rules, since=since))


def _pinned(items: Collection[ProgramItem]) -> Pinned:
    rows = LevelVersion.objects.filter(ladder_version__in={item.ladder_version_id for item in items})
    levels = {(level.ladder_version_id, level.code): level for level in rows}
    tops: dict[UUID, int] = defaultdict(int)
    for level in levels.values():
        tops[level.ladder_version_id] = max(tops[level.ladder_version_id], level.position)
    caps: dict[tuple[UUID, str], int] = defaultdict(int)
    parts = PhaseItem.objects.filter(phase__version__in={item.program.version_id for item in items})
    for version, ladder, code, cap in parts.values_list(
        "phase__version", "ladder_version", "ladder_version__code", "cap_code"
    ):
        at = levels.get((ladder, cap))
        caps[version, code] = max(caps[version, code], at.position if at else tops[ladder])
    return Pinned(levels, caps)


def _item(
    history: Sequence[Decision],
    current: RuleSet,
    candidate: Candidate,
    pinned: Pinned,
) -> Counts:
    """One exercise's decisions in the order of its days."""
    here, there = ItemState(), ItemState()
    scores: list[int] = []
    total: Counts = {
        "current": {},
        "candidate": {},
        "decisions": 0,
        "changed": 0,
        "pairs": {},
        "levels": {},
        "cases": [],
    }
    for row in _in_order(history):
        if row.trigger == Decision.Trigger.PERSON:
            here, there = here.level_set(), there.level_set()
            continue
        stored = Facts.from_mapping(row.facts)
        dose = from_json(row.before["dose"]).size if row.before and row.trigger != Decision.Trigger.TICK else 1.0
        asked = _counted_otherwise(stored, row, (here, current), (there, candidate.rules), scores, dose)
        asked = _on_level(asked, row, pinned, candidate.book)
        said, would = decide(stored, current), decide(asked, candidate.rules)
        here = after(here, stored, said, current, dose=dose)
        there = after(there, asked, said, candidate.rules, dose=dose)
        if row.trigger != Decision.Trigger.TICK:
            scores.append(stored.pain_before)
        total = added(total, _compared(row, said, would))
    return total


def _in_order(history: Iterable[Decision]) -> list[Decision]:
    """The last word about each day where its first one stood; a person's acts between them."""
    last: dict[tuple[Any, ...], tuple[int, Decision]] = {}
    for row in history:
        if row.provisional or (row.trigger != Decision.Trigger.PERSON and not row.facts):
            continue
        person = row.trigger == Decision.Trigger.PERSON
        key = (row.local_date, row.trigger == Decision.Trigger.TICK, row.sequence if person else 0)
        first = last[key][0] if key in last else row.sequence
        last[key] = (first, row)
    return [row for _first, row in sorted(last.values(), key=lambda pair: (pair[1].local_date, pair[0]))]


def _counted_otherwise(
    stored: Facts,
    row: Decision,
    current: tuple[ItemState, RuleSet],
    candidate: tuple[ItemState, RuleSet],
    scores: Sequence[int],
    dose: float,
) -> Facts:
    (here, old), (there, new) = current, candidate
    changes: dict[str, Any] = {}
    before, now = here.into(stored, old, dose=dose), there.into(stored, new, dose=dose)
    for name in (*COUNTED, "worsening_two"):
        if getattr(now, name) != getattr(before, name):
            changes[name] = getattr(now, name)
    usual = row.item.episode.usual_pain
    middle = baseline(scores, usual, new.params)
    if middle != baseline(scores, usual, old.params):
        changes["baseline"] = middle
    return replace(stored, **changes)


def _on_level(facts: Facts, row: Decision, pinned: Pinned, book: Book | None) -> Facts:
    """The facts as they had been on the candidate's level of the same code, where that differs from the real one."""
    real = pinned.levels.get((row.item.ladder_version_id, row.level_from))
    if book is None or real is None:
        return facts
    rungs = book.levels.get(row.item.ladder_version.code, [])
    level = next((one for one in rungs if one.code == real.code), None)
    if level is None:
        return facts
    changes: dict[str, Any] = {}
    for fact, key in (("successes_required", "successes"), ("min_days", "min_days"), ("approval", "approval")):
        if level.content[key] != real.content[key]:
            changes[fact] = level.content[key]
    old, new = dose_of(real), dose_of(level)
    if old != new and row.before and from_json(row.before["dose"]) == old:
        share = old.low_end / new.low_end
        changes |= {"completion_l": facts.completion_l * share, "completion_r": facts.completion_r * share}
        changes["done_ratio"] = facts.done_ratio * old.high_end / new.high_end
    ladder = row.item.ladder_version.code
    version, then = row.item.program.version_id, book.cap_of(ladder)
    now = pinned.caps.get((version, ladder), then) if version else then  # chosen by hand, it has no phase's cap
    if then < now and level.position >= then and not facts.load_step:
        changes["cap_reached"] = True
    elif now < then and level.position == now:
        changes["cap_reached"] = False
    return replace(facts, **changes)


def _compared(row: Decision, said: Any, would: Any) -> Counts:
    changed = (said.outcome, said.scope) != (would.outcome, would.scope)
    case = {
        "patient": str(row.item.program.patient_id),
        "item": str(row.item_id),
        "level": row.level_from,
        "day": row.local_date.isoformat(),
        "said": [said.outcome.value, said.rule_id],
        "would": [would.outcome.value, would.rule_id],
    }
    return {
        "decisions": 1,
        "changed": int(changed),
        "current": {"outcomes": {said.outcome.value: 1}, "rules": {said.rule_id: 1}},
        "candidate": {"outcomes": {would.outcome.value: 1}, "rules": {would.rule_id: 1}},
        "levels": {
            row.level_from: {
                "current": {said.outcome.value: 1},
                "candidate": {would.outcome.value: 1},
            }
        },
        "cases": [case] if changed else [],
    }


def _flags(patients: Collection[UUID], current: RuleSet, candidate: RuleSet, *, since: date) -> Counts:
    """What the stored reports would flag, merged as triage does, and the logs they came with."""
    reports = PainReport.objects.filter(~Q(facts={}), patient__in=patients, reported_at__date__gte=since)
    mine: dict[UUID, list[PainReport]] = defaultdict(list)
    for report in reports.order_by("patient", "reported_at"):
        mine[report.patient_id].append(report)
    logs = ExerciseLog.objects.current().filter(
        session__patient__in=patients, session__local_date__gte=since, skipped=""
    )
    number = logs.count()
    return {
        side: {"logs": number, "flags": _severities(mine.values(), rules)}
        for side, rules in (("current", current), ("candidate", candidate))
    }


def _severities(histories: Iterable[Sequence[PainReport]], rules: RuleSet) -> dict[str, int]:
    found: Counter[str] = Counter()
    for reports in histories:
        told = ((one.reported_at.toordinal(), one, assess(Facts.from_mapping(one.facts), rules)) for one in reports)
        found.update(str(finding.severity) for finding in merged_flags(told))
    return dict(found)
