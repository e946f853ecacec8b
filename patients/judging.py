"""Judging days: asks the rules, moves level and dose, writes the ledger. Only here do the rules change a program.

Safety is judged on every log; the dose once per exercise and local day, when the day is complete: the log gives a
provisional answer, the next-day answer or its expiry the final one (handbook 2.2). A day judged again starts
from the memory the item had before that day, and the days after it are judged again in their order.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from clinic.models import User
from clinic.zones import local_date
from patients import holding, ledger
from patients.assignments import make_lighter, move_to, raise_load, save_items, step_back
from patients.facts import day_facts, gap_facts, is_open, next_step, two_over_the_top
from patients.gates import BOTH, How, record_gate
from patients.models import Decision, ExerciseLog, GateRecord, Hold, NextDayQuestion, Program, ProgramItem, Proposal
from patients.models.assignment import NEXT_PHASE
from patients.work_done import fewest_reps
from programs.dose import as_json, dose_of, from_json
from programs.models import Gate, LevelVersion
from programs.rulebook import current_rules
from programs.rules import Decision as Verdict
from programs.rules import Facts, Finding, ItemState, Outcome, Scope, after, assess, decide, held_scope
from programs.rules.derived import check

PROPOSAL_DUE = timedelta(days=14)  # handbook 2.2
SHORTEST_GAP = 8  # handbook E2
MOST_ADVANCES_A_DAY = 2  # handbook E23
STRICTER = {Outcome.STOP_AND_FLAG, Outcome.REGRESS, Outcome.REPEAT_LIGHTER}


@dataclass(frozen=True)
class Stop:
    """What one judged log wants stopped."""

    scope: Scope
    item: ProgramItem
    rule_id: str
    reason: str
    severity: int


@dataclass
class Court:
    """What is needed to judge the items of one program in one transaction, read once; and what came of it.

    Its methods are all that judging asks of the database: a dry run overrides them and judges in memory.
    """

    program: Program
    items: list[ProgramItem]
    actor: User | None
    now: datetime
    logs: dict[tuple[UUID, date], list[ExerciseLog]] = field(default_factory=lambda: defaultdict(list))
    questions: dict[tuple[str, date], NextDayQuestion] = field(default_factory=dict)
    earlier: dict[UUID, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    made: list[Decision] = field(default_factory=list)
    judged: bool = False
    stops: list[Stop] = field(default_factory=list)
    spared: set[tuple[UUID, date]] = field(default_factory=set)  # another exercise is stepped back for that day
    _levels: dict[UUID, list[LevelVersion]] = field(default_factory=lambda: defaultdict(list))
    _gates: set[str] | None = None
    _log_gates: set[str] | None = None
    _half_gates: set[str] = field(default_factory=set)  # a log is one part of them, a therapist the other

    @property
    def today(self) -> date:
        return local_date(self.now, self.program.patient.zone)

    def levels(self, item: ProgramItem) -> list[LevelVersion]:
        """The rungs of the item's ladder in order; one query for all items of the court."""
        if not self._levels:
            wanted = {one.ladder_version_id for one in self.items}
            for level in LevelVersion.objects.filter(ladder_version__in=wanted).order_by("position"):
                self._levels[level.ladder_version_id].append(level)
        return self._levels[item.ladder_version_id]

    def gates(self) -> set[str]:
        if self._gates is None:
            rows = GateRecord.objects.met().filter(patient=self.program.patient_id)
            self._gates = set(rows.values_list("code", flat=True))
        return self._gates

    def log_gates(self) -> set[str]:
        """Codes of gates that a log sets: those it may set alone, and those that only wait for it."""
        if self._log_gates is None:
            waits = GateRecord.objects.standing().filter(
                patient=self.program.patient_id, code=OuterRef("code"), waiting_for=GateRecord.Waiting.LOG
            )
            found = Gate.objects.filter(clinic=self.program.patient.clinic_id, recorded_by__in=("log", BOTH))
            rows = list(found.values_list("code", "recorded_by", Exists(waits)))
            self._log_gates = {code for code, by, is_last in rows if by == "log" or is_last}
            self._half_gates = {code for code, _by, _is_last in rows} - self._log_gates
        return self._log_gates

    def read_history(self, *, since: date) -> None:
        """Read logs, questions and decisions from `since` on: three queries whatever the number of items."""
        logs = ExerciseLog.objects.filter(
            item__in=self.items, session__is_current=True, session__local_date__gte=since, skipped=""
        ).select_related("session", "level")
        for log in logs.order_by("session__performed_at", "pk"):
            if log.pk not in {known.pk for known in self.logs[log.item_id, log.session.local_date]}:
                self.logs[log.item_id, log.session.local_date].append(log)
        for question in NextDayQuestion.objects.filter(patient=self.program.patient_id, local_date__gte=since):
            self.questions.setdefault((question.region, question.local_date), question)
        rows = Decision.objects.filter(item__in=self.items, local_date__gte=since).order_by("sequence")
        for row in rows:
            self.earlier[row.item_id].append(row)

    def advances_since(self, moment: datetime) -> list[Decision]:
        """Decisions applied after `moment` that made an exercise of the program harder."""
        rows = Decision.objects.filter(item__program=self.program, outcome=Outcome.ADVANCE, applied_at__gt=moment)
        return list(rows)

    def changed_last(self, items: Sequence[ProgramItem], *, before: datetime) -> dict[UUID, datetime]:
        """Item id → when its level or dose last changed."""
        moved = Q(level_to__gt="") | Q(change__in=("load", "restore")) | Q(outcome__in=("dose", "repeat_lighter"))
        rows = Decision.objects.filter(moved, item__in=items, applied_at__isnull=False, decided_at__lt=before)
        return dict(rows.values_list("item").annotate(last=Max("decided_at")))

    def record_gate(self, item: ProgramItem, code: str, logs: Sequence[ExerciseLog]) -> None:
        item.episode.patient = self.program.patient
        session = logs[-1].session if logs else None
        record_gate(item.episode, code, how=How.LOG, session=session, actor=None, now=self.now)

    def place(self, stop: Stop) -> Hold:
        return holding.place(
            self.program.patient,
            self.program,
            self.items,
            scope=stop.scope,
            item=stop.item,
            region=stop.item.region,
            severity=stop.severity,
            rule_id=stop.rule_id,
            reason=stop.reason,
            actor=self.actor,
            now=self.now,
        )


