"""From logs to facts: what the rules are told about one exercise on one day, and about an answer or a report alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from clinic.zones import local_date
from patients import ledger
from patients.contraindications import ruled_out
from patients.models import Episode, ExerciseLog, NextDayQuestion, ProgramItem
from patients.work_done import Done, done_in, reached_high_end
from programs.dose import from_json, heavier_dose
from programs.equipment import lacking_for_step
from programs.models import LevelVersion
from programs.rulebook import current_rules
from programs.rules import Facts, ItemState, Words, baseline, decide
from programs.rules.derived import check


def person_facts(episode: Episode, item: ProgramItem | None, *, policy: str) -> dict[str, Any]:
    """What is true of this patient whatever was logged: usual pain, own limits, baseline, policy, human decisions."""
    known: dict[str, Any] = {
        "usual": episode.usual_pain,
        "baseline": baseline([], episode.usual_pain, current_rules().params),
        "policy": policy,
        "gap": 0,
    }
    if item is None:
        return known
    return known | {
        "kind": item.ladder_version.kind,
        "baseline": baseline(ledger.scores(item), episode.usual_pain, current_rules().params),
        "override": item.override or None,
        "open_stop": item.stopped_by_id is not None,
        "contraindicated": bool(ruled_out(item)),
        **item.limits,
    }


def day_facts(
    item: ProgramItem,
    logs: Sequence[ExerciseLog],
    question: NextDayQuestion | None,
    *,
    policy: str,
    open_stop: bool,
    override: str,
    next_step: Mapping[str, bool],
) -> tuple[Facts, Words]:
    """One exercise on one day, all bouts together: the worst pain, the worst form, the day's completion.

    `item` is as it was before that day; `next_step` is what `next_step()` says, empty while the day is open.
    `open_stop`, `override`: whether the exercise was on hold, locked or paused when the day was decided.
    """
    in_time = [log for log in logs if _hours_late(log) <= current_rules().params.late_log_h] or logs
    done = _done(item, in_time)  # what came late may restrict, and earns nothing (handbook E6)
    worst = _worst(logs)
    content = item.level.content
    waiting = is_open(question)
    bouts_open = waiting and len(logs) < from_json(item.dose).per_day_low
    values = person_facts(item.episode, item, policy=policy) | {
        "pain_before": worst.pain_before or 0,
        "pain_during": max(log.pain_during or 0 for log in logs),
        "pain_after": max(log.pain_after or 0 for log in logs),
        "form": max((log.form for log in logs), key=["ok", "partly", "lost"].index),
        "full_rom": all(log.full_rom for log in logs),
        "mode": logs[0].level.content["mode"],
        "at_top": _at_top(item, in_time),
        "painful": any(log.painful for log in logs),
        "cramp": max((log.cramp for log in logs), key=["", "resolved", "unresolved"].index) or None,
        # A pop belongs to the pain of its own bout: put together from two, they would stop what nobody flags.
        "words": tuple(sorted(worst.words)),
        "strength_loss": worst.strength_loss,
        "red_flags": _signs("red_flags", logs, question),
        "neuro": _signs("neuro", logs, question),
        "completion_l": max(done.left, 1.0) if bouts_open and done.left else done.left,
        "completion_r": max(done.right, 1.0) if bouts_open and done.right else done.right,
        "done_ratio": done.ratio,
        "successes_required": content["successes"],
        "min_days": content["min_days"],
        "days_at_level": max(0, (decided_on(logs, question) - item.level_since).days),
        "late_h": min(_hours_late(log) for log in logs),
        "same_day_extra": waiting and len(logs) > from_json(item.dose).per_day_high,
        "approval": "therapist" if "therapist" in (item.approval, content["approval"]) else "auto",
        "open_stop": open_stop,
        "override": override or None,
        **next_step,
        **_check(question),
    }
    facts = ledger.memory(item).into(Facts(**values), current_rules(), dose=from_json(item.dose).size)
    facts = _strictest([*_unanswered(facts, question), facts, *_bouts(facts, logs)])
    top = from_json(logs[0].prescribed).reps_high
    return facts, Words(side=done.weaker, done=done.weaker_done, asked=done.asked, top=top, exercise=item.name)


def is_open(question: NextDayQuestion | None) -> bool:
    """Whether the day still waits for its next-day answer."""
    return question is None or (question.answered_at is None and question.expired_at is None)


def _done(item: ProgramItem, logs: Sequence[ExerciseLog]) -> Done:
    """Against the dose as it was prescribed that day, which is what the patient saw."""
    return done_in(
        [log.sets for log in logs],
        from_json(logs[0].prescribed),
        asked_sides=item.sides_asked(logs[0].level.content["sides"]),
        to_fatigue=logs[0].level.content["mode"] == "fatigue",
    )


def _at_top(item: ProgramItem, logs: Sequence[ExerciseLog]) -> bool:
    """Whether a bout did every set at the top of its range: to fatigue, that is the sign to step up (handbook 1B)."""
    dose = from_json(logs[0].prescribed)
    asked_sides = item.sides_asked(logs[0].level.content["sides"])
    return dose.reps_high is None or reached_high_end([log.sets for log in logs], dose, asked_sides=asked_sides)


def _worst(logs: Sequence[ExerciseLog]) -> ExerciseLog:
    return max(logs, key=lambda log: max(log.pain_during or 0, log.pain_after or 0))


def _signs(kind: str, logs: Sequence[ExerciseLog], question: NextDayQuestion | None) -> tuple[str, ...]:
    """Warning signs of the day's sessions and of the answer about it."""
    said = [getattr(log.session, kind) for log in logs] + ([getattr(question, kind)] if question else [])
    return tuple(sorted({code for codes in said for code in codes}))


