"""manage.py export_library --clinic SLUG [--levels]: write a clinic's library to standard output, as YAML or CSV."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.models import Clinic
from programs.level_sheet import sheet_text
from programs.library_export import library_text


class Command(BaseCommand):
    help = "Write the library of one clinic as YAML, which load_library reads, or its levels as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clinic", required=True, help="address word of the clinic")
        parser.add_argument("--levels", action="store_true", help="the levels with their doses as CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        clinic = Clinic.objects.filter(slug=options["clinic"]).first()
        if clinic is None:
            raise CommandError(f"No clinic has the address word {options['clinic']}.")
        self.stdout.write(sheet_text(clinic) if options["levels"] else library_text(clinic), ending="")
