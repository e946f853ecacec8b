"""What a therapist changes in a program by hand: level, dose, side, limits, lock, pause, hold, release, taking off.

Every change is a ledger row by a person, so that a later replay of older logs leaves it alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.contraindication_words import for_staff
from patients.contraindications import Contraindicated, blocking, record_of, ruling_out
from patients.models import Hold, Patient, Program, ProgramItem, Proposal
from patients.models.assignment import REMOVED, Override
from patients.models.episode import BodySide
from patients.models.hold import HoldScope
from patients.program_items import (
    locked_item,
    locked_items,
    make_lighter,
    move_to,
    need_reason,
    record_event,
    running_program,
    save_items,
    step_back,
    today_of,
)
from programs.dose import as_json, changed, from_json
from programs.models import LevelVersion

REVIEW_AFTER = timedelta(days=14)  # handbook E17: a lock carries a review date, and so does a pause


@transaction.atomic
def set_level(
    item: ProgramItem, level_code: str, *, reason: str, lock: bool = False, actor: User | None, now: datetime
) -> ProgramItem:
    """Put an exercise on a level of its own ladder, at that level's dose. Streaks start again (handbook E17)."""
    need_reason(reason)
    item = locked_item(item)
    level = item.ladder_version.levels.filter(code=level_code).first()
    if level is None:
        raise Refused(
            _("The level was not changed."),
            {"level": _("%(code)s is not a level of this ladder.") % {"code": level_code}},
        )
    _refuse_blocked_now(item)
    refuse_ruled_out(item, level)
    before = item.level.code
    move_to(item, level, today=today_of(item, now))
    Proposal.objects.filter(item=item).withdraw(actor=actor, now=now)
    if lock:
        _lock(item, reason=reason, review_on=today_of(item, now) + REVIEW_AFTER)
    return _saved(item, "level", before, level.code, reason=reason, actor=actor, now=now)


@transaction.atomic
def adjust_dose(
    item: ProgramItem, *, changes: Mapping[str, int | str], reason: str, actor: User | None, now: datetime
) -> ProgramItem:
    """Change today's dose: sets, reps, seconds, hold, tempo, load in grams, bouts a day. Bounds as for a log."""
    need_reason(reason)
    item = locked_item(item)
    try:
        item.dose = as_json(changed(from_json(item.dose), changes))
    except ValueError as fault:
        raise Refused(_("The dose was not changed."), {"dose": str(fault)}) from None
    # Counting starts again, and the next success must not "restore" a dose that a person has just replaced.
    item.state = ledger.fresh_state(item)
    return _saved(item, "dose", "", "", reason=reason, actor=actor, now=now, data=dict(changes))


@transaction.atomic
def set_side(item: ProgramItem, side: str, *, actor: User | None, now: datetime) -> ProgramItem:
    item = locked_item(item)
    if side not in BodySide.values:
        raise Refused(_("The side was not changed."), {"side": _("Choose left, right or both.")})
    if item.apart:
        raise Refused(
            _("The side was not changed."), {"side": _("Its sides go their own way: bring them together first.")}
        )
    before, item.side = item.side, side
    return _saved(item, "side", before, side, reason="", actor=actor, now=now)


@transaction.atomic
def set_limits(
    item: ProgramItem, limits: Mapping[str, int | None], *, reason: str, actor: User | None, now: datetime
) -> ProgramItem:
    """A patient's own pain limits (handbook E19): `advance_max` 0 to 5, `regress_at` and `stop_at` up to 9."""
    need_reason(reason)
    tops = {"advance_max": 5, "regress_at": 9, "stop_at": 9}
    errors = {
        key: _("%(value)s: this limit goes from 0 to %(top)s.") % {"value": value, "top": tops.get(key, 0)}
        for key, value in limits.items()
        if value is not None and not 0 <= value <= tops.get(key, -1)
    }
    back, stop = limits.get("regress_at"), limits.get("stop_at")
    if not errors and back is not None and stop is not None and back > stop:
        text = _("A step back must not come later than the stop, which is from %(stop)s.") % {"stop": stop}
        errors = {"regress_at": text}
    if errors:
        raise Refused(_("The limits were not changed."), errors)
    item = locked_item(item)
    item.limits = {key: value for key, value in limits.items() if value is not None}
    return _saved(item, "limits", "", "", reason=reason, actor=actor, now=now, data=dict(item.limits))


@transaction.atomic
def lock(
    item: ProgramItem, *, reason: str, review_on: date | None = None, actor: User | None, now: datetime
) -> ProgramItem:
    """Fix the level until a person unlocks it; the review date only puts it on the therapist's list."""
    need_reason(reason)
    item = locked_item(item)
    _lock(item, reason=reason, review_on=review_on or today_of(item, now) + REVIEW_AFTER)
    return _saved(item, "lock", "", "lock", reason=reason, actor=actor, now=now)


def _lock(item: ProgramItem, *, reason: str, review_on: date) -> None:
    item.override, item.override_reason, item.override_review_on = Override.LOCK, reason, review_on


@transaction.atomic
def unlock(item: ProgramItem, *, actor: User | None, now: datetime) -> ProgramItem:
    item = locked_item(item)
    before, item.override, item.override_reason, item.override_review_on = item.override, Override.NONE, "", None
    return _saved(item, "unlock", before, "", reason="", actor=actor, now=now)