def memory_before(court: Court, item: ProgramItem, day: date) -> ItemState:
    """What the rules knew of `item` before `day` was judged for the first time."""
    row = next((row for row in court.earlier[item.pk] if row.before and row.local_date >= day), None)
    return ItemState.from_mapping(row.before["state"].get("memory", {})) if row else ledger.memory(item)


def judge_days(court: Court, item: ProgramItem, *, since: date, trigger: str) -> None:
    """Judge `since` and every later day with logs again. Where a person acted meanwhile, nothing is moved."""
    days = sorted(
        day for item_id, day in court.logs if item_id == item.pk and day >= since and court.logs[item_id, day]
    )
    acted = _last_act(court, item)
    free = [day for day in days if acted is None or _all_after(acted, court.logs[item.pk, day])]
    if days and days[0] not in free:
        judge_day(court, item, days[0], trigger=trigger, apply=False)
    if not free:
        return
    rows = [row for row in court.earlier[item.pk] if acted is None or row.sequence > acted.sequence]
    start = next((row for row in rows if row.before and row.local_date >= free[0]), None)
    level = item.level
    if start is not None:
        by_id = {str(level.pk): level for level in court.levels(item)}
        ledger.restore(item, start.before, by_id)
    made = [judge_day(court, item, day, trigger=trigger) for day in free]
    _keep_trained_level(court, item, level, free, made)
    _ease_again(
        court, item, [row for row in rows if row.trigger == Decision.Trigger.TICK and row.local_date > free[-1]]
    )


def _last_act(court: Court, item: ProgramItem) -> Decision | None:
    acts = [row for row in court.earlier[item.pk] if row.trigger == Decision.Trigger.PERSON]
    return acts[-1] if acts else None


