"""The day's end in each patient's own zone: expired questions, gaps, quiet patients. May run twice or at once."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from clinic.zones import local_date, offered_zones
from patients import ledger
from patients.answers import judge_answer
from patients.court import Court
from patients.judging import GAP_TIERS, close, judge_gap
from patients.models import Episode, ExerciseLog, NextDayQuestion, PainReport, Program, ProgramItem, Session
from patients.phases import leave_phase_if_done
from patients.program_items import locked_items
from patients.side_gap import newly_apart
from patients.trials import end_due_trials
from patients.weekly_look import weekly_codes

log = logging.getLogger(__name__)

BATCH = 200
STAND_IN_FROM, STAND_IN_TO = timedelta(hours=16), timedelta(hours=76)  # handbook E16
NO_LOG_DAYS, NO_LOG_LONG_DAYS, STALL_DAYS = 5, 10, 21  # flag_rules.yaml, tick_rules
CHECKS_MISSED = 3


def tick(*, now: datetime, limit: int = BATCH) -> int:
    """Do the midnight work that is due; gives how many rows it touched. Idempotent."""
    return _expire_questions(now=now, limit=limit) + _end_days(now=now, limit=limit) + end_due_trials(now=now)


def _expire_questions(*, now: datetime, limit: int) -> int:
    due = (
        NextDayQuestion.objects.expired(now)
        .filter(patient__closed_at=None)
        .order_by("closes_at")
        .values_list("pk", flat=True)[:limit]
    )
    return sum(_done_or_left(expire, pk, now=now) for pk in list(due))


def _done_or_left(act: Callable[..., bool], pk: UUID, *, now: datetime) -> bool:
    """What fails is left for the next tick, and never keeps the other patients' midnight waiting."""
    try:
        return act(pk, now=now)
    except Exception as fault:  # whatever it is, the next patient's day must end
        log.error("%s of %s failed: %s", act.__name__, pk, type(fault).__name__)
        return False


@transaction.atomic
def expire(pk: UUID, *, now: datetime) -> bool:
    """Close an unanswered question and judge its day: without an answer the dose may not rise (handbook E16).

    For strength exercises the next pre-session score, given 16 to 76 hours later, may stand in.
    """
    question = NextDayQuestion.objects.select_related("program__patient__clinic").get(pk=pk)
    items = locked_items(question.program)
    claimed = NextDayQuestion.objects.filter(pk=pk, answered_at=None, expired_at=None).update(expired_at=now)
    if not claimed:
        return False
    question.refresh_from_db()
    question.pain = _stand_in(question)
    if question.pain is not None:
        question.answered_at, question.compared, question.source = question.closes_at, "same", "proxy"
        question.save()
    if question.program.ended_on is None:
        court = Court(program=question.program, items=items, actor=None, now=now)
        PainReport.objects.bulk_create(judge_answer(court, question))
        close(court)
        leave_phase_if_done(question.program, actor=None, now=now)
    return True


def _stand_in(question: NextDayQuestion) -> int | None:
    logs = ExerciseLog.objects.filter(
        item__program=question.program, item__region=question.region, session__is_current=True, skipped=""
    )
    that_day = logs.filter(session__local_date=question.local_date)
    if that_day.exclude(item__ladder_version__kind="strength").exists():  # the others need a real answer
        return None
    last = that_day.order_by("-session__performed_at").select_related("session").first()
    if last is None:
        return None
    at = last.session.performed_at
    later = logs.filter(session__performed_at__range=(at + STAND_IN_FROM, at + STAND_IN_TO), pain_before__isnull=False)
    found = later.order_by("session__performed_at").first()
    return found.pain_before if found else None


def _end_days(*, now: datetime, limit: int) -> int:
    """Programs whose local day has changed since their last midnight work: one query finds them by zone."""
    due = Q(pk__in=[])
    running = Program.objects.active().filter(patient__closed_at=None)
    for name in set(running.values_list("patient__zone", flat=True)) & set(offered_zones()):
        today = local_date(now, name)
        due |= Q(patient__zone=name) & (Q(ticked_for=None) | Q(ticked_for__lt=today))
    longest_waiting_first = running.filter(due).order_by(F("ticked_for").asc(nulls_first=True), "pk")
    found = list(longest_waiting_first.values_list("pk", flat=True)[:limit])
    return sum(_done_or_left(end_day, pk, now=now) for pk in found)


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
    last = Session.objects.filter(patient=program.patient_id, is_current=True).order_by("-local_date").first()
    since = max(last.local_date, program.started_on) if last else program.started_on
    codes = []
    if _reached(NO_LOG_DAYS, since, last_night, today):
        codes.append("FL-NOLOG")
    if _reached(NO_LOG_LONG_DAYS, since, last_night, today):
        codes.append("FL-NOLOG10")
    closed = NextDayQuestion.objects.filter(patient=program.patient_id, closes_at__lte=now)
    recent = list(closed.order_by("-local_date")[:CHECKS_MISSED])
    newly = bool(recent) and last_night <= local_date(recent[0].closes_at, program.patient.zone) < today
    if newly and len(recent) == CHECKS_MISSED and all(one.answered_at is None for one in recent):
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