@transaction.atomic
def pause(program: Program, *, until: date | None, reason: str, actor: User | None, now: datetime) -> Program:
    """Pause the whole program (a holiday, an illness). It goes on by itself on no day: `until` is a review date."""
    need_reason(reason)
    items = locked_items(program)
    until = until or local_date(now, program.patient.zone) + REVIEW_AFTER
    program.paused_until, program.paused_reason = until, reason
    program.save(update_fields=["paused_until", "paused_reason"])
    for item in items:
        if item.override != Override.LOCK:  # a lock outlives the holiday
            item.override, item.override_reason, item.override_review_on = Override.PAUSE, reason, until
    save_items(items)
    record_event(program, None, "pause", "active", "paused", actor=actor, now=now, note=reason)
    return program


@transaction.atomic
def unpause(program: Program, *, actor: User | None, now: datetime) -> Program:
    items = locked_items(program)
    program.paused_until, program.paused_reason = None, ""
    program.save(update_fields=["paused_until", "paused_reason"])
    for item in items:
        if item.override == Override.PAUSE:
            item.override, item.override_reason, item.override_review_on = Override.NONE, "", None
    save_items(items)
    record_event(program, None, "unpause", "paused", "active", actor=actor, now=now)
    return program


@transaction.atomic
def hold(
    program: Program,
    *,
    scope: str,
    item: ProgramItem | None = None,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Hold:
    """Stop an exercise, an area or everything by hand."""
    need_reason(reason)
    if scope != HoldScope.PLAN and item is None:
        raise Refused(_("Nothing was stopped."), {"region": _("Choose what to stop: an exercise or an area.")})
    items = locked_items(program)
    made = holding.place(
        program.patient,
        program,
        items,
        scope=scope,
        item=item,
        region=item.region if item else "",
        severity=4,
        rule_id="person",
        reason=reason,
        actor=actor,
        now=now,
    )
    save_items(items)
    record_event(program, item, "hold", "active", str(made.scope), actor=actor, now=now, note=reason)
    return made


@transaction.atomic
def take_off(item: ProgramItem, *, reason: str, actor: User | None, now: datetime) -> ProgramItem:
    """End one exercise of a running program. Everything logged stays, and no phase or version brings it back.

    Raises Refused without a reason, and for an exercise on hold: lifting the hold says how it goes on.
    """
    need_reason(reason)
    item = locked_item(item)
    if item.ended_on is not None:
        return item
    if item.stopped_by_id is not None:
        raise Refused(_("This exercise is on hold. Lift the hold, and choose there that the exercise ends."))
    item.ended_on, item.ended_reason = today_of(item, now), REMOVED
    reason = reason.strip()
    ledger.record_person(item, "take_off", "", "", reason=reason, actor=actor, now=now)
    item.save()
    Proposal.objects.filter(item=item).withdraw(actor=actor, now=now)
    record_event(item.program, item, "take_off", "active", REMOVED, actor=actor, now=now, note=reason)
    return item


def release(hold: Hold, *, effect: str, actor: User | None, now: datetime) -> Hold:
    """Lift a hold and say how its exercises go on: resume, lighter, step_back, swap or stop (handbook E18).

    `swap` and `stop` end them here; a swap's new exercise is assigned by hand. Twice is once.
    """
    release_all(hold.patient, [hold], effect=effect, actor=actor, now=now)
    hold.refresh_from_db()
    return hold


@transaction.atomic
def release_all(
    patient: Patient, holds: Sequence[Hold], *, effect: str, actor: User | None, now: datetime
) -> list[Hold]:
    """Lift several holds of a patient at one word: an exercise under two of them steps back once. Gives the lifted."""
    program = running_program(patient)
    items = locked_items(program) if program else []
    lifted = [hold for hold in holds if holding.lift(hold, items, effect=effect, actor=actor, now=now)]
    # Also an exercise that another hold still stops: what was decided about it here must not be forgotten.
    for item in [item for item in items if any(holding.stops(hold, item) for hold in lifted)]:
        before = item.level.code
        resume_with(item, effect, today=today_of(item, now))
        ledger.record_person(item, "release", before, item.level.code, reason=effect, actor=actor, now=now)
    if lifted and items:
        save_items(items)
    for hold in lifted:
        if where := program or hold.program:
            record_event(where, hold.item, "release", hold.scope, effect, actor=actor, now=now)
    return lifted


def resume_with(item: ProgramItem, effect: str, *, today: date) -> None:
    """Change `item` in memory as the person who followed up decided."""
    if effect == "step_back":
        step_back(item, item.ladder_version.levels.all(), today=today)
    elif effect == "lighter":
        make_lighter(item)
    elif effect in ("swap", "stop"):
        item.ended_on, item.ended_reason = today, effect
    else:
        item.state = ledger.fresh_state(item)


def _refuse_blocked_now(item: ProgramItem) -> None:
    running = {code for code in record_of(item.episode).running if code != item.ladder_version.code}
    if excluded := blocking(item.ladder_version, running):
        names = ", ".join(sorted(excluded))
        raise Contraindicated(_("%(ladders)s must not be combined with this exercise.") % {"ladders": names})


def refuse_ruled_out(item: ProgramItem, level: LevelVersion) -> None:
    """What has been found since the exercise was assigned may forbid it altogether, or the level it would go to."""
    if codes := ruling_out(item.episode, item.ladder_version, level):
        text = _("%(level)s is ruled out: %(why)s.") % {"level": level.code, "why": ", ".join(map(for_staff, codes))}
        raise Contraindicated(_("The level was not changed. %(why)s") % {"why": text}, {"level": text})


def _saved(
    item: ProgramItem,
    kind: str,
    before: str,
    after: str,
    *,
    reason: str,
    actor: User | None,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> ProgramItem:
    ledger.record_person(item, kind, before, after, reason=reason, actor=actor, now=now)
    item.save()
    record_event(item.program, item, kind, before, after, actor=actor, now=now, note=reason, data=data)
    return item
