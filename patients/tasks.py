"""Doorbells. They carry nothing, may run twice or never; the next tick does the same work."""

from celery import shared_task
from django.utils import timezone

from clinic.models import Heartbeat
from patients import ticks, triage


@shared_task
def raise_flags() -> None:
    """Turn every report without a verdict into a flag."""
    now = timezone.now()
    while triage.assess_waiting_reports(now=now):
        pass
    Heartbeat.beat("raise_flags", now=now)


@shared_task
def tick() -> None:
    """The day's end, wherever it has just become midnight."""
    now = timezone.now()
    while ticks.tick(now=now):
        pass
    Heartbeat.beat("tick", now=now)
