"""manage.py load_library [--clinic SLUG] [--publish] [--update ENTRY --keep FOLDER] [FILE …]: the library into one
clinic, or all.
"""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinic.models import Clinic
from clinic.refusals import Refused
from programs import loading
from programs.library_export import library_text


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
        parser.add_argument(
            "--keep",
            metavar="FOLDER",
            type=Path,
            help="with --update: where the library of each clinic is written first, as it has it now",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["update"] and not options["keep"]:
            raise CommandError(
                "--update writes over what a clinic has, its own words too: say with --keep FOLDER where that is kept."
            )
        clinics = Clinic.objects.order_by("slug")
        if options["clinic"]:
            clinics = clinics.filter(slug=options["clinic"])
            if not clinics:
                raise CommandError(f"No clinic has the address word {options['clinic']}.")
        try:
            with transaction.atomic():
                for clinic in clinics:
                    self._load(clinic, options["files"] or None, options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _load(self, clinic: Clinic, files: list[Path] | None, options: Mapping[str, Any]) -> None:
        now = timezone.now()
        before = library_text(clinic) if options["update"] else ""
        loaded = loading.load_library(clinic, files=files, replace=options["update"], actor=None, now=now)
        if loaded.replaced:
            self._keep(before, options["keep"] / f"{clinic.slug}-{now:%Y%m%d-%H%M%S}.yaml", loaded.replaced[0])
        parts = [f"{getattr(loaded, kind)} {kind}" for kind in ("gates", "ladders", "levels", "templates")]
        if options["publish"]:
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

    def _keep(self, text: str, path: Path, entry: str) -> None:
        """Write what the clinic had, never over another file; where that fails nothing is loaded."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as fault:
            raise CommandError(f"{path}: {fault.strerror}. Nothing was loaded.") from None
        self.stdout.write(f'{path} holds what was there before: load_library {path} --update "{entry}" brings it back')
