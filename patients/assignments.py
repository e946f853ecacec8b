"""Assigning a program and adjusting it: a published version is pinned, then it is this patient's own."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.contraindication_words import for_staff
from patients.contraindications import (
    Contraindicated,
    Record,
    blocking,
    check_entry,
    check_ladder,
    record_of,
    ruling_out,
)
from patients.models import Episode, Hold, Patient, Program, ProgramEvent, ProgramItem, Proposal
from patients.models.assignment import BY_A_PERSON, HoldScope, Override
from patients.models.episode import BodySide
from programs.dose import as_json, changed, dose_of, from_json, heavier_dose, lighter_dose
from programs.models import LevelVersion, Phase, PhaseItem, ProgramVersion

REVIEW_AFTER = timedelta(days=14)  # handbook E17: a lock carries a review date, and so does a pause


class NotPublished(Refused):
    pass


class AlreadyRunning(Refused):
    pass


@transaction.atomic
def assign(episode: Episode, version: ProgramVersion, *, path: str = "", actor: User | None, now: datetime) -> Program:
    """Pin a published `version` to the episode and start its first phase today, in the patient's own zone.

    A patient has one running program: a second episode's exercises join it. Levels reached before are
    kept, `start` counts only without history (handbook E32). Raises NotPublished, Contraindicated with
    every reason, AlreadyRunning where the episode has a program, Refused for a closed episode.
    """
    patient = episode.patient
    if version.state != ProgramVersion.State.PUBLISHED or version.template.clinic_id != patient.clinic_id:
        raise NotPublished(_("Only a published program of this clinic can be assigned."))
    if episode.ended_on is not None:
        raise Refused(_("This episode is closed: open a new one for a return."))
    phases = phases_of(version, path)
    record = record_of(episode)
    _refuse_blocked(phases[0], version, episode, path, record)
    today = local_date(now, patient.zone)
    running = Program.objects.select_for_update().filter(patient=patient, ended_on=None).first()
    if running and running.items.filter(episode=episode, ended_on=None).exists():
        raise AlreadyRunning(_("This episode has a running program. End it, or adjust it, first."))
    program = running or _start(episode, version, phases[0], path, today=today, actor=actor, now=now)
    enter_phase(program, episode, phases[0], version=version, record=record, today=today)
    ProgramEvent.objects.create(
        program=program,
        kind="assign",
        to_state="active",
        actor=actor,
        at=now,
        data={"template": version.template.code, "version": version.number, "phase": phases[0].name},
    )
    audit.note("assign", program, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return program


def phases_of(version: ProgramVersion, path: str) -> list[Phase]:
    """The phases of a version along `path`, in order. Raises Refused for a path the template does not have."""
    if version.paths and path not in version.paths:
        names = ", ".join(version.paths)
        raise Refused(_("Choose a path."), {"path": _("Choose one of: %(paths)s.") % {"paths": names}})
    phases = [phase for phase in version.phases.order_by("position") if phase.path in ("", path)]
    if not phases:
        raise NotPublished(_("This program has no phase to start."))
    return phases


def _start(
    episode: Episode,
    version: ProgramVersion,
    phase: Phase,
    path: str,
    *,
    today: date,
    actor: User | None,
    now: datetime,
) -> Program:
    try:
        with transaction.atomic():
            return Program.objects.create(
                patient=episode.patient,
                episode=episode,
                version=version,
                phase=phase,
                phase_started_on=today,
                review_due=look_again_on(phase, today),
                path=path,
                pain_policy=version.pain_policy,
                started_on=today,
                assigned_by=actor,
                assigned_at=now,
            )
    except IntegrityError:
        raise AlreadyRunning(_("Somebody else has just assigned a program to this patient.")) from None


def look_again_on(phase: Phase, today: date) -> date:
    """The days of a phase are a guide: when they are over, it comes up for a review (templates.yaml)."""
    return today + timedelta(days=max(1, phase.day_to - phase.day_from + 1))


def _refuse_blocked(phase: Phase, version: ProgramVersion, episode: Episode, path: str, record: Record) -> None:
    reasons = {str(version.title): check_entry(episode, version, path=path, record=record)}
    for item in phase_items(phase):
        assert item.ladder_version is not None  # published versions are frozen whole
        levels = {level.code: level for level in item.ladder_version.levels.all()}
        level = start_level(levels, item, record.reached)
        reasons[item.ladder_version.title] = check_ladder(episode, item.ladder_version, level=level, record=record)
    blocked = {title: why for title, why in reasons.items() if why}
    if blocked:
        text = "; ".join(f"{title}: {', '.join(why)}" for title, why in blocked.items())
        raise Contraindicated(_("This program cannot be assigned now. %(why)s.") % {"why": text}, {"version": text})


def phase_items(phase: Phase) -> list[PhaseItem]:
    items = list(
        phase.items.select_related("ladder_version").prefetch_related("ladder_version__levels").order_by("position")
    )
    return items[: phase.choose_max] if phase.choose_max else items


def enter_phase(
    program: Program, episode: Episode, phase: Phase, *, version: ProgramVersion, record: Record, today: date
) -> list[ProgramItem]:
    """Make `phase` the running one: exercises that go on keep their row, level and streaks; others end; new ones start.

    A ladder that is blocked today is left out: the therapist sees it on the patient's page. What a person chose by hand
    stays as it is, and what a person took off stays off.
    """
    running = _current(program, episode)
    wanted = phase_items(phase)
    current = _on_their_ladders(running, {part.ladder_version.code for part in wanted if part.ladder_version})
    not_the_phases = {item.ladder_version.code for item in running if item.by_hand} | taken_off(program, episode)
    open_holds = holding.open_over(program.patient)
    auto = version.paths.get(program.path, {}).get("auto_advance", "") if program.path else ""
    kept = []
    for position, part in enumerate(wanted):
        assert part.ladder_version is not None
        levels = {level.code: level for level in part.ladder_version.levels.all()}
        code = part.ladder_version.code
        items = current.pop(code, [])
        level = start_level(levels, part, record.reached)
        if not items and (
            code in not_the_phases or check_ladder(episode, part.ladder_version, level=level, record=record)
        ):
            continue
        for item in items or [new_item(program, episode, level, today=today, from_day=part.from_day)]:
            item.position = position
            if item.ladder_version.code == code:  # an equal exercise in its place keeps its own cap
                item.cap = levels.get(part.cap_code)
            item.approval = "therapist" if auto == "therapist" else "auto"
            if item.stopped_by_id is None:  # a new exercise does not slip out from under what is held
                item.stopped_by = holding.widest(open_holds, item)
            item.save()
            kept.append(item)
    for item in chain.from_iterable(current.values()):
        item.ended_on, item.ended_reason = today, "phase_over"
        item.save(update_fields=["ended_on", "ended_reason"])
    return kept


def new_item(program: Program, episode: Episode, level: LevelVersion, *, today: date, from_day: int = 1) -> ProgramItem:
    """An exercise at the full dose of `level`, not saved yet; `from_day` 1 is today."""
    ladder = level.ladder_version
    return ProgramItem(
        program=program,
        episode=episode,
        ladder_version=ladder,
        level=level,
        region=ladder.region,
        side=episode.side,
        dose=as_json(dose_of(level)),
        level_since=today,
        starts_on=today + timedelta(days=from_day - 1),
    )


def _current(program: Program, episode: Episode) -> list[ProgramItem]:
    found = ProgramItem.objects.filter(program=program, episode=episode, ended_on=None)
    return list(found.select_related("ladder_version", "level", "first__ladder_version"))


def _on_their_ladders(running: Iterable[ProgramItem], wanted: Container[str]) -> dict[str, list[ProgramItem]]:
    """Code of a ladder → the exercise on it, side by side where they part, or the equal one swapped in for it.

    Not those of a person.
    """
    found: dict[str, list[ProgramItem]] = defaultdict(list)
    for item in running:
        own = item.ladder_version.code
        stands_for = own if item.first is None or own in wanted else item.first.ladder_version.code
        if not item.by_hand:
            found[stands_for].append(item)
    return found


def taken_off(program: Program, episode: Episode) -> set[str]:
    """Codes of the ladders that a person took off this program."""
    ended = ProgramItem.objects.filter(program=program, episode=episode, ended_reason__in=BY_A_PERSON)
    return set(ended.values_list("ladder_version__code", flat=True))


def start_level(levels: Mapping[str, LevelVersion], part: PhaseItem, reached: Container[str]) -> LevelVersion:
    """A level reached before counts, up to the phase's cap; `start` counts only without history."""
    start = levels[part.start_code]
    ceiling = levels[part.cap_code].position if part.cap_code else max(level.position for level in levels.values())
    known = [level for level in levels.values() if level.code in reached and level.position <= ceiling]
    return max(known, key=lambda level: level.position, default=start)


