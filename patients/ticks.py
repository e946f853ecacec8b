"""The day's end in each patient's own zone: expired questions, gaps, quiet patients. May run twice or at once."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from clinic.zones import local_date, offered_zones
from patients.answers import judge_answer
from patients.court import Court
from patients.enforcing import close
from patients.midnight import done_or_left, end_day
from patients.models import ExerciseLog, NextDayQuestion, PainReport, Program
from patients.phases import leave_phase_if_done
from patients.program_items import locked_items
from patients.trials import end_due_trials

BATCH = 200
STAND_IN_FROM, STAND_IN_TO = timedelta(hours=16), timedelta(hours=76)  # handbook E16


def tick(*, now: datetime) -> int:
    """Do the midnight work that is due; gives how many rows it touched. Idempotent."""
    return _expire_questions(now=now) + _end_days(now=now) + end_due_trials(now=now)


def _expire_questions(*, now: datetime) -> int:
    due = (
        NextDayQuestion.objects.expired(now)
        .filter(patient__closed_at=None)
        .order_by("closes_at")
        .values_list("pk", flat=True)[:BATCH]
    )
    return sum(done_or_left(expire, pk, now=now) for pk in list(due))


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


def _end_days(*, now: datetime) -> int:
    """Programs whose local day has changed since their last midnight work: one query finds them by zone."""
    due = Q(pk__in=[])
    running = Program.objects.active().filter(patient__closed_at=None)
    for name in set(running.values_list("patient__zone", flat=True)) & set(offered_zones()):
        today = local_date(now, name)
        due |= Q(patient__zone=name) & (Q(ticked_for=None) | Q(ticked_for__lt=today))
    longest_waiting_first = running.filter(due).order_by(F("ticked_for").asc(nulls_first=True), "pk")
    found = list(longest_waiting_first.values_list("pk", flat=True)[:BATCH])
    return sum(done_or_left(end_day, pk, now=now) for pk in found)
