"""Correcting a session and taking it back. The old version stays; the rules judge its day and all later ones again.

What hurts more acts at once, like a new log. What hurts less closes no flag, lifts no hold and makes nothing harder
backwards: an open flag that came from the session says that it was edited (handbook E8, E9).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients.court import Court
from patients.enforcing import close
from patients.flag_steps import record_step
from patients.models import (
    Decision,
    ExerciseLog,
    GateRecord,
    NextDayQuestion,
    PainFlag,
    PainReport,
    ProgramItem,
    Proposal,
    Session,
)
from patients.program_items import locked_items
from patients.questions import ask_tomorrow
from patients.replays import judge_days
from patients.safety import safety_of
from patients.session_checks import Entry, as_noted, refuse_absurd
from patients.session_reports import all_words, watch
from patients.sessions import Logged, digest_of, judge_session, new_log, repeated, results_of, save_session

OWN_WINDOW = timedelta(hours=24)  # handbook E8: from when it was first saved


class TooLate(Refused):
    """The patient's own time to change a session is over."""


class ChangedMeanwhile(Refused):
    """Somebody corrected the session or took it back while this was typed."""


def may_change(session: Session, *, by_staff: bool, now: datetime) -> bool:
    """Whether the session can be corrected or taken back now: by patients for 24 hours after they saved it."""
    return session.is_current and (by_staff or now - session.saved_at <= OWN_WINDOW)