# Adjusting. Every change is a ledger row by a person, so that a later replay of older logs leaves it alone.


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
    move_to(item, level, today=_today(item, now))
    Proposal.objects.filter(item=item).withdraw(actor=actor, now=now)
    if lock:
        _lock(item, reason=reason, review_on=_today(item, now) + REVIEW_AFTER)
    return _saved(item, "level", before, level.code, reason=reason, actor=actor, now=now)


def move_to(item: ProgramItem, level: LevelVersion, *, today: date) -> None:
    """Put `item` on `level` in memory: its full dose, no streaks, the days at the level counted from today."""
    item.level, item.dose, item.level_since = level, as_json(dose_of(level)), today
    item.state = ledger.fresh_state(item)


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
    _lock(item, reason=reason, review_on=review_on or _today(item, now) + REVIEW_AFTER)
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
    _event(program, None, "pause", "active", "paused", actor=actor, now=now, note=reason)
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
    _event(program, None, "unpause", "paused", "active", actor=actor, now=now)
    return program


# Holding and releasing


@transaction.atomic
def hold(
    program: Program,
    *,
    scope: str,
    item: ProgramItem | None = None,
    region: str = "",
    reason: str,
    actor: User | None,
    now: datetime,
) -> Hold:
    """Stop an exercise, an area or everything by hand."""
    need_reason(reason)
    if scope != HoldScope.PLAN and item is None and not region:
        raise Refused(_("Nothing was stopped."), {"region": _("Choose what to stop: an exercise or an area.")})
    items = locked_items(program)
    made = holding.place(
        program.patient,
        program,
        items,
        scope=scope,
        item=item,
        region=region or (item.region if item else ""),
        severity=4,
        rule_id="person",
        reason=reason,
        actor=actor,
        now=now,
    )
    save_items(items)
    _event(program, item, "hold", "active", str(made.scope), actor=actor, now=now, note=reason)
    return made


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
        resume_with(item, effect, today=_today(item, now))
        ledger.record_person(item, "release", before, item.level.code, reason=effect, actor=actor, now=now)
    if lifted and items:
        save_items(items)
    for hold in lifted:
        if where := program or hold.program:
            _event(where, hold.item, "release", hold.scope, effect, actor=actor, now=now)
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


