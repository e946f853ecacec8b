"""Doorbells. They carry nothing, may run twice or never; the next tick does the same work."""

from celery import shared_task
from django.utils import timezone

from reminders import delivery, outbox


@shared_task
def plan_messages() -> None:
    """Make a row of every mail the clock brings."""
    outbox.plan_messages(now=timezone.now())


@shared_task
def plan_alerts() -> None:
    """Mail what a flag or a hold calls for."""
    delivery.send_urgent(now=timezone.now())


@shared_task
def send_messages() -> None:
    """Send what is due."""
    delivery.send_messages(now=timezone.now())


@shared_task
def send_codes() -> None:
    """Somebody waits at the sign-in page."""
    delivery.send_codes(now=timezone.now())
