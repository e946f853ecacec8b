"""The audit's hash chain: one a clinic, and one for what belongs to no clinic. A tick seals it, a command verifies it.

An entry's number and digest stand in a row of their own (`AuditSeal`), so that neither table is ever updated.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Self
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from clinic.models import AuditEntry, AuditSeal

HOUSE = UUID(int=0)  # the chain of entries that belong to no clinic: sign-ins, passwords, devices
BATCH = 1000
# The longest a request may take from its clock reading to its commit. What comes later was put in by hand.
LATE = timedelta(hours=1)
TRIGGERS = 2  # a table: against update and delete; in PostgreSQL against both at once, and against truncate
TABLES = (AuditEntry._meta.db_table, AuditSeal._meta.db_table)


@dataclass(frozen=True)
class Head:
    """The newest seal of a chain. Kept outside the database, it shows later that nothing was cut off."""

    chain: UUID
    sequence: int
    digest: str

    def __str__(self) -> str:
        return f"{self.chain}:{self.sequence}:{self.digest}"

    @classmethod
    def read(cls, text: str) -> Self:
        """The head that `str` wrote. Raises ValueError."""
        chain, sequence, digest = text.split(":")
        return cls(UUID(chain), int(sequence), digest)


@dataclass(frozen=True)
class Fault:
    chain: UUID | None
    text: str


def seal_waiting(*, now: datetime, limit: int = BATCH) -> int:
    """Give up to `limit` entries their place in their chain; gives how many. Call again until it gives 0.

    Two workers at once read the same head; the unique number lets exactly one of them through.
    """
    try:
        with transaction.atomic():
            seals = list(_next_seals(waiting()[:limit], now=now))
            AuditSeal.objects.bulk_create(seals)
    except IntegrityError:
        return 0  # another worker was quicker
    return len(seals)


def waiting() -> QuerySet[AuditEntry]:
    """Entries without a seal, the oldest first. Looks no further back than a late commit can lie."""
    return AuditEntry.objects.filter(seal=None, pk__gt=_settled()).order_by("pk")


def heads() -> list[Head]:
    chains = AuditSeal.objects.order_by("chain").values_list("chain", flat=True).distinct()
    return [head for chain in chains if (head := _head(chain))]


def verify(known_heads: list[Head] | None = None) -> list[Fault]:
    """Everything that does not fit: altered, missing and inserted entries, cut chains, a guard that is gone.

    `known_heads` were noted earlier, outside the database: each must still be in its chain.
    """
    faults = [Fault(None, f"{table} can be changed: its trigger is missing or switched off.") for table in unguarded()]
    chains = AuditSeal.objects.order_by("chain").values_list("chain", flat=True).distinct()
    for chain in chains:
        faults += _verify_chain(chain)
    for head in known_heads or []:
        if not AuditSeal.objects.filter(chain=head.chain, sequence=head.sequence, digest=head.digest).exists():
            faults.append(Fault(head.chain, f"number {head.sequence} is not the one that was noted: history was cut."))
    return faults + _never_sealed()


def unguarded() -> list[str]:
    """The tables of the audit that the database would let somebody change."""
    if connection.vendor == "postgresql":
        query = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    else:
        query = "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = [row[0] for row in cursor.fetchall()]
    return [table for table in TABLES if found.count(table) < TRIGGERS]


def digest_of(entry: AuditEntry, *, chain: UUID, sequence: int, previous: str, sealed_at: datetime) -> str:
    """SHA-256 over the entry, its place and the digest before it, as a JSON list."""
    values = [
        str(chain),
        sequence,
        previous,
        sealed_at.isoformat(),
        entry.pk,
        str(entry.clinic_id),
        str(entry.actor_id),
        entry.verb,
        entry.label,
        str(entry.object_id),
        str(entry.patient_id),
        entry.at.isoformat(),
        entry.request_id,
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()


def _next_seals(entries: QuerySet[AuditEntry], *, now: datetime) -> Iterator[AuditSeal]:
    last: dict[UUID, Head] = {}
    for entry in entries:
        chain = entry.clinic_id or HOUSE
        head = last.get(chain) or _head(chain) or Head(chain, 0, "")
        sequence = head.sequence + 1
        digest = digest_of(entry, chain=chain, sequence=sequence, previous=head.digest, sealed_at=now)
        last[chain] = Head(chain, sequence, digest)
        yield AuditSeal(entry=entry, chain=chain, sequence=sequence, digest=digest, sealed_at=now)


def _head(chain: UUID) -> Head | None:
    newest = AuditSeal.objects.filter(chain=chain).order_by("-sequence").first()
    return Head(chain, newest.sequence, newest.digest) if newest else None


def _settled() -> int:
    """The id before which every entry had its seal, or its chance of one, `LATE` before the newest seal."""
    newest = AuditSeal.objects.order_by("-pk").first()
    if newest is None:
        return 0
    before = AuditSeal.objects.filter(sealed_at__lt=newest.sealed_at - LATE).order_by("-pk").first()
    return before.entry_id if before else 0


def _verify_chain(chain: UUID) -> Iterator[Fault]:
    expected, previous = 1, ""
    sealed_at = sealed_before = None
    for seal, entry in _sealed(chain):
        if seal.sequence != expected:
            gone = f"{expected}" if seal.sequence == expected + 1 else f"{expected} to {seal.sequence - 1}"
            yield Fault(chain, f"number {gone}: missing, entry and seal.")
        if seal.sealed_at != sealed_at:
            sealed_before, sealed_at = sealed_at, seal.sealed_at
        if entry is None:
            yield Fault(chain, f"number {seal.sequence}: entry {seal.entry_id} is missing.")
        elif seal.sequence == expected and not _fits(entry, seal, previous):
            yield Fault(chain, f"number {seal.sequence}: entry {entry.pk} was altered, or the seal before it.")
        elif sealed_before and entry.at < sealed_before - LATE:
            yield Fault(chain, f"number {seal.sequence}: entry {entry.pk} was inserted long after the time it gives.")
        expected, previous = seal.sequence + 1, seal.digest


def _fits(entry: AuditEntry, seal: AuditSeal, previous: str) -> bool:
    here = (entry.clinic_id or HOUSE) == seal.chain
    digest = digest_of(entry, chain=seal.chain, sequence=seal.sequence, previous=previous, sealed_at=seal.sealed_at)
    return here and digest == seal.digest


def _sealed(chain: UUID) -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """The seals of a chain in their order, each with its entry, fetched a batch at a time."""
    seals = AuditSeal.objects.filter(chain=chain).order_by("sequence").iterator(chunk_size=BATCH)
    while batch := list(islice(seals, BATCH)):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in batch])
        yield from ((seal, entries.get(seal.entry_id)) for seal in batch)


def _never_sealed() -> list[Fault]:
    lost = AuditEntry.objects.filter(seal=None, pk__lte=_settled()).order_by("pk")
    return [
        Fault(entry.clinic_id or HOUSE, f"entry {entry.pk} was inserted behind the newest seals, or never sealed.")
        for entry in lost
    ]
