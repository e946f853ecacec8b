"""manage.py load_library [--clinic SLUG] [--publish] [--update ENTRY] [FILE …]: the library into one clinic, or all."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.models import Clinic
from clinic.refusals import Refused
from programs import loading


class Command(BaseCommand):
    help = "Load the exercise library: new gates, ladders and templates; what a clinic has already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="library files; the shipped ones if none is named")
        parser.add_argument("--clinic", help="address word of one clinic; all clinics if left out")
        parser.add_argument("--publish", action="store_true", help="publish templates that were never published")
        parser.add_argument(
            "--update",
            metavar="ENTRY",
            action="append",
            default=[],
            help='take what differs as the file has it: an entry such as "ladder SLD", or "all". Programs get drafts;'
            " what is published and what runs stays",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        clinics = Clinic.objects.order_by("slug")
        if options["clinic"]:
            clinics = clinics.filter(slug=options["clinic"])
            if not clinics:
                raise CommandError(f"No clinic has the address word {options['clinic']}.")
        try:
            with transaction.atomic():
                for clinic in clinics:
                    self._load(clinic, options["files"] or None, options["update"], publish=options["publish"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _load(self, clinic: Clinic, files: list[Path] | None, update: list[str], *, publish: bool) -> None:
        now = timezone.now()
        loaded = loading.load_library(clinic, files=files, replace=update, actor=None, now=now)
        parts = [f"{getattr(loaded, kind)} {kind}" for kind in ("gates", "ladders", "levels", "templates")]
        if publish:
            parts.append(f"{len(loading.publish_new(clinic, actor=None, now=now))} published")
        self.stdout.write(f"{clinic.slug}: {', '.join(parts)}")
        for key in loaded.replaced:
            self.stdout.write(f"{clinic.slug}: {key} is now as the file has it")
        for draft in loaded.drafts:
            self.stdout.write(
                f"{clinic.slug}: {draft.title} has a draft, version {draft.number}: look at it, publish it"
            )
        for key, what in loaded.differs.items():
            self.stdout.write(
                f"{clinic.slug}: {key} is kept as the clinic has it; the file differs in {'; '.join(what)}"
            )
        if loaded.kept:
            self.stdout.write(f'{clinic.slug}: take one with --update "{loaded.kept[0]}", or --update all: drafts only')