def _bouts(facts: Facts, logs: Sequence[ExerciseLog]) -> list[Facts]:
    """The same day as each bout alone would have it: safety is judged bout by bout (handbook E11)."""
    if len(logs) == 1:
        return []
    answer = check(facts, current_rules().params)
    return [
        replace(
            facts,
            pain_before=log.pain_before or 0,
            pain_during=log.pain_during or 0,
            pain_after=log.pain_after or 0,
            words=tuple(sorted(log.words)),
            strength_loss=log.strength_loss,
            painful=log.painful,
            form=log.form,
            next_day=None,
            says_worse=False,
            check=answer,
        )
        for log in logs
    ]


def _unanswered(facts: Facts, question: NextDayQuestion | None) -> list[Facts]:
    """An answer given after the question closed may restrict, and otherwise counts as none (handbook E15)."""
    late = question is not None and question.answered_at is not None and question.answered_at > question.closes_at
    return [replace(facts, next_day=None, says_worse=False, check="unanswered")] if late else []


def _strictest(candidates: Sequence[Facts]) -> Facts:
    """The candidate with the strictest decision; the first of equals."""
    if len(candidates) == 1:
        return candidates[0]
    return min(candidates, key=lambda facts: decide(facts, current_rules()).outcome.mildness)


def _check(question: NextDayQuestion | None) -> dict[str, Any]:
    """The next-day answer, as it was given."""
    if question is None or is_open(question):
        return {"check": "pending"}
    if question.answered_at is None or question.pain is None:
        return {"check": "unanswered"}
    return {"next_day": question.pain, "says_worse": question.compared == "worse"}


def shown_by_the_other_side(item: ProgramItem, running: Iterable[ProgramItem]) -> bool:
    """Whether a log of `item` may set its gate: it speaks of the whole exercise, so the second of two sides does."""
    others = [one for one in running if item.apart and one.line_id == item.line_id and one.pk != item.pk]
    return all(
        one.level.position > item.level.position
        or (one.level_id == item.level_id and ledger.memory(one).successes >= item.level.content["successes"])
        for one in others
    )


def next_step(
    item: ProgramItem,
    logs: Sequence[ExerciseLog],
    levels: Sequence[LevelVersion],
    gates: Collection[str],
    log_gates: Collection[str],
    owned: Collection[str] | None,
) -> dict[str, bool]:
    """What stands between a clean day and the next step: a gate or a thing, the cap, or a load to raise first.

    `log_gates`: codes that a log of it sets now. `owned`: what the patient has at home; None where nobody has asked.
    """
    content = item.level.content
    above = next((level for level in levels if level.position == item.level.position + 1), None)
    capped = above is None or (item.cap is not None and item.level.position >= item.cap.position)
    own_gate = {content["sets_gate"]} & set(log_gates)
    missing = set(above.content["requires_gates"]) - set(gates) - own_gate if above else set()
    if above:
        above.ladder_version = item.level.ladder_version = item.ladder_version
        missing |= set(lacking_for_step(item.level, above, owned))  # handbook E21
    stepping = content["method"] == "double_progression" and _earns_load(item, logs)
    return {
        "load_step": stepping,
        "cap_reached": capped and not stepping,
        "gate_missing": bool(missing) and not stepping,
    }


