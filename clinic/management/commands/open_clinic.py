"""open_clinic: a new clinic, and the invitation of its first owner. The way into an installation that is empty."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from clinic.house import open_clinic
from clinic.refusals import Refused


class Command(BaseCommand):
    help = "Open a clinic and invite its first owner, who gets a mail with a link to choose a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="such as: Riverside Physiotherapy")
        parser.add_argument("--short-name", required=True, help="sender of mails, without treatment words: Riverside")
        parser.add_argument("--slug", required=True, help="address word, in small letters: riverside")
        parser.add_argument("--zone", required=True, help="time zone: Europe/London")
        parser.add_argument("--owner-name", required=True)
        parser.add_argument("--owner-email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        given = {key: options[key] for key in ("name", "short_name", "slug", "zone", "owner_name", "owner_email")}
        try:
            clinic = open_clinic(**given, now=timezone.now())
        except Refused as refusal:
            faults = [f"{field}: {text}" for field, text in refusal.errors.items()]
            raise CommandError("\n".join([str(refusal), *faults])) from None
        self.stdout.write(f"{clinic.name} is open. The invitation goes to {options['owner_email']} by mail.")
