"""Judging days: asks the rules, moves level and dose, writes the ledger. Only here do the rules change an exercise.

Safety is judged on every log; the dose once per exercise and local day, when the day is complete: the log gives a
provisional answer, the next-day answer or its expiry the final one (handbook 2.2). A day judged again starts
from the memory the item had before that day, and the days after it are judged again in their order.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

from clinic.zones import instant, local_date
from patients import ledger
from patients.court import STRICTER, Court
from patients.enforcing import note_stop
from patients.equipment import owned_by
from patients.facts import (
    day_facts,
    decided_at,
    decided_on,
    gap_facts,
    is_open,
    next_step,
    shown_by_the_other_side,
    two_over_the_top,
)
from patients.models import Decision, ExerciseLog, NextDayQuestion, PainReport, ProgramItem
from patients.program_items import make_lighter, move_to, raise_load, step_back
from patients.work_done import fewest_reps
from programs.dose import as_json, dose_of, from_json
from programs.rulebook import current_rules
from programs.rules import Counts, Facts, ItemState, Outcome, Words, after, assess, decide
from programs.rules import Decision as Verdict
from programs.rules.derived import check

GAP_TIERS = (8, 15, 29)  # handbook E2
MOST_ADVANCES_A_DAY = 2  # handbook E23
BY_LOGS = (Decision.Trigger.LOG, Decision.Trigger.CHECK)
OF_THE_ANSWER = ("check", "next_day", "says_worse")
SAME = ("outcome", "rule_id", "ruleset", "facts", "logs", "before", "change")
STANDS = "stands"  # the change of a row that made something easier before its log was corrected


def judge_day(court: Court, item: ProgramItem, day: date, *, trigger: str, apply: bool = True) -> Decision:
    """One exercise, one day: decide, apply what the decision says, keep the row."""
    logs = sorted(court.logs[item.pk, day], key=lambda log: log.session.performed_at)
    question = court.questions.get((item.region, day))
    before, was = ledger.snapshot(item), last_row(court, item, day)
    seen, words = _seen(court, item, day, logs, question) if logs else (None, Words())
    stood = _stood(court, day, was) if apply else None
    facts = _stricter(seen, stood)
    verdict = decide(facts, current_rules(), words)
    row = _row(court, item, day, facts, verdict, trigger=trigger, logs=logs, before=before)
    _tell_what_is_new(court, item, row, was)
    if facts is stood:
        row.change = STANDS
    moved = True
    # Days in a row with two repetitions over the top, of the dose as it was that day (2-for-2, handbook E22).
    over = item.state.get("two_over", 0) + 1 if logs and two_over_the_top(item, logs) else 0
    if apply:
        note_stop(court, item, facts, verdict)
        own_level = all(log.level_id == item.level_id for log in logs)
        size = from_json(item.dose).size
        again = _was_so(was, row)
        on = decided_on(logs, question) if logs else day
        moved = _apply(court, item, verdict, logs=logs, own_level=own_level, on=on, again=again)
        if again and was is not None:
            row.applied_at = was.applied_at
        state = ledger.memory(item)
        if own_level or not verdict.counts.clean:
            counted = verdict if moved or verdict.change != "restore" else replace(verdict, counts=Counts.KEEP)
            state = _counted(state, seen, facts, counted, dose=size, applied=moved)
        score = logs[0].pain_before if logs else None
        ledger.remember(item, _still_lighter(state, verdict, row, item), score=score)
        if logs and not verdict.provisional:
            in_a_row = own_level and verdict.counts.clean and not (verdict.change and moved)
            item.state = {**item.state, "two_over": over if in_a_row else 0}
    if logs:
        item.last_performed_on = max(day, item.last_performed_on or day)
        if apply:
            item.state = {**item.state, "last_reps": fewest_reps(logs[-1].sets)}
    _keep(court, item, row, verdict, was=was, applied=apply and moved)
    return row


def _tell_what_is_new(court: Court, item: ProgramItem, row: Decision, was: Decision | None) -> None:
    """The same logs and the same answer judged again: an earlier day may have made this one the second of its kind.

    What is found less now stays told: nothing that came later takes a flag back.
    """
    if was is None or not was.facts or row.logs != was.logs:
        return
    if any(row.facts[name] != was.facts.get(name) for name in OF_THE_ANSWER):
        return
    had = {one.code for one in assess(Facts.from_mapping(was.facts), current_rules())}
    new = [one.code for one in assess(Facts.from_mapping(row.facts), current_rules()) if one.code not in had]
    if new:
        court.told.append(
            PainReport(
                patient=court.program.patient,
                episode=item.episode,
                program=court.program,
                item=item,
                kind=PainReport.Kind.LOG,
                region=item.region,
                session=row.session,
                facts=row.facts,
                codes=new,
                ruleset=ledger.ruleset(),
                reported_at=court.now,
                reported_by=court.actor,
            )
        )


def last_row(court: Court, item: ProgramItem, day: date, *, gap: bool = False) -> Decision | None:
    """The last word on the logs of a day, or on the days off before it."""
    rows = [row for row in [*court.earlier[item.pk], *court.made] if row.item_id == item.pk and row.local_date == day]
    rows = [row for row in rows if row.trigger != Decision.Trigger.PERSON]
    return next((row for row in reversed(rows) if (row.trigger == Decision.Trigger.TICK) == gap), None)


def _seen(
    court: Court, item: ProgramItem, day: date, logs: Sequence[ExerciseLog], question: NextDayQuestion | None
) -> tuple[Facts, Words]:
    steps = {}
    if not is_open(question):
        owned = owned_by(court.program.patient)
        own_gates = court.log_gates() if shown_by_the_other_side(item, court.items) else ()
        steps = next_step(item, logs, court.levels(item), court.gates(), own_gates, owned)
    moment = decided_at(logs, question)
    facts, words = day_facts(
        item,
        logs,
        question,
        policy=court.program.pain_policy,
        open_stop=court.stopped_at(item, moment),
        override=court.override_at(item, moment),
        next_step=steps,
    )
    return _spared(court, item, day, facts), words


def _stood(court: Court, day: date, was: Decision | None) -> Facts | None:
    """What made the day stricter before a log was corrected, taken back or joined by an older one (handbook E5)."""
    if was is None or was.outcome not in STRICTER or not was.applied_at:
        return None
    stands = was.change == STANDS or (court.stands_from is not None and day >= court.stands_from)
    return Facts.from_mapping(was.facts) if stands else None


def _stricter(seen: Facts | None, stood: Facts | None) -> Facts:
    if seen is None or stood is None:
        found = seen or stood
        assert found is not None, "a day without logs is judged only where something of it stands"
        return found
    return min(seen, stood, key=lambda facts: decide(facts, current_rules()).outcome.mildness)


def _was_so(was: Decision | None, row: Decision) -> bool:
    """Whether the day had just this step forward before: judging it again takes it again, on the day it was taken."""
    if was is None or was.applied_at is None:
        return False
    return (was.outcome, was.change, was.level_from) == (row.outcome, row.change, row.level_from)


def _counted(
    state: ItemState, seen: Facts | None, facts: Facts, verdict: Verdict, *, dose: float, applied: bool
) -> ItemState:
    """The streaks follow what is logged now: what was taken back eased the exercise, but was never seen."""
    counted = after(state, seen or facts, verdict, current_rules(), dose=dose, applied=applied)
    return counted if seen else replace(state, successes=counted.successes, lightened=counted.lightened)


def _spared(court: Court, item: ProgramItem, day: date, facts: Facts) -> Facts:
    """A bad night steps back one exercise of the day and the others hold (E28). What must stop still stops."""
    known = any(row.local_date == day and row.facts.get("check") == "shared" for row in court.earlier[item.pk])
    if not (known or (item.pk, day) in court.spared) or check(facts, current_rules().params) != "worse":
        return facts
    shared = replace(facts, next_day=None, says_worse=False, check="shared")
    return facts if decide(facts, current_rules()).outcome == Outcome.STOP_AND_FLAG else shared


def judge_gap(court: Court, item: ProgramItem, *, gap: int, on: date) -> Decision:
    """Days off: eight make the next session lighter, fifteen cost a level, twenty-nine start again (handbook E2).

    `on` is the day whose midnight counted `gap` days since the exercise was last performed.
    """
    before, was = ledger.snapshot(item), last_row(court, item, on, gap=True)
    midnight = instant(on, time(0, 0), court.program.patient.zone)
    override = court.override_at(item, midnight)
    facts = gap_facts(item, gap=gap, policy=court.program.pain_policy, override=override)
    verdict = decide(facts, current_rules())
    row = _row(court, item, on, facts, verdict, trigger=Decision.Trigger.TICK, logs=[], before=before)
    _apply(court, item, verdict, logs=[], own_level=True, on=on, again=False)
    ledger.remember(
        item, _still_lighter(after(ledger.memory(item), facts, verdict, current_rules()), verdict, row, item)
    )
    item.state = {**item.state, "gap": [str(on - timedelta(days=gap)), gap]}  # each step of a gap is taken once
    _keep(court, item, row, verdict, was=was, applied=True)
    return row


def _still_lighter(state: ItemState, verdict: Verdict, row: Decision, item: ProgramItem) -> ItemState:
    """A step back from the lowest level made the dose lighter instead: the first success restores it (E29)."""
    no_level_below = verdict.outcome == Outcome.REGRESS and not verdict.to and item.level.code == row.level_from
    return state.made_lighter() if no_level_below else state


def _apply(
    court: Court,
    item: ProgramItem,
    verdict: Verdict,
    *,
    logs: Sequence[ExerciseLog],
    own_level: bool,
    on: date,
    again: bool,
) -> bool:
    """Move level or dose in memory, counted from the day `on`; False where a step forward has to wait.

    Worse input never waits. Better input counts only for the level it was done at, and only forwards: a step that an
    older log would have brought waits for the next clean day (E5), unless it was taken before (`again`).
    """
    memory = ledger.memory(item)
    may_rise = own_level and (again or court.rises)
    moved = True
    match verdict.outcome:
        case Outcome.REGRESS if verdict.to == "first":
            move_to(item, court.levels(item)[0], today=on)
        case Outcome.REGRESS:
            step_back(item, court.levels(item), today=on)
        case Outcome.REPEAT_LIGHTER:
            make_lighter(item)
        case Outcome.HOLD if verdict.change == "restore" and own_level:
            moved = may_rise
            if moved:
                item.dose = _full_dose(item)
        case Outcome.ADVANCE:
            moved = may_rise and (again or not _enough_for_today(court, item))
            if moved:
                _advance(court, item, verdict, logs=logs, on=on)
    if verdict.proposal and own_level:
        _set_log_gate(court, item, logs)
    # The rules' own counting follows in `after`, from the memory before this decision.
    ledger.remember(item, memory)
    return moved


def _enough_for_today(court: Court, item: ProgramItem) -> bool:
    """At most two exercises get harder on one day (handbook E23); the others wait for their next clean day.

    An exercise that advanced today and is judged again does not wait for itself, nor one side of it for the other.
    """
    lately = court.advances_since(court.now - timedelta(days=1))
    rows = [*lately, *(row for row in court.made if row.outcome == Outcome.ADVANCE and row.applied_at)]
    zone = court.program.patient.zone
    lines = {one.pk: one.line_id for one in court.items}
    today = {
        lines.get(row.item_id, row.item_id)
        for row in rows
        if row.applied_at and local_date(row.applied_at, zone) == court.today
    }
    return len(today - {item.line_id}) >= MOST_ADVANCES_A_DAY


def _advance(court: Court, item: ProgramItem, verdict: Verdict, *, logs: Sequence[ExerciseLog], on: date) -> None:
    """The next load or level."""
    _set_log_gate(court, item, logs)
    if verdict.change == "load":
        raise_load(item)
        return
    above = next(level for level in court.levels(item) if level.position == item.level.position + 1)
    move_to(item, above, today=on)


def _full_dose(item: ProgramItem) -> dict[str, Any]:
    """The dose it had before it was made lighter: what a person prescribed less of stays less."""
    return dict(item.state.get("full_dose") or as_json(dose_of(item.level)))


def _set_log_gate(court: Court, item: ProgramItem, logs: Sequence[ExerciseLog]) -> None:
    """A level done cleanly sets the gate it stands for, where a log may set it; a person's gates wait for a person."""
    gate = item.level.content["sets_gate"]
    if not gate or gate in court.gates() or not shown_by_the_other_side(item, court.items):
        return
    if gate in court.log_gates():
        court.record_gate(item, gate, logs)
        court.gates().add(gate)
    elif gate in court.half_gates():
        court.record_gate(item, gate, logs)


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
        before=before,
        level_from=item.level.code,
        decided_at=court.now,
        actor=court.actor,
    )


def _keep(
    court: Court, item: ProgramItem, row: Decision, verdict: Verdict, *, was: Decision | None, applied: bool
) -> None:
    """Append the row, unless it only repeats the last word on the same thing."""
    row.level_to = item.level.code if item.level.code != row.level_from else ""
    row.applied_at = (row.applied_at or court.now) if applied and not verdict.provisional else None
    append(court, item, row, was=was)


def append(court: Court, item: ProgramItem, row: Decision, *, was: Decision | None) -> None:
    """Put `row` behind the last word on the same thing, `was`: a repeat writes none."""
    court.judged = True
    if was is not None and all(getattr(was, name) == getattr(row, name) for name in SAME):
        return
    item.sequence += 1
    row.sequence = item.sequence
    if row.trigger in BY_LOGS:
        item.judged_until = max(row.local_date, item.judged_until or row.local_date)
    row.digest = ledger.digest_of(row, after=was.digest if was else "")
    court.made.append(row)
