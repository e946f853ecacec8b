"""Logging a session: one atomic act that keeps the log, asks the rules, moves the program and holds what must stop."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from json import dumps
from typing import Any, cast
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients.court import Court
from patients.enforcing import close, note_stop
from patients.judging import judge_day
from patients.midnight import work_if_missed
from patients.models import Decision, ExerciseLog, Hold, PainReport, Patient, Program, ProgramItem, Session
from patients.models.session import Source
from patients.program_items import locked_items
from patients.questions import ask_tomorrow
from patients.replays import before_day, judge_days
from patients.safety import Safety, safety_of
from patients.session_checks import (
    NEURO,
    SKIP_REASONS,
    TOLD_LATE,
    WORDS,
    Entry,
    NothingSaved,
    SetDone,
    as_noted,
    refuse_absurd,
)
from patients.session_reports import is_known, reports_of, watch
from programs.models import LevelVersion
from programs.rulebook import current_rules, in_words
from programs.rules import Facts, watch_words

__all__ = [
    "NEURO",
    "SKIP_REASONS",
    "WORDS",
    "Clash",
    "Entry",
    "Logged",
    "NothingSaved",
    "Result",
    "SetDone",
    "log_session",
    "result_of",
    "results_of",
]


@dataclass(frozen=True)
class Result:
    """What the rules decided for one exercise, in the patient's words."""

    item: ProgramItem
    outcome: str
    reason: str
    rule_id: str
    provisional: bool


@dataclass(frozen=True)
class Logged:
    session: Session
    is_new: bool
    results: tuple[Result, ...] = ()
    holds: tuple[Hold, ...] = ()
    safety: Safety | None = None
    urgent_words: tuple[str, ...] = field(default=())  # codes of text rules that ask a yes/no question at once


class Clash(Refused):
    """The same client id came before with another content."""