def _all_after(act: Decision, logs: Sequence[ExerciseLog]) -> bool:
    """Whether a day was trained on what the person had set: then it counts like any other."""
    return all(log.session.performed_at >= act.decided_at for log in logs)


def _keep_trained_level(
    court: Court, item: ProgramItem, level: LevelVersion, days: Sequence[date], made: Sequence[Decision]
) -> None:
    """A level already trained is not taken back because an older log came in later: only the streak is (E4)."""
    stricter = {Outcome.STOP_AND_FLAG, Outcome.REGRESS}
    trained = any(log.level_id == level.pk for day in days for log in court.logs[item.pk, day])
    if item.level.position < level.position and trained and not any(row.outcome in stricter for row in made):
        move_to(item, level, today=court.today)


def _ease_again(court: Court, item: ProgramItem, gaps: Sequence[Decision]) -> None:
    """Days off that made the exercise easier still do, after the days before them were judged again."""
    if gaps and item.last_performed_on:
        off = (gaps[-1].local_date - item.last_performed_on).days
        if off >= SHORTEST_GAP:
            judge_gap(court, item, gap=off)


def judge_day(court: Court, item: ProgramItem, day: date, *, trigger: str, apply: bool = True) -> Decision:
    """One exercise, one day: decide, apply what the decision says, keep the row."""
    logs = court.logs[item.pk, day]
    question = court.questions.get((item.region, day))
    before = ledger.snapshot(item)
    steps = {} if is_open(question) else next_step(item, logs, court.levels(item), court.gates(), court.log_gates())
    facts, words = day_facts(item, logs, question, policy=court.program.pain_policy, next_step=steps)
    facts = _spared(court, item, day, facts)
    verdict = decide(facts, current_rules(), words)
    row = _row(court, item, day, facts, verdict, trigger=trigger, logs=logs, before=before)
    moved = True
    # Days in a row with two repetitions over the top, of the dose as it was that day (2-for-2, handbook E22).
    over = item.state.get("two_over", 0) + 1 if two_over_the_top(item, logs) else 0
    if apply:
        note_stop(court, item, facts, verdict)
        own_level = all(log.level_id == item.level_id for log in logs)
        size = from_json(item.dose).size
        moved = _apply(court, item, verdict, logs=logs, own_level=own_level)
        state = ledger.memory(item)
        if own_level or not verdict.counts.clean:
            state = after(state, facts, verdict, current_rules(), dose=size, applied=moved)
        ledger.remember(item, _still_lighter(state, verdict, row, item), score=logs[0].pain_before)
        item.state = {**item.state, "last_reps": fewest_reps(logs[-1].sets)}
        if not verdict.provisional:
            in_a_row = own_level and verdict.counts.clean and not (verdict.change and moved)
            item.state = {**item.state, "two_over": over if in_a_row else 0}
    item.last_performed_on = max(day, item.last_performed_on or day)
    _keep(court, item, row, verdict, applied=apply and moved)
    return row


def _spared(court: Court, item: ProgramItem, day: date, facts: Facts) -> Facts:
    """A bad night steps back one exercise of the day and the others hold (E28). What must stop still stops."""
    known = any(row.local_date == day and row.facts.get("check") == "shared" for row in court.earlier[item.pk])
    if not (known or (item.pk, day) in court.spared) or check(facts, current_rules().params) != "worse":
        return facts
    shared = replace(facts, next_day=None, says_worse=False, check="shared")
    return facts if decide(facts, current_rules()).outcome == Outcome.STOP_AND_FLAG else shared


def judge_gap(court: Court, item: ProgramItem, *, gap: int) -> Decision:
    """Days off: eight make the next session lighter, fifteen cost a level, twenty-nine start again (handbook E2)."""
    before = ledger.snapshot(item)
    facts = gap_facts(item, gap=gap, policy=court.program.pain_policy)
    verdict = decide(facts, current_rules())
    row = _row(court, item, court.today, facts, verdict, trigger=Decision.Trigger.TICK, logs=[], before=before)
    _apply(court, item, verdict, logs=[], own_level=True)
    ledger.remember(
        item, _still_lighter(after(ledger.memory(item), facts, verdict, current_rules()), verdict, row, item)
    )
    item.state = {**item.state, "gap": [str(item.last_performed_on), gap]}  # each step of a gap is taken once
    _keep(court, item, row, verdict, applied=True)
    return row


