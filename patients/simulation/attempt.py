"""One dry run, whole: what is compared with what, and how it is done part by part."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from clinic.models import Clinic
from patients.models import DryRun
from patients.simulation.book import Book
from patients.simulation.counts import Counts, added
from patients.simulation.histories import Candidate, asked_again, with_history
from patients.simulation.people import Person, crowd
from patients.simulation.rehearse import Setting, compared

HISTORIES_AT_ONCE = 20


@dataclass(frozen=True)
class Attempt:
    """`since`: histories are read from that day on. `template_code`: only those on that template, if one is tried."""

    kind: str
    clinic: Clinic
    current: Setting
    candidate: Setting
    weeks: int
    seed: int
    each: int
    since: date
    template_code: str = ""

    @cached_property
    def people(self) -> list[Person]:
        return crowd(self.seed, self.each)

    @cached_property
    def patients(self) -> list[UUID]:
        return with_history(self.clinic, since=self.since, template_code=self.template_code)

    @property
    def total(self) -> int:
        return len(self.people if self.kind == DryRun.Kind.PEOPLE else self.patients)

    @property
    def step(self) -> int:
        """How many people one part is about."""
        return 1 if self.kind == DryRun.Kind.PEOPLE else HISTORIES_AT_ONCE

    def part(self, start: int) -> Counts:
        """The counts of `step` people from the number `start` (from 0) on."""
        if self.kind == DryRun.Kind.PEOPLE:
            return compared(self.people[start], self.current, self.candidate, weeks=self.weeks)
        book: Mapping[str, Any] = self.candidate.book
        return asked_again(
            self.patients[start : start + self.step],
            self.current.rules,
            Candidate(self.candidate.rules, Book(book, self.candidate.path) if book else None),
            since=self.since,
            template_code=self.template_code,
        )

    def whole(self) -> Counts:
        counts: Counts = {}
        for start in range(0, self.total, self.step):
            counts = added(counts, self.part(start))
        return counts