@transaction.atomic
def correct(
    session: Session,
    *,
    client_id: UUID,
    entries: Sequence[Entry],
    performed_at: datetime | None = None,
    effort: int | None = None,
    note: str = "",
    red_flags: Collection[str] = (),
    neuro: Collection[str] = (),
    reason: str = "",
    by_staff: bool = False,
    actor: User | None,
    now: datetime,
) -> Logged:
    """Save a new version of a whole session under the id `client_id`; `performed_at` None keeps the time it had.

    The same request again gives the stored result. Staff give a `reason`. Raises TooLate, ChangedMeanwhile,
    NothingSaved with a text per field, Clash.
    """
    program, patient = session.program, session.patient
    performed_at = performed_at or session.performed_at
    content = digest_of(entries, effort, note, red_flags, neuro)
    items = locked_items(program)
    if stored := Session.objects.filter(pk=client_id).first():
        return repeated(stored, patient, content)
    _refuse_change(session, reason=reason, by_staff=by_staff, now=now)
    old_logs = {log.item_id: log for log in session.exercises.select_related("item__episode", "level")}
    known = [*items, *_ended(session, items)]
    refuse_absurd(
        program,
        known,
        entries,
        effort=effort,
        red_flags=red_flags,
        neuro=neuro,
        performed_at=performed_at,
        now=session.saved_at,
    )
    _replace(session, reason="", now=now)
    version, _is_new = save_session(
        id=client_id,
        patient=patient,
        program=program,
        performed_at=performed_at,
        local_date=local_date(performed_at, session.zone),
        zone=session.zone,
        logged_at=now,
        logged_by=actor,
        source=session.source,
        effort=effort,
        note=note.strip(),
        red_flags=sorted(red_flags),
        neuro=sorted(neuro),
        digest=content,
        corrects=session,
        first_logged_at=session.saved_at,
        change_reason=reason.strip()[:240],
    )
    counted = as_noted(entries, performed_at=performed_at, saved_at=session.saved_at)
    logs = ExerciseLog.objects.bulk_create(_logs_of(version, known, counted, old_logs))
    since = min(session.local_date, version.local_date)
    court = _court(session, items, since=since, actor=actor, now=now)
    said = list(PainReport.objects.filter(session__in=_versions_of(session)).select_related("item"))
    last_said = [report for report in said if report.session_id == session.pk]
    reports = judge_session(court, version, logs, said=last_said, since=since)
    left_out = set(old_logs) - {log.item_id for log in logs if not log.skipped}
    _judge_rest(court, session, [item for item in items if item.pk in left_out])
    holds = _finish(court, session, items)
    urgent = watch(version, logs, reports) if all_words(version, logs) != all_words(session, old_logs.values()) else ()
    PainReport.objects.bulk_create(reports)
    ask_tomorrow(court, version, {log.item.region for log in logs if not log.skipped})
    _note_on_flags(session, said, actor=actor, now=now, note=reason)
    audit.note("correct", version, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return Logged(
        session=version,
        is_new=True,
        results=results_of(row for row in court.made if row.local_date == version.local_date and row.reason_key),
        holds=tuple(holds),
        safety=safety_of(holds, patient.clinic, now=now),
        urgent_words=urgent,
    )


@transaction.atomic
def take_back(
    session: Session, *, reason: str = "", by_staff: bool = False, actor: User | None, now: datetime
) -> Session:
    """Count a session no more. It stays, its flags and holds stay; twice is once. Raises TooLate, ChangedMeanwhile."""
    items = locked_items(session.program)
    session.refresh_from_db()
    if session.taken_back_at:
        return session
    _refuse_change(session, reason=reason, by_staff=by_staff, now=now)
    _replace(session, reason=reason, taken_back_at=now, taken_back_by=actor, now=now)
    logged = set(session.exercises.filter(skipped="").values_list("item", flat=True))
    court = _court(session, items, since=session.local_date, actor=actor, now=now)
    _judge_rest(court, session, [item for item in items if item.pk in logged])
    _finish(court, session, items)
    said = PainReport.objects.filter(session__in=_versions_of(session))
    _note_on_flags(session, said, actor=actor, now=now, note=reason)
    patient = session.patient
    audit.note("take_back", session, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return session


def _refuse_change(session: Session, *, reason: str, by_staff: bool, now: datetime) -> None:
    if by_staff and not reason.strip():
        raise Refused(_("Nothing was changed."), {"reason": _("Say why: the next person will ask.")})
    if not by_staff and not may_change(session, by_staff=False, now=now) and session.is_current:
        raise TooLate(_("You can change a session for 24 hours. Send the clinic a message: they can still do it."))


def _replace(session: Session, *, reason: str, now: datetime, **fields: Any) -> None:
    """Two people may change a session at once: the conditional update lets exactly one through."""
    if reason.strip():
        fields["change_reason"] = reason.strip()[:240]
    replaced = Session.objects.filter(pk=session.pk, is_current=True).update(is_current=False, **fields)
    if not replaced:
        raise ChangedMeanwhile(_("This session was changed meanwhile. Look at it again before you change it."))
    session.refresh_from_db(fields=["is_current", "change_reason", "taken_back_at", "taken_back_by"])
    # A gate that this very session had set counts only if what is left of its day sets it again.
    GateRecord.objects.filter(session=session, revoked_at=None, recorded_by=None).update(revoked_at=now)


def _ended(session: Session, items: Sequence[ProgramItem]) -> list[ProgramItem]:
    """Exercises of the session that have left the program since: their log is corrected, their dose is past."""
    found = ProgramItem.objects.filter(logs__session=session).exclude(pk__in=[item.pk for item in items])
    return list(found.select_related("ladder_version", "level", "episode", "stopped_by"))


def _logs_of(
    version: Session, items: Iterable[ProgramItem], entries: Sequence[Entry], old: Mapping[UUID, ExerciseLog]
) -> list[ExerciseLog]:
    """The logs of a new version, each at the level and dose its exercise was logged at before."""
    by_id = {item.pk: item for item in items}
    logs = []
    for entry in entries:
        item, before = by_id[entry.item_id], old.get(entry.item_id)
        at = (before.level, before.prescribed) if before else (item.level, item.dose)
        logs.append(new_log(version, item, entry, *at))
    return logs


def _court(session: Session, items: list[ProgramItem], *, since: date, actor: User | None, now: datetime) -> Court:
    court = Court(program=session.program, items=items, actor=actor, now=now)
    court.rises, court.stands_from = False, since
    court.read_history(since=since)
    return court


def _judge_rest(court: Court, session: Session, items: Iterable[ProgramItem]) -> None:
    for item in items:
        judge_days(court, item, since=session.local_date, trigger=Decision.Trigger.LOG)


def _finish(court: Court, session: Session, items: Sequence[ProgramItem]) -> list[Any]:
    """Bring what hangs on the sessions in line with those that are left, and end the judgement."""
    last = ExerciseLog.objects.current().filter(item__in=items, skipped="").values_list("item")
    days = dict(last.annotate(last=Max("session__local_date")))
    for item in items:
        item.last_performed_on = days.get(item.pk)
    court.judged = True
    holds = close(court)
    _withdraw_questions(session)
    _withdraw_proposals(court)
    return holds


def _withdraw_questions(session: Session) -> None:
    """A question nobody has answered about a day and area of which no session is left asks about nothing."""
    logs = ExerciseLog.objects.current().filter(
        session__patient=session.patient_id, session__local_date=session.local_date, skipped=""
    )
    waiting = NextDayQuestion.objects.filter(
        patient=session.patient_id, local_date=session.local_date, answered_at=None, expired_at=None
    )
    waiting.exclude(region__in=logs.values("item__region")).delete()


def _withdraw_proposals(court: Court) -> None:
    """A step that waits for a therapist, on the strength of a day that does not ask for it any more."""
    last_words = {(row.item_id, row.local_date): row for row in court.made}
    for proposal in Proposal.objects.open().filter(item__in=court.items).select_related("decision"):
        asked = proposal.decision
        said = last_words.get((proposal.item_id, asked.local_date)) if asked else None
        if said is not None and said.proposal != proposal.kind:
            proposal.state, proposal.closed_at = Proposal.State.WITHDRAWN, court.now
            proposal.save(update_fields=["state", "closed_at"])


def _versions_of(session: Session) -> list[UUID]:
    """The session and all that it corrects, the latest first."""
    found = [session.pk]
    while parent := Session.objects.filter(corrections=found[-1]).values_list("pk", flat=True).first():
        found.append(parent)
    return found


def _note_on_flags(
    session: Session, said: Iterable[PainReport], *, actor: User | None, now: datetime, note: str
) -> None:
    """Whoever follows up on a flag must know that what raised it reads otherwise now. The flag itself stays."""
    flags = PainFlag.objects.waiting().filter(events__report__in=[report.pk for report in said]).distinct()
    for flag in flags:
        record_step(flag, "edited", flag.state, flag.state, actor=actor, now=now, note=note.strip())
