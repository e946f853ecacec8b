"""restore: a backup into an empty database, brought up to date, proved, and with its erasures done again."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.backups import restore
from clinic.refusals import Refused
from patients import erasure


class Command(BaseCommand):
    help = "Restore a backup into the empty database of DATABASE_URL, migrate, erase again what was, verify the audit."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            contents = restore(options["file"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Restored as of {contents.made_at:%Y-%m-%d %H:%M} UTC.")
        call_command("migrate", verbosity=0)
        again = erasure.erase_again(now=timezone.now())
        self.stdout.write(f"Erased again: {again}.")
        if not settings.ERASURE_REGISTER.exists():
            place = settings.ERASURE_REGISTER
            self.stdout.write(
                f"There is no register of erasures at {place}. If anybody was ever erased, they are back:"
            )
            self.stdout.write("bring the register, and restore once more, into another new database.")
        heads = [argument for head in contents.heads for argument in ("--head", str(head))]
        call_command("verify_audit", *heads, stdout=self.stdout)