def _still_lighter(state: ItemState, verdict: Verdict, row: Decision, item: ProgramItem) -> ItemState:
    """A step back from the lowest level made the dose lighter instead: the first success restores it (E29)."""
    no_level_below = verdict.outcome == Outcome.REGRESS and not verdict.to and item.level.code == row.level_from
    return state.made_lighter() if no_level_below else state


def _apply(court: Court, item: ProgramItem, verdict: Verdict, *, logs: Sequence[ExerciseLog], own_level: bool) -> bool:
    """Move level or dose in memory; False where an advance has to wait.

    Worse input never waits. Better input counts only for the level it was done at.
    """
    memory = ledger.memory(item)
    moved = True
    match verdict.outcome:
        case Outcome.REGRESS if verdict.to == "first":
            move_to(item, court.levels(item)[0], today=court.today)
        case Outcome.REGRESS:
            step_back(item, court.levels(item), today=court.today)
        case Outcome.REPEAT_LIGHTER:
            make_lighter(item)
        case Outcome.HOLD if verdict.change == "restore" and own_level:
            item.dose = _full_dose(item)
        case Outcome.ADVANCE:
            moved = own_level and not _enough_for_today(court, item)
            if moved:
                _advance(court, item, verdict, logs=logs)
    if verdict.proposal and own_level:
        _set_log_gate(court, item, logs)
    # The rules' own counting follows in `after`, from the memory before this decision.
    ledger.remember(item, memory)
    return moved


def _enough_for_today(court: Court, item: ProgramItem) -> bool:
    """At most two exercises get harder on one day (handbook E23); the others wait for their next clean day.

    An exercise that advanced today and is judged again does not wait for itself.
    """
    lately = court.advances_since(court.now - timedelta(days=1))
    rows = [*lately, *(row for row in court.made if row.outcome == Outcome.ADVANCE and row.applied_at)]
    today = {row.item_id for row in rows if local_date(row.decided_at, court.program.patient.zone) == court.today}
    return len(today - {item.pk}) >= MOST_ADVANCES_A_DAY


def _advance(court: Court, item: ProgramItem, verdict: Verdict, *, logs: Sequence[ExerciseLog]) -> None:
    """The next load or level."""
    _set_log_gate(court, item, logs)
    if verdict.change == "load":
        raise_load(item)
        return
    above = next(level for level in court.levels(item) if level.position == item.level.position + 1)
    move_to(item, above, today=court.today)


def _full_dose(item: ProgramItem) -> dict[str, Any]:
    """The dose it had before it was made lighter: what a person prescribed less of stays less."""
    return dict(item.state.get("full_dose") or as_json(dose_of(item.level)))


def _set_log_gate(court: Court, item: ProgramItem, logs: Sequence[ExerciseLog]) -> None:
    """A level done cleanly sets the gate it stands for, where a log may set it; a person's gates wait for a person."""
    gate = item.level.content["sets_gate"]
    if not gate or gate in court.gates():
        return
    if gate in court.log_gates():
        court.record_gate(item, gate, logs)
        court.gates().add(gate)
    elif gate in court._half_gates:
        court.record_gate(item, gate, logs)


def note_stop(court: Court, item: ProgramItem, facts: Facts, verdict: Verdict | None = None) -> None:
    """What must stop is remembered here and held by `close` once everything is judged.

    Asks the same functions as the flags do, so that hold and flag cannot disagree.
    """
    verdict = verdict or decide(facts, current_rules())
    findings = assess(facts, current_rules())
    scope = held_scope(verdict, findings)
    if scope is not None:
        court.stops.append(Stop(scope, item, verdict.rule_id, verdict.reason, severity_of(findings)))


def severity_of(findings: Sequence[Finding]) -> int:
    """How urgent a stop is: as urgent as the flags that ask for it, or as those beside a rule that stops alone."""
    stopping = [one for one in findings if one.stop] or findings
    return min((one.severity for one in stopping), default=3)


