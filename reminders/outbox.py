"""What has to be mailed becomes a row, once: planning. Each verb may run twice, or twice at once, and plans the same.

Nothing is decided here about who gets a mail in the end; that is asked again when it is sent (reminders/delivery.py).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Q

from clinic.models import AccountEvent, Heartbeat, MailedLink, Membership, SignInCode
from clinic.zones import local_date, zone
from patients.models import Hold, Patient, Preferences, Program, Trial, TrialRequest
from patients.models.intake import Screening
from patients.trial_confirmation import CONFIRM_WITHIN
from reminders import alerts, digests
from reminders.models import Message, Schedule
from reminders.schedule import SPACING, Wish, due_between, due_on, every_day, is_quiet, next_due, too_late

BATCH = 500
DAILY = "daily"
GRACE = timedelta(minutes=5)  # a time chosen a moment before it came still counts for today
NOTICE_AGE = timedelta(hours=24)  # an older hold has been told about, or a person has
NOTICE_WAITS, INVITATION_WAITS = timedelta(hours=24), timedelta(days=3)
ACCOUNT_NOTICE_WAITS = timedelta(hours=24)
TRIAL_AT, HALF_WAY = time(10, 0), timedelta(days=7)


def plan_messages(*, now: datetime) -> int:
    """Everything that the clock brings: reminders, trial mails, confirmations, invitations, lists. Gives new rows."""
    planned = plan_reminders(now=now) + plan_trial_mails(now=now) + plan_confirmations(now=now)
    planned += plan_invitations(now=now) + plan_account_notices(now=now) + digests.plan_digests(now=now)
    planned += alerts.tell_of_emergencies(now=now)
    Heartbeat.beat("plan_messages", now=now)
    return planned


def plan_urgent(*, now: datetime) -> int:
    """Everything that an event brings: alerts to staff, and the notice to a patient whose exercises are on hold."""
    planned = alerts.plan_alerts(now=now) + plan_notices(now=now)
    Heartbeat.beat("plan_alerts", now=now)
    return planned


# Daily reminders


def plan_reminders(*, now: datetime) -> int:
    """One row for each patient in a program whose time has come, on each local date. Gives how many were due."""
    while _reckon_changed(now=now) == BATCH:
        pass
    planned = 0
    while True:
        looked_at, made = _plan_due(now=now)
        planned += made
        if looked_at < BATCH:
            return planned


def wish_of(patient: Patient) -> Wish:
    """A weekday without a mail has its row too, at the time of the others: it is cancelled when it is due."""
    mine = patient.preferences
    week = tuple(at or mine.reminder_time for at in mine.week)
    return Wish(patient.zone, week, mine.quiet_from, mine.quiet_to)


@transaction.atomic
def _reckon_changed(*, now: datetime) -> int:
    """Work out the next instant of every patient whose settings are new or changed.

    The rows are locked: a change saved meanwhile waits, marks them anew, and is seen next time.
    """
    changed = list(
        Preferences.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(is_planned=False)
        .select_related("patient")[:BATCH]
    )
    for preferences in changed:
        preferences.patient.preferences = preferences
    schedules = [
        Schedule(patient=one.patient, next_due_at=next_due(now - GRACE, wish_of(one.patient))) for one in changed
    ]
    Schedule.objects.bulk_create(
        schedules, update_conflicts=True, unique_fields=["patient"], update_fields=["next_due_at"]
    )
    Preferences.objects.filter(pk__in=[one.pk for one in changed]).update(is_planned=True)
    return len(changed)


@transaction.atomic
def _plan_due(*, now: datetime) -> tuple[int, int]:
    """Plan one batch of schedules that are due; gives how many were looked at, and how many mails were due."""
    due = list(
        Schedule.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(next_due_at__lte=now)
        .select_related("patient__preferences")
        .order_by("next_due_at")[:BATCH]
    )
    if not due:
        return 0, 0
    in_program = set(
        Program.objects.active()
        .filter(patient__in=[one.patient_id for one in due], patient__closed_at=None)
        .order_by()
        .values_list("patient_id", flat=True)
    )
    made: list[Message] = []
    for schedule in due:
        made += _rows(schedule, in_program=schedule.patient_id in in_program, now=now)
    Message.objects.bulk_create(made, ignore_conflicts=True)
    Schedule.objects.bulk_update(due, ["next_due_at", "last_due_at"])
    return len(due), len(made)


def _rows(schedule: Schedule, *, in_program: bool, now: datetime) -> list[Message]:
    """The mails a schedule owes up to now; moves it on to its next instant."""
    patient = schedule.patient
    wish = wish_of(patient)
    rows = []
    if in_program:
        for day, due in due_between(local_date(schedule.next_due_at, wish.zone), now, wish):
            row = Message(
                clinic_id=patient.clinic_id,
                patient=patient,
                kind=Message.Kind.REMINDER,
                slot=DAILY,
                local_date=day,
                due_at=due,
                not_after=too_late(due, wish),
                planned_at=now,
            )
            if schedule.last_due_at and due - schedule.last_due_at < SPACING:
                row.state, row.reason = Message.State.CANCELLED, "too_soon"
            elif patient.preferences.time_on(day):
                schedule.last_due_at = due
            rows.append(row)
    schedule.next_due_at = next_due(now, wish)
    return rows


# Trial mails


def plan_trial_mails(*, now: datetime) -> int:
    """The mails of a trial's first day, its middle, its last day and the day after (handbook 4.4)."""
    today = now.date()
    near = (
        Q(started_on__range=_near(today))
        | Q(started_on__range=_near(today - HALF_WAY))
        | Q(last_day__range=_near(today))
    )
    running = Trial.objects.filter(
        near, started_on__isnull=False, state__in=[Trial.State.ACTIVE, Trial.State.NOT_CONVERTED]
    ).select_related("patient__preferences")
    return _insert([row for trial in running for row in _trial_rows(trial, now=now)])


