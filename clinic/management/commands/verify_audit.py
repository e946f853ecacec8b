"""verify_audit: is the audit trail as it was written?"""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.audit_chain import HOUSE, Head, heads, verify, waiting
from clinic.models import Clinic


def head(text: str) -> Head:
    try:
        return Head.read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: a head is written chain:number:digest") from None


class Command(BaseCommand):
    help = "Verify the hash chains of the audit. Names each altered, missing or inserted entry, and then exits with 1."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            type=head,
            action="append",
            default=[],
            help="A head noted earlier, as this command and the worker's log write it: it must still be there.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = dict(Clinic.objects.values_list("pk", "slug")) | {HOUSE: "no clinic"}
        faults = verify(options["head"])
        for one in heads():
            self.stdout.write(f"{names.get(one.chain, one.chain)}: {one.sequence} sealed, head {one}")
        self.stdout.write(f"{waiting().count()} wait for their seal.")
        for fault in faults:
            where = names.get(fault.chain, fault.chain) if fault.chain else "guard"
            self.stdout.write(f"FAULT {where}: {fault.text}")
        if faults:
            raise CommandError(f"The audit is not as it was written. Faults: {len(faults)}.")
        self.stdout.write("The audit is as it was written.")