@transaction.atomic
def log_session(
    program: Program,
    *,
    client_id: UUID,
    entries: Sequence[Entry],
    performed_at: datetime | None = None,
    effort: int | None = None,
    note: str = "",
    red_flags: Collection[str] = (),
    neuro: Collection[str] = (),
    source: str = Source.PORTAL,
    items: list[ProgramItem] | None = None,
    actor: User | None,
    now: datetime,
) -> Logged:
    """Save one session and everything that follows from it, or nothing.

    `client_id` names the session: the same request again gives the stored result with `is_new` False, another
    content under the same id raises Clash. `entries` holds one Entry an exercise. Times are aware, weights grams.
    `items` are the running exercises where the transaction around has locked them already.
    Raises NothingSaved with a text per field (`<item id>-pain_during`, …) for what cannot be true.
    """
    patient = program.patient
    performed_at = performed_at or now
    content = digest_of(entries, effort, note, red_flags, neuro)
    items = locked_items(program) if items is None else items
    if work_if_missed(program, items, now=now):
        items = locked_items(program)
    day = local_date(performed_at, patient.zone)
    known = _logs_of_day(items, client_id, day)
    if repeat := next((log.session for log in known if log.session_id == client_id), None):
        return repeated(repeat, patient, content)
    try:
        refuse_absurd(
            program, items, entries, effort=effort, red_flags=red_flags, neuro=neuro, performed_at=performed_at, now=now
        )
    except NothingSaved:  # what was right when it was saved may be odd by now: a repeat still gives what is stored
        if stored := Session.objects.filter(pk=client_id).first():
            return repeated(stored, patient, content)
        raise

    session, is_new = save_session(
        id=client_id,
        patient=patient,
        program=program,
        performed_at=performed_at,
        local_date=day,
        zone=patient.zone,
        logged_at=now,
        logged_by=actor,
        source=source,
        effort=effort,
        note=note.strip(),
        red_flags=sorted(red_flags),
        neuro=sorted(neuro),
        digest=content,
    )
    if not is_new:
        return repeated(session, patient, content)
    court = Court(program=program, items=items, actor=actor, now=now)
    court.rises = False  # a session alone never makes anything harder: the answer about it does
    court.stands_from = day + timedelta(days=1)
    for log in known:
        court.logs[log.item_id, day].append(log)
    told_later = performed_at < now  # a person may have acted since
    if told_later or _is_judged(items, day):
        court.read_history(since=day)
    counted = as_noted(entries, performed_at=performed_at, saved_at=now)
    logs = ExerciseLog.objects.bulk_create(
        new_log(session, item, entry, *_in_force(court, item, session)) for item, entry in paired(items, counted)
    )
    reports = judge_session(court, session, logs)
    holds = close(court)
    urgent = watch(session, logs, reports)
    PainReport.objects.bulk_create(reports)
    ask_tomorrow(court, session, {log.item.region for log in logs if not log.skipped})
    audit.note("log", session, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return Logged(
        session=session,
        is_new=True,
        results=results_of(row for row in court.made if row.local_date == day),
        holds=tuple(holds),
        safety=safety_of(holds, patient.clinic, now=now),
        urgent_words=urgent,
    )


def _logs_of_day(items: Sequence[ProgramItem], client_id: UUID, day: date) -> list[ExerciseLog]:
    """What was logged before for that day, and under that id; nobody asks where nothing was performed since."""
    if not any(item.last_performed_on and item.last_performed_on >= day for item in items):
        return []
    same_day = models.Q(item__in=items, session__local_date=day, session__is_current=True, skipped="")
    found = ExerciseLog.objects.filter(models.Q(session_id=client_id) | same_day)
    return list(found.select_related("session", "level"))


def _is_judged(items: Sequence[ProgramItem], day: date) -> bool:
    """Whether logs of `day` or a later one were judged: what they made easier stands even once they are taken back."""
    return any(item.judged_until and item.judged_until >= day for item in items)


def _in_force(court: Court, item: ProgramItem, session: Session) -> tuple[LevelVersion, dict[str, Any]]:
    """Level and dose an exercise is logged at: what comes late, at those of its day, unless a person set them since."""
    if not court.earlier[item.pk] or session.local_date == court.today:
        return item.level, item.dose
    if any(row.trigger == Decision.Trigger.PERSON for row in court.earlier[item.pk]):
        return item.level, item.dose
    before = before_day(court, item, session.local_date)
    by_id = {str(level.pk): level for level in court.levels(item)}
    return by_id[str(before["level"])], cast(dict[str, Any], before["dose"])


def result_of(session: Session) -> Logged:
    """What was decided when `session` was logged, as it stands now."""
    rows = Decision.objects.filter(session=session, trigger=Decision.Trigger.LOG).select_related(
        "item__level", "item__ladder_version", "item__program__patient"
    )
    last_words = {row.item_id: row for row in rows.order_by("item__position", "sequence")}
    results = results_of(last_words.values())
    # A hold that was open already covers a second report of the same: it is as true on this page as a new one.
    must_stop = bool(session.red_flags or session.neuro) or any(one.outcome == "stop_and_flag" for one in results)
    when = {"opened_at__lte" if must_stop else "opened_at": session.logged_at}
    open_holds = Hold.objects.filter(patient=session.patient_id, released_at=None, **when)
    holds = list(open_holds.select_related("item__level"))
    notes = [session.note, *ExerciseLog.objects.filter(session=session).values_list("note", flat=True)]
    return Logged(
        session=session,
        is_new=False,
        results=results,
        holds=tuple(holds),
        safety=safety_of(holds, session.patient.clinic, now=session.logged_at),
        urgent_words=_urgent(notes),
    )


def _urgent(notes: Sequence[str]) -> tuple[str, ...]:
    found = watch_words(" \n ".join(filter(None, notes)), current_rules())
    return tuple(finding.code for finding in found if finding.severity <= 2)


def repeated(session: Session, patient: Patient, content: str) -> Logged:
    """A foreign session under the same id is a clash like any other: nothing of it is shown."""
    if session.patient_id != patient.pk or session.digest != content:
        raise Clash(_("This session was saved before with other entries. Reload the page to see what is stored."))
    return result_of(session)


def results_of(rows: Any) -> tuple[Result, ...]:
    return tuple(
        Result(
            item=row.item,
            outcome=str(row.outcome),
            reason=in_words(row.reason_key, row.reason_values),
            rule_id=row.rule_id,
            provisional=row.provisional,
        )
        for row in rows
    )


def digest_of(
    entries: Sequence[Entry], effort: int | None, note: str, red_flags: Collection[str], neuro: Collection[str]
) -> str:
    told = [{**vars(entry), "sets": [vars(one) for one in entry.sets]} for entry in entries]
    plain = [sorted(told, key=lambda entry: str(entry["item_id"])), effort, note.strip()]
    return sha256(dumps([plain, sorted(red_flags), sorted(neuro)], default=str, sort_keys=True).encode()).hexdigest()


# Saving and judging


def paired(items: Sequence[ProgramItem], entries: Sequence[Entry]) -> list[tuple[ProgramItem, Entry]]:
    by_id = {item.pk: item for item in items}
    return [(by_id[entry.item_id], entry) for entry in entries]


def save_session(**fields: Any) -> tuple[Session, bool]:
    """The session, and whether it is new: its id may have been taken before, or by a request at this moment."""
    try:
        with transaction.atomic():
            return Session.objects.create(**fields), True
    except IntegrityError:
        return Session.objects.get(pk=fields["id"]), False


def new_log(
    session: Session, item: ProgramItem, entry: Entry, level: LevelVersion, prescribed: dict[str, Any]
) -> ExerciseLog:
    """What was done of `item`, at the level and the dose that were asked for."""
    sets: list[Mapping[str, Any]] = [
        {key: value for key, value in vars(one).items() if value is not None} for one in entry.sets
    ]
    return ExerciseLog(
        session=session,
        item=item,
        level=level,
        prescribed=prescribed,
        sets=sets if entry.skipped in ("", TOLD_LATE) else [],
        pain_before=entry.pain_before,
        pain_during=entry.pain_during,
        pain_after=entry.pain_after,
        form=entry.form,
        cramp=entry.cramp,
        words=sorted(entry.words),
        strength_loss=entry.strength_loss,
        painful=entry.painful,
        full_rom=entry.full_rom,
        skipped=entry.skipped,
        note=entry.note.strip(),
    )


def judge_session(
    court: Court,
    session: Session,
    logs: Sequence[ExerciseLog],
    *,
    said: Sequence[PainReport] = (),
    since: date | None = None,
) -> list[PainReport]:
    """Judge every exercise of the session; each log's own facts become its report for the flags.

    `said`: what the version it corrects reported; the same again is no news. `since`: the first day that changes,
    if it is not the day of the session.
    """
    reports = [report for report in reports_of(court, session, logs) if not is_known(report, said)]
    for report in reports:
        about = [report.item] if report.item else list({log.item.region: log.item for log in logs}.values())
        for item in about:
            note_stop(court, item, Facts.from_mapping(report.facts))
    running = {item.pk for item in court.items}
    for log in logs:
        if log.skipped or log.item_id not in running:
            continue
        day_logs = court.logs[log.item_id, session.local_date]
        if log.pk not in {one.pk for one in day_logs}:
            day_logs.append(log)
        if court.earlier[log.item_id]:
            judge_days(court, log.item, since=since or session.local_date, trigger=Decision.Trigger.LOG)
        else:
            judge_day(court, log.item, session.local_date, trigger=Decision.Trigger.LOG)
    return reports