def _near(day: date) -> tuple[date, date]:
    """Dates it may be somewhere, one day of grace included."""
    return day - timedelta(days=3), day + timedelta(days=1)


def trial_steps(trial: Trial) -> dict[str, date]:
    """The local date of each mail of a trial that has begun."""
    if trial.started_on is None or trial.last_day is None:
        return {}
    return {
        "welcome": trial.started_on,
        "halfway": trial.started_on + HALF_WAY,
        "last_day": trial.last_day,
        "ended": trial.last_day + timedelta(days=1),
    }


def _trial_rows(trial: Trial, *, now: datetime) -> list[Message]:
    """Due from ten in the morning, outside of quiet hours; who begins late in the evening is welcomed the next day."""
    patient = trial.patient
    wish = replace(wish_of(patient), week=every_day(TRIAL_AT))
    today = local_date(now, wish.zone)
    ten = due_on(today, wish)
    if ten is None or ten > now or is_quiet(now.astimezone(zone(wish.zone)).time(), wish):
        return []
    return [
        Message(
            clinic_id=patient.clinic_id,
            patient=patient,
            kind=Message.Kind.TRIAL_STEP,
            slot=f"step:{step}",
            local_date=day,
            due_at=now,
            not_after=too_late(now, wish),
            planned_at=now,
        )
        for step, day in trial_steps(trial).items()
        if _is_for(today, step, day) and (step == "ended" or trial.state == Trial.State.ACTIVE)
    ]


def _is_for(today: date, step: str, day: date) -> bool:
    return day == today or (step == "welcome" and day == today - timedelta(days=1))


# Mails with a link or a code


def plan_codes(*, now: datetime) -> int:
    """A mail for each sign-in code that waits for one; it ends with the code."""
    waiting = list(SignInCode.objects.to_send(now).order_by("requested_at")[:BATCH])
    clinics = _clinics_of_users(row.user_id for row in waiting if row.user_id)
    rows = [
        Message(
            user_id=row.user_id,
            clinic_id=clinics.get(row.user_id),
            kind=Message.Kind.SIGN_IN_CODE,
            slot=f"code:{row.pk.hex}",
            local_date=row.requested_at.date(),
            due_at=row.requested_at,
            not_after=row.expires_at,
            planned_at=now,
        )
        for row in waiting
    ]
    return _insert(rows)


def plan_password_links(*, now: datetime) -> int:
    """A mail for each link to a new password that waits for one; it ends with the link."""
    waiting = MailedLink.objects.to_send(now).filter(purpose=MailedLink.Purpose.PASSWORD).order_by("requested_at")
    rows = [
        Message(
            user_id=link.user_id,
            kind=Message.Kind.PASSWORD_LINK,
            slot=f"password:{link.pk.hex}",
            local_date=link.requested_at.date(),
            due_at=link.requested_at,
            not_after=link.expires_at,
            planned_at=now,
        )
        for link in waiting[:BATCH]
    ]
    return _insert(rows)


