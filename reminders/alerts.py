"""Alert mails to staff: a flag waits. Who gets one, when, and at most one reminder in 24 hours (handbook 3.5)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from clinic.zones import local_date
from patients.escalation import missed
from patients.models import EmergencyAccess, PainFlag
from reminders.days import Day
from reminders.models import Message
from reminders.teams import Team, teams_of

MOST_URGENT = 3  # severities 4 and 5 are for the daily and weekly look, not for a mail
AGAIN = timedelta(hours=24)
WAITS = timedelta(hours=72)


def plan_alerts(*, now: datetime) -> int:
    """A mail for each open flag of severity 1 to 3 that has none for its severity and opening; gives new rows."""
    flags = list(
        PainFlag.objects.waiting()
        .reported()
        .filter(severity__lte=MOST_URGENT)
        .select_related("patient", "clinic")
        .order_by("severity", "opened_at", "pk")
    )
    if not flags:
        return 0
    known = _known(flags)
    teams = teams_of({flag.clinic_id for flag in flags}, now=now)
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
    """Tell each patient's therapist, or who covers for them, that the daily mails have stopped after six weeks of
    silence: once a silence.
    """
    owned = [day for day in days if day.patient.owner_id]
    teams = teams_of({day.patient.clinic_id for day in owned}, now=now) if owned else {}
    rows = [
        _row(
            f"silent:{day.patient.pk.hex}:{day.date - timedelta(days=day.silent):%Y%m%d}",
            day.patient.clinic_id,
            teams[day.patient.clinic_id].answering(day.patient.owner_id) or day.patient.owner_id,
            now=now,
        )
        for day in owned
    ]
    if rows:
        Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def tell_of_emergencies(*, now: datetime) -> int:
    """Tell owners that a therapist has opened the record of somebody else's patient: once an opening."""
    opened = list(EmergencyAccess.objects.filter(opened_at__gt=now - AGAIN).select_related("patient"))
    if not opened:
        return 0
    teams = teams_of({one.patient.clinic_id for one in opened}, now=now)
    rows = [
        _row(f"opened:{one.pk.hex}:{owner.hex}", one.patient.clinic_id, owner, now=now)
        for one in opened
        for owner in teams[one.patient.clinic_id].owners
    ]
    known = set(Message.objects.filter(slot__in=[row.slot for row in rows]).values_list("slot", flat=True))
    new = [row for row in rows if row.slot not in known]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


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
    """Flags past a target: one mail as it passes, then one a day. At twice the target also to who leads the clinic."""
    rows = []
    for flag in flags:
        target = missed(flag, now=now)
        if target is None:
            continue
        team = teams[flag.clinic_id]
        on_duty = team.for_late(flag)
        letter = "c" if target.is_taken else "a"
        told = [(letter, on_duty, target.since)]
        if target.twice and target.twice <= now:
            told.append((letter.upper(), set(team.owners) - on_duty, target.twice))
        for name, users, since in told:
            slots = {_slot("late", flag, f"{name}{(now - since) // AGAIN}", user): user for user in users}
            if not any(slot.rsplit(":", 1)[0] in known for slot in slots):
                rows += [_row(slot, flag.clinic_id, user, now=now, flag=flag) for slot, user in slots.items()]
    return rows


def _slot(what: str, flag: PainFlag, number: int | str, user: UUID) -> str:
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
