"""backup: the whole clinic in one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.backups import backup
from clinic.refusals import Refused


class Command(BaseCommand):
    help = "Write a backup of the database and the media to a new file, readable by its owner only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            contents = backup(options["file"], now=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{options['file']}: written. Keep these heads apart from it, for verify_audit --head:")
        for head in contents.heads:
            self.stdout.write(f"  {head}")
