"""manage.py start: what bin/up runs once there is an environment. One process, so that the code is loaded once."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Prepares the database, makes the demo clinic, and starts everything on this machine. Local mode only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError("start belongs to the local mode. In production use docker-compose.yml.")
        try:
            self.stdout.write("Preparing the database")
            call_command("migrate", verbosity=0)
            call_command("seed_demo_clinic")
        except KeyboardInterrupt:
            raise CommandError("Stopped before anything was started. The next start begins again.") from None
        call_command("up")
