"""A running trial: the fourteen days, their extension, and the outcome (handbook 4.4).

How somebody gets here is told in `patients/intake.py`, `patients/admissions.py` and `patients/exercise_audits.py`.
Every step leaves an event row.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import people
from patients.adjustments import set_level
from patients.admissions import need_licence
from patients.assignments import assign
from patients.episodes import discharge
from patients.intake import Moved, record_event
from patients.models import Hold, ProgramItem, Trial, TrialRequest
from patients.models.hold import HoldScope
from patients.trial_confirmation import expire_unconfirmed, forget_unconfirmed
from programs.models import ProgramVersion

STARTER = "TRIAL_STARTER_14D"
START_WITHIN = timedelta(days=30)  # handbook 4.4
LAST_DAY = timedelta(days=13)  # day 0 is the day of the start; access until local midnight ending day 13
EXTENSION = timedelta(days=7)
PAUSE_TOP = 14  # days a hold may add at most
OUTCOMES = (Trial.State.NOT_CONVERTED, Trial.State.WITHDRAWN, Trial.State.STOPPED_CLINICAL)
REASONS = ("cost", "time", "better", "worse", "distance", "other")
OPEN = (Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED, Trial.State.ACTIVE)


@transaction.atomic
def start_trial(trial: Trial, *, path: str = "", actor: User, now: datetime) -> Trial:
    """Assign the starter program along `path`, at the levels the audit found. Today is day 0, day 13 the last.

    Raises NotAllowed, Moved, Contraindicated and the other refusals of `assign`.
    """
    need_licence(trial.patient.clinic, actor)
    trial = locked_trial(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    if trial.audited_at is None or trial.episode is None:
        raise Refused(_("The exercise audit comes first: it says where to begin."))
    version = (
        ProgramVersion.objects.filter(
            template__clinic=trial.patient.clinic_id, template__code=STARTER, state=ProgramVersion.State.PUBLISHED
        )
        .order_by("-number")
        .first()
    )
    if version is None:
        raise Refused(_("The library holds no published program for trials (%(code)s).") % {"code": STARTER})
    path = path or trial.path
    program = assign(trial.episode, version, path=path, actor=actor, now=now)
    for item in ProgramItem.objects.filter(program=program, episode=trial.episode, ended_on=None).select_related(
        "ladder_version", "level", "cap"
    ):
        _begin_at(item, trial.entry_levels.get(item.ladder_version.code, ""), actor=actor, now=now)
    before, trial.state, trial.path = trial.state, Trial.State.ACTIVE, path
    trial.started_on = local_date(now, trial.patient.zone)
    trial.last_day = trial.started_on + LAST_DAY
    return keep_step(trial, "start", before, actor=actor, now=now, data={"path": path})


def _begin_at(item: ProgramItem, code: str, *, actor: User, now: datetime) -> None:
    """The audit's level, but never above what this phase allows."""
    level = item.ladder_version.levels.filter(code=code).first() if code else None
    if level is None or level.pk == item.level_id or (item.cap and level.position > item.cap.position):
        return
    set_level(item, level.code, reason=_("Found at the exercise audit"), actor=actor, now=now)


@transaction.atomic
def extend_once(trial: Trial, *, actor: User, now: datetime) -> Trial:
    """Seven more days, one time. Raises Moved if it is not running or was extended before."""
    trial = locked_trial(trial, Trial.State.ACTIVE)
    if trial.extended:
        raise Moved(_("This trial has been extended already: once is all there is."))
    trial.extended = True
    trial.last_day = _last_day(trial)
    return keep_step(trial, "extend", trial.state, actor=actor, now=now, data={"last_day": str(trial.last_day)})


@transaction.atomic
def convert(trial: Trial, *, note: str = "", actor: User, now: datetime) -> Trial:
    """The person stays: the trial is over, its episode and program go on, and the trial's terms no longer hold."""
    trial = locked_trial(trial, Trial.State.ACTIVE)
    before, trial.state, trial.ended_at, trial.note = trial.state, Trial.State.CONVERTED, now, note.strip()
    people.withdraw_consent(trial.patient, "trial_terms", actor=actor, now=now)
    return keep_step(trial, "convert", before, actor=actor, now=now, note=note)


