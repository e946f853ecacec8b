"""One program's midnight in the patient's own zone: gaps make the next session easier, and silence gets a look.

The timetable works it a minute after midnight. Where no worker did, it is worked before the patient's next session is
shown or saved: nobody trains on a dose that days off should have eased (handbook E2).
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from clinic.zones import local_date
from patients import ledger
from patients.court import Court
from patients.enforcing import close
from patients.judging import GAP_TIERS, judge_gap
from patients.models import Episode, NextDayQuestion, PainReport, Program, ProgramItem, Session
from patients.phases import leave_phase_if_done
from patients.program_items import locked_items
from patients.side_gap import newly_apart
from patients.weekly_look import weekly_codes

log = logging.getLogger(__name__)

NO_LOG_DAYS, NO_LOG_LONG_DAYS, STALL_DAYS = 5, 10, 21  # flag_rules.yaml, tick_rules
CHECKS_MISSED = 3


def done_or_left(act: Callable[..., bool], pk: UUID, *, now: datetime) -> bool:
    """What fails is left for the next tick. It keeps nobody waiting: no other patient, and not who opens Today."""
    try:
        return act(pk, now=now)
    except Exception as fault:  # whatever it is, what is asked for goes on
        log.error("%s of %s failed: %s", act.__name__, pk, type(fault).__name__)
        return False


def work_if_missed(program: Program, items: Iterable[ProgramItem], *, now: datetime) -> bool:
    """Work the midnight no worker has worked, where it would ease one of `items`; whether it was worked here.

    Read the items again if so. `program` has its patient loaded.
    """
    today = local_date(now, program.patient.zone)
    if program.ticked_for and program.ticked_for >= today:
        return False
    return any(new_tier(item, gap_of(item, today)) for item in items) and done_or_left(end_day, program.pk, now=now)


@transaction.atomic
def end_day(pk: UUID, *, now: datetime) -> bool:
    """One program's midnight: gaps make the next session easier, and silence or a stall gets somebody's look.

    False if it is done already. After missed midnights, what fell on one of them is said now.
    """
    program = Program.objects.select_related("patient__clinic", "phase", "version").get(pk=pk)
    today = local_date(now, program.patient.zone)
    items = locked_items(program)
    last = Program.objects.values_list("ticked_for", flat=True).get(pk=pk) or today - timedelta(days=1)
    claimed = Program.objects.filter(Q(ticked_for=None) | Q(ticked_for__lt=today), pk=pk, ended_on=None)
    if not claimed.update(ticked_for=today):
        return False
    court = Court(program=program, items=items, actor=None, now=now)
    reports: list[PainReport] = []
    for item in items:
        gap = gap_of(item, today)
        if new_tier(item, gap):
            row = judge_gap(court, item, gap=gap, on=today)
            if row.facts and gap >= GAP_TIERS[-1]:
                reports.append(_gap_report(court, item, row.facts))
    reports += _silence(program, items, last, today, now=now) + _stalls(items, last, today, now=now)
    reports += [
        _report(program, item, ["FL-SIDES"], now=now) for item in newly_apart(items, last_night=last, today=today)
    ]
    close(court)
    PainReport.objects.bulk_create(reports)
    leave_phase_if_done(program, actor=None, now=now)
    return True


def gap_of(item: ProgramItem, today: date) -> int:
    """Days since the exercise was last performed; held and paused days are nobody's gap."""
    if item.last_performed_on is None or item.stopped_by_id or item.override == "pause":
        return 0
    return (today - item.last_performed_on).days


def new_tier(item: ProgramItem, gap: int) -> bool:
    """Whether the gap has reached a step that has not been taken for this very gap."""
    tier = max((one for one in GAP_TIERS if gap >= one), default=0)
    gap_id, judged = item.state.get("gap", ["", 0])
    return tier > (judged if gap_id == str(item.last_performed_on) else 0)


def _gap_report(court: Court, item: ProgramItem, facts: dict[str, object]) -> PainReport:
    return PainReport(
        patient=court.program.patient,
        episode=item.episode,
        program=court.program,
        item=item,
        kind=PainReport.Kind.TICK,
        region=item.region,
        facts=facts,
        ruleset=ledger.ruleset(),
        reported_at=court.now,
    )


def _reached(days: int, since: date, last: date, today: date) -> bool:
    """Whether `days` after `since` fell on a midnight after `last`, the midnight that was worked before this one."""
    return last < since + timedelta(days=days) <= today


def _silence(
    program: Program, items: list[ProgramItem], last_night: date, today: date, *, now: datetime
) -> list[PainReport]:
    """FL-NOLOG after 5 days, FL-NOLOG10 after 10, FL-NOCHECK after three unanswered questions, and the weekly look.

    None while the program is paused or everything is on hold.
    """
    if program.paused_until or not items or all(item.stopped_by_id for item in items):
        return []
    days = Session.objects.filter(patient=program.patient_id, is_current=True).values_list("local_date", flat=True)
    since = max(days.order_by("-local_date").first() or program.started_on, program.started_on)
    codes = []
    if _reached(NO_LOG_DAYS, since, last_night, today):
        codes.append("FL-NOLOG")
    if _reached(NO_LOG_LONG_DAYS, since, last_night, today):
        codes.append("FL-NOLOG10")
    closed = NextDayQuestion.objects.filter(patient=program.patient_id, closes_at__lte=now)
    recent = list(closed.order_by("-local_date").values_list("closes_at", "answered_at")[:CHECKS_MISSED])
    newly = bool(recent) and last_night <= local_date(recent[0][0], program.patient.zone) < today
    if newly and len(recent) == CHECKS_MISSED and all(answered_at is None for _closes_at, answered_at in recent):
        codes.append("FL-NOCHECK")
    codes += weekly_codes(program, items, last_night=last_night, today=today)
    return [_report(program, None, codes, now=now)] if codes else []


def _stalls(items: list[ProgramItem], last_night: date, today: date, *, now: datetime) -> list[PainReport]:
    """FL-STALL: three weeks on a level although logging. Said once, on the day."""
    return [
        _report(item.program, item, ["FL-STALL"], now=now)
        for item in items
        if _reached(STALL_DAYS, item.level_since, last_night, today)
        and item.last_performed_on
        and (today - item.last_performed_on).days <= NO_LOG_DAYS
        and not item.level.content["terminal"]
    ]


def _report(program: Program, item: ProgramItem | None, codes: list[str], *, now: datetime) -> PainReport:
    return PainReport(
        patient=program.patient,
        episode=item.episode if item else Episode.objects.get(pk=program.episode_id),
        program=program,
        item=item,
        kind=PainReport.Kind.TICK,
        region=item.region if item else "",
        codes=codes,
        ruleset=ledger.ruleset(),
        reported_at=now,
    )
