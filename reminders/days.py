"""One day of many patients, read in a fixed number of queries, and whether it calls for a mail."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max

from clinic.zones import local_date
from patients import plan
from patients.models import Consent, Hold, NextDayQuestion, Patient, Preferences, Program, Session
from patients.models.consent import ConsentKind
from patients.models.hold import HoldScope
from patients.plan import TodayItem
from reminders.schedule import SILENT_STOP, is_mail_day


@dataclass(frozen=True, slots=True)
class Day:
    """All that decides about a patient's mail on a local date. `silent` counts days without log or sign-in."""

    patient: Patient
    date: date
    preferences: Preferences
    address: str
    consents: frozenset[str]
    program: Program | None
    rows: tuple[TodayItem, ...]
    is_held: bool
    has_logged: bool
    silent: int
    has_question: bool

    @property
    def due(self) -> list[TodayItem]:
        return [row for row in self.rows if row.is_due and not row.is_done]

    @property
    def may_name_exercises(self) -> bool:
        return self.patient.clinic.mail_detail and ConsentKind.MAIL_DETAIL in self.consents


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the mail of a day says, or why there is none."""

    reason: str = ""
    session: list[TodayItem] = field(default_factory=list)
    question: bool = False

    @property
    def list_name(self) -> str:
        """The list it belongs to, which one link unsubscribes from."""
        return "reminders" if self.session else "check_ins"


def judge(day: Day) -> Verdict:
    """Whether to write, and what about: the planned session, the open question, or both. The first reason speaks."""
    if reason := _closed(day):
        return Verdict(reason)
    question = day.has_question and day.preferences.check_ins
    why_no_session = _why_no_session(day)
    if not why_no_session:
        return Verdict(session=day.due, question=question)
    return Verdict(question=True) if question else Verdict(why_no_session)


def _closed(day: Day) -> str:
    """Reasons that stop every daily mail, whatever there would be to say."""
    if day.program is None or day.patient.closed_at:
        return "discharged"
    if not day.address:
        return "no_address"
    if not {ConsentKind.EMAIL, ConsentKind.REMINDERS} <= day.consents:
        return "no_consent"
    until = day.preferences.paused_until
    if day.program.paused_until or (until and day.date < until):
        return "paused"
    if day.preferences.time_on(day.date) is None:
        return "not_this_weekday"
    return "on_hold" if day.is_held else ""


def _why_no_session(day: Day) -> str:
    if not day.preferences.reminders:
        return "unsubscribed"
    if day.has_logged:
        return "logged_already"
    if not day.due:
        return "on_hold" if day.rows and all(row.held for row in day.rows) else "rest_day"
    if not is_mail_day(day.silent):
        return "stopped_silent" if day.silent >= SILENT_STOP else "backing_off"
    return ""


def days_of(patients: Collection[Patient], *, now: datetime) -> dict[UUID, Day]:
    """Today of each patient, in the patient's zone. Load clinic, user, identity and preferences with them."""
    ids = [patient.pk for patient in patients]
    running = list(
        Program.objects.filter(patient__in=ids, ended_on=None).select_related("patient").order_by("patient_id")
    )
    programs = {program.patient_id: program for program in running}
    rows = plan.rows_today(running, now=now)
    held = set(
        Hold.objects.open()
        .filter(patient__in=ids, scope=HoldScope.PLAN)
        .order_by()
        .values_list("patient_id", flat=True)
    )
    last_logs = _last_logs(ids)
    asked = set(
        NextDayQuestion.objects.open(now).filter(patient__in=ids).order_by().values_list("patient_id", flat=True)
    )
    consents = _consents(ids)
    days = {}
    for patient in patients:
        today, program = local_date(now, patient.zone), programs.get(patient.pk)
        last_log = last_logs.get(patient.pk)
        days[patient.pk] = Day(
            patient=patient,
            date=today,
            preferences=patient.preferences,
            address=patient.identity.email,
            consents=frozenset(consents.get(patient.pk, ())),
            program=program,
            rows=tuple(rows[program.pk]) if program else (),
            is_held=patient.pk in held,
            has_logged=last_log == today,
            silent=_silent(patient, program, last_log, today),
            has_question=patient.pk in asked,
        )
    return days


def _last_logs(ids: Iterable[UUID]) -> dict[UUID, date]:
    logged = Session.objects.current().filter(patient__in=ids).order_by().values_list("patient_id")
    return dict(logged.annotate(last=Max("local_date")).values_list("patient_id", "last"))


def _consents(ids: Iterable[UUID]) -> dict[UUID, set[str]]:
    given: dict[UUID, set[str]] = {}
    for patient_id, kind in Consent.objects.given().filter(patient__in=ids).values_list("patient_id", "kind"):
        given.setdefault(patient_id, set()).add(kind)
    return given


def _silent(patient: Patient, program: Program | None, last_log: date | None, today: date) -> int:
    """Days since the person was last heard of: a log, a sign-in, or the start of the program."""
    heard = [last_log, program.started_on if program else None]
    if patient.user and patient.user.last_login:
        heard.append(local_date(patient.user.last_login, patient.zone))
    return max(0, (today - max((day for day in heard if day), default=today)).days)
