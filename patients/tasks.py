"""Doorbells. They carry nothing, may run twice or never; the next tick does the same work."""

from celery import shared_task
from django.utils import timezone

from clinic.models import Heartbeat
from patients import dry_runs, erasure, escalation, flagging, ticks


@shared_task
def raise_flags() -> None:
    """Turn every report without a verdict into a flag, and every follow-up that has come too late."""
    now = timezone.now()
    escalation.escalate_late(now=now)
    while flagging.assess_waiting_reports(now=now):
        pass
    Heartbeat.beat("raise_flags", now=now)


@shared_task
def tick() -> None:
    """The day's end, wherever it has just become midnight."""
    now = timezone.now()
    while ticks.tick(now=now):
        pass
    erasure.erase_due(now=now)
    Heartbeat.beat("tick", now=now)


@shared_task
def work_on_dry_runs() -> None:
    """A turn at a dry run somebody waits for; the next round goes on with what is left."""
    dry_runs.work(clock=timezone.now)
    dry_runs.forget_old(now=timezone.now())
    Heartbeat.beat("work_on_dry_runs", now=timezone.now())
