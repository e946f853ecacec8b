"""Alert mails to staff: a flag waits. Who gets one, when, and at most one reminder in 24 hours (handbook 3.5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.models import Membership
from clinic.zones import local_date
from patients.models import PainFlag
from reminders.days import Day
from reminders.models import Message

MOST_URGENT = 3  # severities 4 and 5 are for the daily and weekly look, not for a mail
FOR_EVERYBODY = 2  # severities 1 and 2 go to every licensed therapist
AGAIN = timedelta(hours=24)
WAITS = timedelta(hours=72)


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
        if flag.severity <= FOR_EVERYBODY or not owner:
            told |= set(self.licensed or self.therapists or self.owners)
        return told


def plan_alerts(*, now: datetime) -> int:
    """A mail for each open flag of severity 1 to 3 that has none for its severity and opening; gives new rows."""
    flags = list(
        PainFlag.objects.waiting()
        .filter(severity__lte=MOST_URGENT)
        .select_related("patient", "clinic")
        .order_by("severity", "opened_at", "pk")
    )
    if not flags:
        return 0
    known = _known(flags)
    teams = _teams({flag.clinic_id for flag in flags})
    opened = _opened(flags, known, teams, now=now)
    late = _overdue(flags, known, teams, now=now)
    # A flag found late before anybody was told of it is one mail, not two.
    just_told = {row.flag_id for row in opened}
    for row in late:
        if row.flag_id in just_told:
            row.state, row.reason = Message.State.CANCELLED, "one_mail"
    rows = opened + late
    Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def tell_of_silence(days: Iterable[Day], *, now: datetime) -> int:
    """Tell each patient's therapist that the daily mails have stopped after six weeks of silence: once a silence."""
    rows = [
        _row(
            f"silent:{day.patient.pk.hex}:{day.date - timedelta(days=day.silent):%Y%m%d}",
            day.patient.clinic_id,
            day.patient.owner_id,
            now=now,
        )
        for day in days
        if day.patient.owner_id
    ]
    if rows:
        Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _opened(flags: list[PainFlag], known: set[str], teams: dict[UUID, Team], *, now: datetime) -> list[Message]:
    """Flags just opened, reopened or raised. Several of one patient at once are one mail: of the most severe."""
    rows, told = [], set()
    for flag in flags:
        slots = {_slot("flag", flag, flag.severity, user): user for user in teams[flag.clinic_id].for_flag(flag)}
        if any(slot.rsplit(":", 1)[0] in known for slot in slots):
            continue
        for slot, user in slots.items():
            row = _row(slot, flag.clinic_id, user, now=now, flag=flag)
            if flag.patient_id in told:
                row.state, row.reason = Message.State.CANCELLED, "one_mail"
            rows.append(row)
        told.add(flag.patient_id)
    return rows


def _overdue(flags: list[PainFlag], known: set[str], teams: dict[UUID, Team], *, now: datetime) -> list[Message]:
    """Flags past their target: one mail as it passes, then one a day, not while they are snoozed."""
    rows = []
    for flag in flags:
        due = flag.ack_due if flag.state == PainFlag.State.OPEN else flag.contact_due
        is_waiting = flag.state != PainFlag.State.CONTACTED
        if not due or due > now or not is_waiting or (flag.snoozed_until and flag.snoozed_until > now):
            continue
        times = (now - due) // AGAIN
        rows += [
            _row(slot, flag.clinic_id, user, now=now, flag=flag)
            for user in teams[flag.clinic_id].for_flag(flag)
            if (slot := _slot("late", flag, times, user)).rsplit(":", 1)[0] not in known
        ]
    return rows


def _slot(what: str, flag: PainFlag, number: int, user: UUID) -> str:
    return f"{what}:{flag.pk.hex}:{flag.reopened}:{number}:{user.hex}"


def _known(flags: list[PainFlag]) -> set[str]:
    """What has been said about which flag, whoever was told."""
    slots = Message.objects.filter(flag__in=flags, patient=None).values_list("slot", flat=True)
    return {slot.rsplit(":", 1)[0] for slot in slots}


def _row(slot: str, clinic_id: UUID, user_id: UUID | None, *, now: datetime, flag: PainFlag | None = None) -> Message:
    return Message(
        clinic_id=clinic_id,
        user_id=user_id,
        flag=flag,
        kind=Message.Kind.ALERT,
        slot=slot,
        local_date=local_date(now, flag.clinic.zone) if flag else now.date(),
        due_at=now,
        not_after=now + WAITS,
        planned_at=now,
    )


def _teams(clinics: set[UUID]) -> dict[UUID, Team]:
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