def step_back(item: ProgramItem, levels: Iterable[LevelVersion], *, today: date) -> None:
    """One level down on its ladder's `levels`; on the lowest level the dose is made lighter instead."""
    below = [level for level in levels if level.position < item.level.position]
    lower = max(below, key=lambda level: level.position, default=None)
    if lower is None:
        make_lighter(item)
    else:
        move_to(item, lower, today=today)


def raise_load(item: ProgramItem) -> None:
    """The next weight or band, in memory; the caller has seen that it was earned."""
    dose = from_json(item.dose)
    item.dose = as_json(heavier_dose(dose, item.level, two_for_two_met=True) or dose)


def make_lighter(item: ProgramItem) -> None:
    """One step lighter; the dose it had is kept, so that the first success restores just that (handbook E29)."""
    if not ledger.memory(item).lightened:
        item.state = {**item.state, "full_dose": item.dose}
    item.dose = as_json(lighter_dose(from_json(item.dose), item.level))
    item.state = ledger.fresh_state(item, lightened=True)


# Shared by the verbs of this module


def running_program(patient: Patient) -> Program | None:
    return Program.objects.filter(patient=patient, ended_on=None).select_related("patient__clinic").first()


def locked_items(program: Program) -> list[ProgramItem]:
    """The running items of a program under a row lock, so that two requests at once are judged one after the other.

    Locked first and read afterwards: PostgreSQL reads the tables joined to a row before it waits for the row's lock,
    and drops an exercise whose level another request has just changed.
    """
    running = ProgramItem.objects.filter(program=program, ended_on=None)
    _wait_for(running)
    related = running.select_related("ladder_version", "level", "cap", "stopped_by", "episode")
    items = list(related.order_by("position", "pk"))
    for item in items:
        item.as_locked = {name: getattr(item, name) for name in SAVED}
    return items


def locked_item(item: ProgramItem) -> ProgramItem:
    mine = ProgramItem.objects.filter(pk=item.pk)
    _wait_for(mine)
    related = mine.select_related("ladder_version", "level", "cap", "stopped_by", "episode", "program__patient")
    return related.get()


def _wait_for(items: QuerySet[ProgramItem]) -> None:
    """Lock the rows, in one order for everybody."""
    if connection.features.has_select_for_update:
        list(items.select_for_update().order_by("pk").values_list("pk", flat=True))


SAVED = (
    "level_id",
    "dose",
    "state",
    "level_since",
    "last_performed_on",
    "override",
    "override_reason",
    "override_review_on",
    "stopped_by_id",
    "sequence",
    "ended_on",
    "ended_reason",
)


def save_items(items: list[ProgramItem]) -> None:
    """Write what has changed since `locked_items` read it, for all of them in one statement."""
    changed = {name for item in items for name in SAVED if getattr(item, name) != item.as_locked[name]}
    moved = [item for item in items if any(getattr(item, name) != item.as_locked[name] for name in changed)]
    fields = [name.removesuffix("_id") for name in SAVED if name in changed]
    if len(moved) == 1:
        moved[0].save(update_fields=fields)
    elif moved:
        ProgramItem.objects.bulk_update(moved, fields)


def _today(item: ProgramItem, now: datetime) -> date:
    return local_date(now, item.program.patient.zone)


def need_reason(reason: str) -> None:
    """Raises Refused for an empty reason: what a person changes by hand says why."""
    if not reason.strip():
        raise Refused(_("Nothing was changed."), {"reason": _("Say why: the next person will ask.")})


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
    _event(item.program, item, kind, before, after, actor=actor, now=now, note=reason, data=data)
    return item


def _event(
    program: Program,
    item: ProgramItem | None,
    kind: str,
    before: str,
    after: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    ProgramEvent.objects.create(
        program=program,
        item=item,
        kind=kind,
        from_state=before,
        to_state=after,
        actor=actor,
        at=now,
        note=note,
        data=data or {},
    )
    patient = program.patient
    audit.note(kind, item or program, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
