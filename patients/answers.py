"""The next-day answer: where most steps forward are decided, and where a bad night is noticed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients import ledger
from patients.court import Court
from patients.enforcing import close, note_stop
from patients.facts import answer_facts, report_facts
from patients.models import Decision, ExerciseLog, Hold, NextDayQuestion, PainReport, ProgramItem
from patients.phases import leave_phase_if_done
from patients.program_items import locked_items
from patients.replays import judge_days, memory_before
from patients.safety import Safety, safety_of
from patients.session_checks import NEURO
from patients.sessions import Result, results_of
from programs.dose import from_json
from programs.rulebook import current_rules
from programs.rules import RED_FLAGS, Facts, assess, decide
from programs.rules.derived import check

LATEST = timedelta(days=14)  # a later answer is a message, not a fact about that day


@dataclass(frozen=True)
class Answered:
    question: NextDayQuestion
    is_new: bool
    results: tuple[Result, ...] = ()
    holds: tuple[Hold, ...] = ()
    safety: Safety | None = None


@transaction.atomic
def answer_question(
    question: NextDayQuestion,
    *,
    pain: int,
    compared: str,
    neuro: Collection[str] = (),
    red_flags: Collection[str] = (),
    source: str = "portal",
    actor: User | None,
    now: datetime,
) -> Answered:
    """Keep the answer (`pain` 0 to 10, `compared` worse, same or better) and judge the day it is about.

    An answer after the question closed may restrict and never advances. Answering again with the same words
    changes nothing; with others the last one counts for the dose, and the worst stays flagged (handbook E15).
    Raises Refused naming the field.
    """
    _refuse_absurd(question, pain=pain, compared=compared, neuro=neuro, red_flags=red_flags, now=now)
    program = question.program
    items = locked_items(program)
    question = _locked(question)
    given = (pain, compared, sorted(neuro), sorted(red_flags))
    if question.answered_at and given == (question.pain, question.compared, question.neuro, question.red_flags):
        return Answered(question=question, is_new=False)
    question.pain, question.compared, question.neuro, question.red_flags = given
    question.answered_at, question.answered_by, question.source = now, actor, source
    question.save()
    court = Court(program=program, items=items, actor=actor, now=now)
    reports = judge_answer(court, question)
    holds = close(court)
    PainReport.objects.bulk_create(reports)
    leave_phase_if_done(program, actor=None, now=now)
    patient = question.patient
    audit.note("answer", question, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return Answered(
        question=question,
        is_new=True,
        results=results_of(court.made),
        holds=tuple(holds),
        safety=safety_of(holds, patient.clinic, now=now),
    )


def _locked(question: NextDayQuestion) -> NextDayQuestion:
    """The row itself, not the patient and the clinic beside it: nobody else's answer has to wait."""
    rows = NextDayQuestion.objects.select_for_update(of=("self",)).select_related("patient__clinic")
    return rows.get(pk=question.pk)


def stored_answer(question: NextDayQuestion) -> Answered:
    """What came of an answer that was given before, as it stands now."""
    assert question.answered_at is not None
    rows = Decision.objects.filter(
        item__program=question.program_id,
        item__region=question.region,
        trigger=Decision.Trigger.CHECK,
        decided_at=question.answered_at,
    ).select_related("item__level", "item__ladder_version", "item__program__patient")
    results = results_of(rows.order_by("item__position", "sequence"))
    must_stop = bool(question.red_flags or question.neuro) or any(one.outcome == "stop_and_flag" for one in results)
    when = {"opened_at__lte" if must_stop else "opened_at": question.answered_at}
    open_holds = Hold.objects.filter(patient=question.patient_id, released_at=None, **when)
    holds = list(open_holds.select_related("item__level"))
    return Answered(
        question=question,
        is_new=False,
        results=results,
        holds=tuple(holds),
        safety=safety_of(holds, question.patient.clinic, now=question.opens_at),
    )


