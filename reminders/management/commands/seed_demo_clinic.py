from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reminders.demo.seed import is_seeded, seed_demo_clinic


class Command(BaseCommand):
    help = "Makes the demo clinics, with their people and up to eight weeks of history. Local mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError("The demo clinic belongs to local mode: it has passwords that everybody knows.")
        if is_seeded():
            self.stdout.write("The demo clinic is here already.")
            return
        self.stdout.write("Making the demo clinic and its last eight weeks, which takes some ten seconds")
        seed_demo_clinic(now=timezone.now())