def _earns_load(item: ProgramItem, logs: Sequence[ExerciseLog]) -> bool:
    """Whether the next weight or band is due: the top of the range reached, or 2-for-2 where the step is a big one."""
    dose = from_json(item.dose)
    if heavier_dose(dose, item.level, two_for_two_met=False):
        return _reached_top(item, logs)
    if heavier_dose(dose, item.level, two_for_two_met=True):
        return two_over_the_top(item, logs) and int(item.state.get("two_over", 0)) >= 1
    return False


def two_over_the_top(item: ProgramItem, logs: Sequence[ExerciseLog]) -> bool:
    """Two repetitions above the range in the last set, every other set at its top (2-for-2, handbook E22)."""
    return _reached_top(item, logs, above=2)


def _reached_top(item: ProgramItem, logs: Sequence[ExerciseLog], *, above: int = 0) -> bool:
    return reached_high_end(
        [log.sets for log in logs],
        from_json(item.dose),
        asked_sides=item.sides_asked(item.level.content["sides"]),
        above=above,
    )


def decided_at(logs: Sequence[ExerciseLog], question: NextDayQuestion | None) -> datetime:
    """When the dose of a day is judged: with the answer or its expiry, until then with its last bout."""
    if question and question.answered_at:
        return question.answered_at
    if question and question.expired_at:
        return question.closes_at
    return max(log.session.performed_at for log in logs)


def decided_on(logs: Sequence[ExerciseLog], question: NextDayQuestion | None) -> date:
    """The day the dose is judged: when the answer came or its time ran out, else the day itself."""
    zone = logs[0].session.zone
    if question and question.answered_at:
        return local_date(min(question.answered_at, question.closes_at), zone)
    if question and question.expired_at:
        return local_date(question.closes_at, zone)
    return logs[0].session.local_date


def _hours_late(log: ExerciseLog) -> float:
    return max(0.0, (log.session.saved_at - log.session.performed_at).total_seconds() / 3600)


def answer_facts(
    item: ProgramItem, logs: Sequence[ExerciseLog], question: NextDayQuestion, *, policy: str, memory: ItemState
) -> Facts:
    """The answer alone, for its flags: what hurt during the exercise was reported by the log itself.

    `memory` is what the item knew before the day the answer is about.
    """
    values = person_facts(item.episode, item, policy=policy) | {
        "pain_before": _worst(logs).pain_before or 0,
        "pain_during": 0,
        "pain_after": 0,
        **_check(question),
        "red_flags": tuple(sorted(question.red_flags)),
        "neuro": tuple(sorted(question.neuro)),
    }
    return memory.into(Facts(**values), current_rules())


def report_facts(
    episode: Episode,
    item: ProgramItem | None,
    *,
    policy: str,
    pain: int,
    words: Iterable[str] = (),
    strength_loss: bool = False,
    red_flags: Iterable[str] = (),
    neuro: Iterable[str] = (),
) -> Facts:
    """Pain reported without a log: judged against the person's usual pain, as if it came up during exercise."""
    values = person_facts(episode, item, policy=policy) | {
        "pain_before": min(episode.usual_pain, pain),
        "pain_during": pain,
        "pain_after": pain,
        "check": "pending",
        "words": tuple(sorted(words)),
        "strength_loss": strength_loss,
        "red_flags": tuple(sorted(red_flags)),
        "neuro": tuple(sorted(neuro)),
    }
    facts = Facts(**values)
    return ledger.memory(item).into(facts, current_rules()) if item else facts


def gap_facts(item: ProgramItem, *, gap: int, policy: str, override: str) -> Facts:
    """Nothing but days without exercise: what the tick judges. `override` as in `day_facts`."""
    usual = item.episode.usual_pain
    quiet = {
        "pain_before": usual,
        "pain_during": 0,
        "pain_after": 0,
        "check": "pending",
        "gap": gap,
        "open_stop": False,
        "override": override or None,
    }
    return ledger.memory(item).into(Facts(**person_facts(item.episode, item, policy=policy) | quiet), current_rules())
