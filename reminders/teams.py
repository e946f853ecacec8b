"""Who in a clinic must be told of a flag."""

from collections.abc import Collection
from dataclasses import dataclass
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

    def for_flag(self, flag: PainFlag) -> set[UUID]:
        """Who must know: its owner or the patient's therapist, and everybody licensed when it is urgent.

        Nobody in charge, or somebody who has left, must not mean that nobody is told.
        """
        owner = next((one for one in (flag.owner_id, flag.patient.owner_id) if one in self.therapists), None)
        told = {owner} if owner else set()
        return told | self.on_duty if flag.severity <= FOR_EVERYBODY or not owner else told

    def for_late(self, flag: PainFlag) -> set[UUID]:
        """Who must know when a target has passed: who knew before, and all on duty."""
        return self.for_flag(flag) | self.on_duty

    @property
    def on_duty(self) -> set[UUID]:
        return set(self.licensed or self.therapists or self.owners)


def teams_of(clinics: Collection[UUID]) -> dict[UUID, Team]:
    """Clinic id → its team of today, in one query."""
    members = list(Membership.objects.active().filter(clinic__in=clinics))

    def of(clinic: UUID, role: str) -> tuple[UUID, ...]:
        return tuple(m.user_id for m in members if m.clinic_id == clinic and getattr(m, role))

    return {
        clinic: Team(
            licensed=tuple(m.user_id for m in members if m.clinic_id == clinic and m.therapist and m.licensed),
            therapists=of(clinic, "therapist"),
            owners=of(clinic, "owner"),
        )
        for clinic in clinics
    }
