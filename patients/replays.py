"""Judging days again: what comes late, is corrected or taken back changes its own day and every later one, in order.

The days are folded forward from the memory the exercise had before the first of them, so that the order in which
logs arrive does not matter. Two things never happen backwards (handbook E4, E5): a level that was trained meanwhile is
not taken away, and nothing that was made easier gets harder because an older log changed. A person's act is a wall.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise

from django.utils.translation import gettext_noop

from clinic.zones import instant
from patients import ledger
from patients.court import STRICTER, Court
from patients.judging import GAP_TIERS, append, judge_day, judge_gap, last_row
from patients.models import Decision, ExerciseLog, ProgramItem
from patients.models.assignment import Override
from programs.models import LevelVersion
from programs.rules import ItemState, Outcome

WITHDRAWN = "withdrawn"  # the outcome of a day whose sessions were all taken back
TAKEN_BACK = gettext_noop("The session of this day was taken back.")


@dataclass(frozen=True)
class Step:
    """One thing to judge again: days off at a midnight, the logs of a day, or what is left of a day without any."""

    day: date
    gap: int = 0
    was: Decision | None = None

    @property
    def order(self) -> tuple[date, bool]:
        return self.day, not self.gap


def judge_days(court: Court, item: ProgramItem, *, since: date, trigger: str) -> None:
    """Judge `since` and every later day with logs again. Where a person acted meanwhile, nothing is moved."""
    acted = _last_act(court, item)
    days = sorted(
        day for item_id, day in court.logs if item_id == item.pk and day >= since and court.logs[item_id, day]
    )
    free = [day for day in days if acted is None or _all_after(acted, court.logs[item.pk, day])]
    if days and days[0] not in free:
        judge_day(court, item, days[0], trigger=trigger, apply=False)
    slots = [row for row in _slots(court, item, since, acted) if row.local_date in free or _stands_alone(court, row)]
    if slots:
        ledger.restore(item, slots[0].before, _levels(court, item))
    fallen_from = -1
    for step in _steps(court, item, free, slots):
        if step.gap:
            row = judge_gap(court, item, gap=step.gap, on=step.day)
        elif step.was is not None and not court.logs[item.pk, step.day]:
            row = _what_is_left(court, item, step.was, trigger=trigger)
        else:
            _keep_trained_level(court, item, step, fallen_from)
            row = judge_day(court, item, step.day, trigger=trigger)
        if row.outcome == Outcome.REGRESS:
            fallen_from = max(fallen_from, *(one.position for one in court.levels(item) if one.code == row.level_from))


def before_day(court: Court, item: ProgramItem, day: date) -> dict[str, object]:
    """The exercise as it stood before `day`, as far as it is known by now: level, dose and memory."""
    rows = _slots(court, item, day, None)
    return rows[0].before if rows else ledger.snapshot(item)


def memory_before(court: Court, item: ProgramItem, day: date) -> ItemState:
    """What the rules knew of `item` before `day`."""
    state: dict[str, dict[str, object]] = before_day(court, item, day)["state"]  # type: ignore[assignment]
    return ItemState.from_mapping(state.get("memory", {}))


def _levels(court: Court, item: ProgramItem) -> dict[str, LevelVersion]:
    return {str(level.pk): level for level in court.levels(item)}


def _slots(court: Court, item: ProgramItem, since: date, acted: Decision | None) -> list[Decision]:
    """The last word on each thing judged from `since` on, oldest first; those that were taken back are none."""
    last: dict[tuple[date, bool], Decision] = {}
    for row in court.earlier[item.pk]:
        by_rules = row.trigger != Decision.Trigger.PERSON
        if by_rules and row.local_date >= since and (acted is None or row.sequence > acted.sequence):
            last[row.local_date, row.trigger != Decision.Trigger.TICK] = row
    return [last[key] for key in sorted(last) if last[key].before]


def _stands_alone(court: Court, row: Decision) -> bool:
    """Days off, or a day of which no log is left."""
    return row.trigger == Decision.Trigger.TICK or not court.logs[row.item_id, row.local_date]


def _last_act(court: Court, item: ProgramItem) -> Decision | None:
    acts = [row for row in court.earlier[item.pk] if row.trigger == Decision.Trigger.PERSON]
    return acts[-1] if acts else None


def _all_after(act: Decision, logs: Sequence[ExerciseLog]) -> bool:
    """Whether a day was trained on what the person had set: then it counts like any other."""
    return all(log.session.performed_at >= act.decided_at for log in logs)


def _steps(court: Court, item: ProgramItem, free: Sequence[date], slots: Sequence[Decision]) -> list[Step]:
    steps = [Step(day) for day in free]
    for row in slots:
        if row.trigger == Decision.Trigger.TICK:
            steps.append(Step(row.local_date, gap=int(row.facts["gap"])))
        elif row.local_date not in free:
            steps.append(Step(row.local_date, was=row))
    steps += _new_gaps(court, item, free, steps)
    return sorted(steps, key=lambda step: step.order)


def _new_gaps(court: Court, item: ProgramItem, free: Sequence[date], known: Sequence[Step]) -> list[Step]:
    """Days off that only show now, between two days that were trained. Those up to today are left to the tick."""
    trained = list(free)
    if free and any(row.was is not None for row in known):  # a day is gone: the one before it counts now
        before = court.performed_before(item, free[0])
        trained = [before, *trained] if before else trained
    found = []
    for last, following in pairwise(trained):
        taken = max((step.gap for step in known if last < step.day <= following), default=0)
        for tier in GAP_TIERS:
            night = last + timedelta(days=tier)
            if taken < tier and night <= following and not _was_kept_off(court, item, night):
                found.append(Step(night, gap=tier))
    return found


def _was_kept_off(court: Court, item: ProgramItem, day: date) -> bool:
    """Whether the exercise was held or paused at the midnight `day` begins with: that is nobody's gap."""
    midnight = instant(day, time(0, 0), court.program.patient.zone)
    return court.stopped_at(item, midnight) or court.override_at(item, midnight) == Override.PAUSE


def _keep_trained_level(court: Court, item: ProgramItem, step: Step, fallen_from: int) -> None:
    """E4: a level trained since is not taken back by an older log; its streak is, and the program's history says so.

    A step back that the days judged again found on this very level, or above it, is another matter: it counts now.
    """
    was = last_row(court, item, step.day)
    levels = _levels(court, item)
    trained = levels.get(was.before["level"]) if was is not None and was.before else None
    if was is None or trained is None or trained.position <= max(item.level.position, fallen_from):
        return
    if any(log.level_id != trained.pk for log in court.logs[item.pk, step.day]):
        return
    memory = item.state
    ledger.restore(item, was.before, levels)
    item.state = memory
    item.state = ledger.fresh_state(item)
    court.notes.append((item, "level_kept", trained.code))


def _what_is_left(court: Court, item: ProgramItem, was: Decision, *, trigger: str) -> Decision:
    """Of a day whose sessions were taken back: what it made easier stays so (E5), anything else is as if never done."""
    if was.outcome in STRICTER and was.applied_at:
        return judge_day(court, item, was.local_date, trigger=trigger)
    row = Decision(
        item=item,
        trigger=trigger,
        local_date=was.local_date,
        outcome=WITHDRAWN,
        rule_id="",
        ruleset=ledger.ruleset(),
        reason_key=TAKEN_BACK,
        reason=TAKEN_BACK,
        facts={},
        before={},
        level_from=item.level.code,
        decided_at=court.now,
        actor=court.actor,
    )
    append(court, item, row, was=was)
    return row