def judge_answer(court: Court, question: NextDayQuestion) -> list[PainReport]:
    """Judge the exercises of the question's day and region again; gives one report, of the most telling exercise."""
    court.questions[question.region, question.local_date] = question
    court.read_history(since=question.local_date)
    asked = [item for item in court.items if court.logs.get((item.pk, question.local_date))]
    asked = [item for item in asked if item.region == question.region]
    # Before the day is judged: the streaks in the answer's own facts are those before that day.
    about = min(asked, key=lambda item: _told_by(_facts(court, question, item)), default=None)
    reports = [] if question.pain is None else [_report(court, question, about)]
    court.spared |= _spared(court, question, asked)
    # Only two get harder on one day: those that have waited longest go first (handbook E23).
    for item in sorted(asked, key=lambda item: (-ledger.memory(item).successes, item.level_since)):
        judge_days(court, item, since=question.local_date, trigger=Decision.Trigger.CHECK)
    for report in reports:
        note_stop(court, about or _past_item(question), Facts.from_mapping(report.facts))
    return reports


def _past_item(question: NextDayQuestion) -> ProgramItem:
    """An exercise of that day which has left the program since: the answer still counts for safety."""
    log = ExerciseLog.objects.filter(
        session__program=question.program, session__local_date=question.local_date, item__region=question.region
    )
    return log.select_related("item__episode", "item__ladder_version").latest("pk").item


def _facts(court: Court, question: NextDayQuestion, item: ProgramItem) -> Facts:
    return answer_facts(
        item,
        court.logs[item.pk, question.local_date],
        question,
        policy=court.program.pain_policy,
        memory=memory_before(court, item, question.local_date),
    )


def _spared(court: Court, question: NextDayQuestion, asked: Sequence[ProgramItem]) -> set[tuple[UUID, date]]:
    """After a bad night the exercise whose level or dose changed last is stepped back, the heaviest of equals (E28)."""
    if len(asked) < 2:
        return set()
    params = current_rules().params
    worse = [item for item in asked if check(_facts(court, question, item), params) == "worse"]
    if len(worse) < 2:
        return set()
    changed = court.changed_last(worse, before=question.opens_at)
    never = datetime.min.replace(tzinfo=UTC)
    first = max(worse, key=lambda item: (changed.get(item.pk, never), from_json(item.dose).size))
    return {(item.pk, question.local_date) for item in worse if item is not first}


def _told_by(facts: Facts) -> tuple[int, int]:
    """Sorts the most telling exercise first: by what is decided about it, then by the most severe flag."""
    severities = [finding.severity for finding in assess(facts, current_rules())]
    return decide(facts, current_rules()).outcome.mildness, min(severities, default=9)


def _report(court: Court, question: NextDayQuestion, item: ProgramItem | None) -> PainReport:
    about = item or _past_item(question)
    if item is None:
        facts = report_facts(
            about.episode,
            None,
            policy=court.program.pain_policy,
            pain=question.pain or 0,
            red_flags=question.red_flags,
            neuro=question.neuro,
        )
    else:
        facts = _facts(court, question, item)
    return PainReport(
        patient=question.patient,
        episode=about.episode,
        program=court.program,
        item=item,
        kind=PainReport.Kind.ANSWER,
        region=question.region,
        question=question,
        facts=facts.to_mapping(),
        ruleset=ledger.ruleset(),
        reported_at=court.now,
        reported_by=court.actor,
    )


def _refuse_absurd(
    question: NextDayQuestion,
    *,
    pain: int,
    compared: str,
    neuro: Collection[str],
    red_flags: Collection[str],
    now: datetime,
) -> None:
    errors = {}
    if not 0 <= pain <= 10:
        errors["pain"] = _("Pain %(value)s: goes from 0 to 10.") % {"value": pain}
    if compared not in ("worse", "same", "better"):
        errors["compared"] = _("Choose worse, the same or better.")
    if strange := {*(set(neuro) - set(NEURO)), *(set(red_flags) - set(RED_FLAGS))}:
        errors["red_flags"] = _("%(code)s is not on the list.") % {"code": ", ".join(sorted(strange))}
    if now < question.opens_at:
        errors["pain"] = _("It is too early to tell: this question opens the next day.")
    if now > question.closes_at + LATEST:
        errors["pain"] = _("This question closed long ago: send the clinic a message instead.")
    if errors:
        raise Refused(_("Your answer was not saved yet."), errors)
