from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reminders.demo.seed import seed_demo_clinic


class Command(BaseCommand):
    help = "Makes the demo clinics, with their people and up to eight weeks of history. Local mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError("The demo clinic belongs to local mode: it has passwords that everybody knows.")
        made = seed_demo_clinic(now=timezone.now())
        self.stdout.write("The demo clinic is ready." if made else "The demo clinic is here already.")