def enforce(court: Court) -> list[Hold]:
    """Place the holds, the widest and most severe first: a narrower one under it adds nothing."""
    placed: list[Hold] = []
    for stop in sorted(court.stops, key=lambda stop: (-stop.scope.width, stop.severity)):
        if any(_held_by(hold, stop) for hold in placed):
            continue
        placed.append(court.place(stop))
    return placed


def _held_by(hold: Hold, stop: Stop) -> bool:
    return hold.severity <= stop.severity and holding.covers(hold, stop.scope, stop.item.pk, stop.item.region)


def close(court: Court) -> list[Hold]:
    """Hold what must stop, save the items, append the ledger rows and the proposals. Ends every judgement."""
    holds = enforce(court)
    if court.judged or court.stops:
        save_items(court.items)
    Decision.objects.bulk_create(court.made)
    # A step up that was earned before a bad day is not earned any more.
    if worse := [row.item_id for row in court.made if row.outcome in STRICTER]:
        Proposal.objects.filter(item__in=worse).withdraw(actor=None, now=court.now)
    _open_proposals(court)
    return holds


def _open_proposals(court: Court) -> None:
    """One open proposal an exercise; it waits for a therapist and never lapses into a change (handbook E31).

    The next phase is proposed once a program, and only where its exit waits for a person.
    """
    wanted = {row.item_id: row for row in court.made if row.proposal}
    if not wanted:
        return
    waiting = list(
        Proposal.objects.filter(item__program=court.program, state=Proposal.State.OPEN).values_list("item_id", "kind")
    )
    taken = {item_id for item_id, _kind in waiting}
    phase_waits = any(kind == NEXT_PHASE for _item, kind in waiting) or not _exit_waits_for_person(court.program)
    new = []
    for item_id, row in wanted.items():
        if item_id in taken or (row.proposal == NEXT_PHASE and phase_waits):
            continue
        phase_waits = phase_waits or row.proposal == NEXT_PHASE
        new.append(
            Proposal(
                patient=court.program.patient,
                item=row.item,
                kind=row.proposal,
                decision=row,
                opened_at=court.now,
                due_on=court.today + PROPOSAL_DUE,
            )
        )
    Proposal.objects.bulk_create(new)


def _exit_waits_for_person(program: Program) -> bool:
    exit = program.phase.exit if program.phase else {}
    conditions = [*exit.get("all", []), *exit.get("any", [])]
    return not conditions or any("therapist" in one or "measure" in one or "gate" in one for one in conditions)


def _row(
    court: Court,
    item: ProgramItem,
    day: date,
    facts: Facts,
    verdict: Verdict,
    *,
    trigger: str,
    logs: Sequence[ExerciseLog],
    before: dict[str, Any],
) -> Decision:
    plain = facts.to_mapping()
    return Decision(
        item=item,
        trigger=trigger,
        local_date=day,
        session=logs[-1].session if logs else None,
        outcome=verdict.outcome,
        rule_id=verdict.rule_id,
        ruleset=ledger.ruleset(),
        reason_key=verdict.reason_key,
        reason_values=dict(verdict.reason_values),
        reason=verdict.reason,
        scope=verdict.scope or "",
        change=verdict.change or "",
        proposal=verdict.proposal or "",
        provisional=verdict.provisional,
        facts=plain,
        logs=[str(log.session_id) for log in logs],
        digest=ledger.digest_of(item, day, plain),
        before=before,
        level_from=item.level.code,
        decided_at=court.now,
        actor=court.actor,
    )


def _keep(court: Court, item: ProgramItem, row: Decision, verdict: Verdict, *, applied: bool) -> None:
    """Append the row, unless the same facts of the same day were decided already: a repeat writes none."""
    court.judged = True
    known = {one.digest for one in [*court.earlier[item.pk], *court.made] if one.item_id == item.pk}
    if row.digest in known:
        return
    item.sequence += 1
    row.sequence = item.sequence
    row.level_to = item.level.code if item.level.code != row.level_from else ""
    row.applied_at = court.now if applied and not verdict.provisional else None
    court.made.append(row)