@transaction.atomic
def end_trial(
    trial: Trial, *, outcome: str, reason: str = "", note: str = "", actor: User | None, now: datetime
) -> Trial:
    """End a trial that does not go on, at any stage, and with it the program and the episode.

    `reason` is one of REASONS, asked of people and not of the clock. Raises Moved, Refused naming the field.
    """
    if outcome not in OUTCOMES:
        raise Refused(_("The trial was not ended."), {"outcome": _("Choose how it ended.")})
    if actor is not None and reason not in REASONS:
        raise Refused(_("The trial was not ended."), {"reason": _("Choose a reason.")})
    trial = locked_trial(trial, *OPEN)
    before, trial.state, trial.ended_at = trial.state, outcome, now
    trial.outcome_reason, trial.note = reason, note.strip()
    if trial.episode is not None and trial.episode.ended_on is None:
        discharge(trial.episode, summary=note or _("The trial ended."), reason="trial_over", actor=actor, now=now)
    return keep_step(trial, "end", before, actor=actor, now=now, note=note, data={"reason": reason})


# The clock


def end_due_trials(*, now: datetime) -> int:
    """What the clock brings: held days are added, trials past their last local midnight end, old requests expire.

    Idempotent; gives how many rows changed.
    """
    return _end_trials(now=now) + _end_unstarted(now=now) + expire_unconfirmed(now=now) + forget_unconfirmed(now=now)


def _end_trials(*, now: datetime) -> int:
    active = Trial.objects.filter(state=Trial.State.ACTIVE, patient__closed_at=None)
    running = list(active.select_related("patient"))
    holds: dict[UUID, list[Hold]] = {}
    for hold in Hold.objects.filter(scope=HoldScope.PLAN, patient__in={trial.patient_id for trial in running}):
        holds.setdefault(hold.patient_id, []).append(hold)
    changed = 0
    for trial in running:
        today = local_date(now, trial.patient.zone)
        days = held_days(trial, holds.get(trial.patient_id, []), today=today)
        changed += _give_back(trial, days, now=now)
        if trial.last_day is not None and trial.last_day < today:
            end_trial(trial, outcome=Trial.State.NOT_CONVERTED, actor=None, now=now)
            changed += 1
    return changed


def held_days(trial: Trial, holds: Iterable[Hold], *, today: date) -> int:
    """Local days of the trial on which the whole plan stood still, counted once, at most 14 (handbook 4.4)."""
    start, name = trial.started_on, trial.patient.zone
    if start is None:
        return 0
    held: set[date] = set()
    for hold in holds:
        day = max(local_date(hold.opened_at, name), start)
        end = local_date(hold.released_at, name) if hold.released_at else today
        while day < end:
            held.add(day)
            day += timedelta(days=1)
    return min(len(held), PAUSE_TOP)


@transaction.atomic
def _give_back(trial: Trial, days: int, *, now: datetime) -> int:
    if days <= trial.paused_days:
        return 0
    trial.paused_days = days
    trial.last_day = _last_day(trial)
    claimed = Trial.objects.filter(pk=trial.pk, state=Trial.State.ACTIVE, paused_days__lt=days)
    if not claimed.update(paused_days=days, last_day=trial.last_day):
        return 0
    record_event(
        TrialRequest.objects.get(pk=trial.request_id),
        "add_held_days",
        trial.state,
        trial.state,
        actor=None,
        now=now,
        data={"days": days, "last_day": str(trial.last_day)},
    )
    return 1


def _last_day(trial: Trial) -> date:
    assert trial.started_on is not None
    extra = EXTENSION if trial.extended else timedelta()
    return trial.started_on + LAST_DAY + extra + timedelta(days=trial.paused_days)


def _end_unstarted(*, now: datetime) -> int:
    """Accepted and never begun: after thirty days the place is free again."""
    waiting = [Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED]
    old = list(Trial.objects.filter(state__in=waiting, accepted_at__lt=now - START_WITHIN).exclude(audit_at__gt=now))
    for trial in old:
        end_trial(trial, outcome=Trial.State.NOT_CONVERTED, reason="not_started", actor=None, now=now)
    return len(old)


# Keeping


def locked_trial(trial: Trial, *states: str) -> Trial:
    """The trial under a row lock, if it is in one of `states`. Raises Moved."""
    found = Trial.objects.select_for_update(of=("self",)).select_related("patient__clinic", "episode", "request")
    trial = found.get(pk=trial.pk)
    if trial.state not in states:
        raise Moved(_("This trial has moved on: %(state)s.") % {"state": trial.get_state_display()})
    return trial


def keep_step(
    trial: Trial,
    kind: str,
    before: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> Trial:
    """Save a trial that has changed, with the event and audit row of the step."""
    trial.save()
    record_event(
        trial.request,
        kind,
        before,
        trial.state,
        actor=actor,
        now=now,
        note=note,
        data=data,
        patient_id=trial.patient_id,
    )
    return trial
