"""Who in a clinic must be told of a flag."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.models import Membership
from patients.models import PainFlag

FOR_EVERYBODY = 2  # severities 1 and 2 go to every licensed therapist


@dataclass(frozen=True, slots=True)
class Team:
    """Who works in a clinic, by user id."""

    licensed: tuple[UUID, ...]
    therapists: tuple[UUID, ...]
    owners: tuple[UUID, ...]
    covers: Mapping[UUID, UUID | None]  # who is away → their substitute, if that one is here

    def for_flag(self, flag: PainFlag) -> set[UUID]:
        """Who must know: its owner or the patient's therapist, and everybody licensed when it is urgent.

        Nobody in charge, or somebody who is away or has left, must not mean that nobody is told.
        """
        if flag.patient.closed_at:  # restricted: the record opens to those on duty alone, while the flag is open
            return self.on_duty
        owner = self.answering(flag.owner_id) or self.answering(flag.patient.owner_id)
        told = {owner} if owner else set()
        return told | self.on_duty if flag.severity <= FOR_EVERYBODY or not owner else told

    def for_late(self, flag: PainFlag) -> set[UUID]:
        """Who must know when a target has passed: who knew before, and all on duty."""
        return self.for_flag(flag) | self.on_duty

    def answering(self, therapist: UUID | None) -> UUID | None:
        """The therapist, while they are away their substitute; None where there is neither."""
        if therapist not in self.therapists:
            return None
        return self.covers.get(therapist, therapist)

    @property
    def on_duty(self) -> set[UUID]:
        """Where all of them are away at once, none is left out."""
        every = set(self.licensed or self.therapists or self.owners)
        return every - self.covers.keys() or every


def teams_of(clinics: Collection[UUID], *, now: datetime) -> dict[UUID, Team]:
    """Clinic id → its team of today, in one query."""
    members = list(Membership.objects.active().filter(clinic__in=clinics))

    def of(clinic: UUID, role: str) -> tuple[UUID, ...]:
        return tuple(m.user_id for m in members if m.clinic_id == clinic and getattr(m, role))

    def covers(clinic: UUID) -> dict[UUID, UUID | None]:
        away = [m for m in members if m.clinic_id == clinic and m.is_away(now)]
        here = set(of(clinic, "therapist")) - {m.user_id for m in away}
        return {m.user_id: m.substitute_id if m.substitute_id in here else None for m in away}

    return {
        clinic: Team(
            covers=covers(clinic),
            licensed=tuple(m.user_id for m in members if m.clinic_id == clinic and m.therapist and m.licensed),
            therapists=of(clinic, "therapist"),
            owners=of(clinic, "owner"),
        )
        for clinic in clinics
    }
