"""Doorbells of the house. They carry nothing, may run twice or never; the next tick does the same work."""

import logging

from celery import shared_task
from django.utils import timezone

from clinic import audit_chain
from clinic.models import Heartbeat

log = logging.getLogger(__name__)


@shared_task
def seal_audit() -> None:
    """Seal what was written since the last tick. The heads go to the log: kept there, they outlive the database."""
    now = timezone.now()
    sealed = 0
    while count := audit_chain.seal_waiting(now=now):
        sealed += count
    if sealed:
        log.info("audit sealed: %s", " ".join(map(str, audit_chain.heads())))
    Heartbeat.beat("seal_audit", now=now)