def plan_confirmations(*, now: datetime) -> int:
    """A mail with a link for each trial request nobody has confirmed yet. Who was sent to a doctor gets none."""
    waiting = TrialRequest.objects.filter(
        state=TrialRequest.State.SUBMITTED, submitted_at__gt=now - CONFIRM_WITHIN
    ).exclude(screening=Screening.REFERRED_OUT)
    rows = [
        Message(
            trial_request=one,
            clinic_id=one.clinic_id,
            kind=Message.Kind.TRIAL_CONFIRM,
            slot=f"confirm:{one.pk.hex}",
            local_date=one.submitted_at.date(),
            due_at=one.submitted_at,
            not_after=one.submitted_at + CONFIRM_WITHIN,
            planned_at=now,
        )
        for one in waiting
    ]
    return _insert(rows)


def plan_invitations(*, now: datetime) -> int:
    """A mail with a link for each new member who has no password yet; asked again, they are written to again."""
    invited = (
        Membership.objects.active()
        .filter(user__password__startswith=UNUSABLE_PASSWORD_PREFIX, joined_at__gt=now - INVITATION_WAITS)
        .select_related("user", "clinic")
    )
    rows = [
        Message(
            user=one.user,
            clinic=one.clinic,
            kind=Message.Kind.INVITATION,
            slot=f"invite:{one.pk.hex}:{int(one.joined_at.timestamp())}",
            local_date=local_date(one.joined_at, one.clinic.zone),
            due_at=one.joined_at,
            not_after=one.joined_at + INVITATION_WAITS,
            planned_at=now,
        )
        for one in invited
    ]
    return _insert(rows)


def plan_account_notices(*, now: datetime) -> int:
    """A mail for each change of somebody's way in, so that who did not do it finds out."""
    happened = AccountEvent.objects.filter(at__gt=now - ACCOUNT_NOTICE_WAITS, user__is_active=True)
    rows = [
        Message(
            user_id=one.user_id,
            clinic_id=one.clinic_id,
            kind=Message.Kind.ACCOUNT_NOTICE,
            slot=f"account:{one.pk.hex}",
            local_date=one.at.date(),
            due_at=one.at,
            not_after=one.at + ACCOUNT_NOTICE_WAITS,
            planned_at=now,
        )
        for one in happened
    ]
    return _insert(rows)


def plan_notices(*, now: datetime) -> int:
    """ "Please open your portal" for a hold of severity 1 to 3: one a patient, severity and day, at any hour."""
    held = (
        Hold.objects.open()
        .filter(severity__lte=3, opened_at__gt=now - NOTICE_AGE, opened_at__lte=now)
        .select_related("patient")
    )
    rows = [
        Message(
            clinic_id=hold.patient.clinic_id,
            patient=hold.patient,
            kind=Message.Kind.NOTICE,
            slot=f"hold:{hold.severity}",
            local_date=local_date(hold.opened_at, hold.patient.zone),
            due_at=hold.opened_at,
            not_after=hold.opened_at + NOTICE_WAITS,
            planned_at=now,
        )
        for hold in held
    ]
    return _insert(rows)


def _clinics_of_users(users: Iterable[UUID]) -> dict[UUID | None, UUID]:
    """The clinic in whose name a person is written to: the newest one in which they are a patient."""
    mine = Patient.objects.active().filter(user__in=set(users)).order_by("created_at")
    return dict(mine.values_list("user_id", "clinic_id"))


def _insert(rows: list[Message]) -> int:
    """Insert what is not there yet; the unique key settles what two planners insert at once. Gives how many are new."""
    if not rows:
        return 0
    known = Message.objects.filter(slot__in={row.slot for row in rows})
    if rows[0].patient_id:
        known = known.filter(
            patient__in={row.patient_id for row in rows}, local_date__in={row.local_date for row in rows}
        )
    else:
        known = known.filter(patient=None)
    keys = set(known.values_list("patient_id", "local_date", "slot"))
    new = [row for row in rows if (row.patient_id, row.local_date, row.slot) not in keys]
    Message.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)
