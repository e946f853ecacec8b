"""manage.py run_reminders: the work of the post without Celery, for one machine or for a broker that is down."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from reminders import delivery, outbox

EVERY_SECONDS = 15


class Command(BaseCommand):
    help = "Plans and sends mails, every 15 seconds. Ctrl-C stops it; a mail in hand is sent again at most once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="One round, then stop.")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        while True:
            now = timezone.now()
            planned = outbox.plan_messages(now=now) + outbox.plan_urgent(now=now)
            sent = delivery.send_messages(now=timezone.now())
            if once or planned or sent:
                self.stdout.write(f"{now:%H:%M:%S} planned {planned}, sent {sent}")
            if once:
                return
            close_old_connections()
            try:
                time.sleep(EVERY_SECONDS)
            except KeyboardInterrupt:
                return
