"""What a session says to the flags: a report an exercise, one of its warning signs, one of the words in its notes."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, cast

from patients import ledger
from patients.court import Court
from patients.facts import day_facts, report_facts
from patients.models import ExerciseLog, PainReport, Session
from patients.replays import before_day
from patients.session_checks import TOLD_LATE
from programs.rulebook import current_rules
from programs.rules import Facts, assess, decide, watch_words


def reports_of(court: Court, session: Session, logs: Sequence[ExerciseLog]) -> list[PainReport]:
    """One an exercise, and one of the whole session's warning signs, about the areas that were or would be trained."""
    now_felt = [log for log in logs if log.skipped != TOLD_LATE]
    reports = [_log_report(court, session, log) for log in now_felt if not log.skipped or _says_pain(log)]
    if session.red_flags or session.neuro:
        reports.append(_session_report(court, session, logs))
    return reports


def is_known(report: PainReport, said: Sequence[PainReport]) -> bool:
    """Whether the version before said as much of the same exercise: as many findings, and nothing stricter.

    Otherwise the report is judged as that one was: with the streaks and the baseline of its day.
    """
    before = next((one for one in said if one.item_id == report.item_id and one.facts), None)
    if before is None:
        return False
    known = Facts.from_mapping(before.facts)
    facts = replace(Facts.from_mapping(report.facts), **{name: getattr(known, name) for name in OF_THE_DAY})
    report.facts = facts.to_mapping()
    found, had = assess(facts, current_rules()), assess(known, current_rules())
    milder = decide(facts, current_rules()).outcome.mildness >= decide(known, current_rules()).outcome.mildness
    return milder and {one.code for one in found} <= {one.code for one in had}


OF_THE_DAY = ("baseline", "jumps", "cramps", "bad_next_day", "incomplete", "worsening_two", "lightened", "open_stop")


def _says_pain(log: ExerciseLog) -> bool:
    return log.pain_during is not None or bool(log.words) or log.strength_loss


def _log_report(court: Court, session: Session, log: ExerciseLog) -> PainReport:
    """The facts of this log alone, with the streaks of its day. The session's warning signs have their own report."""
    alone = ExerciseLog(**{f.attname: getattr(log, f.attname) for f in log._meta.concrete_fields})
    item = copy(log.item)
    if court.earlier[item.pk]:
        item.state = cast(dict[str, Any], before_day(court, item, session.local_date)["state"])
    alone.level, alone.item = log.level, item
    alone.session = Session(
        id=session.pk,
        performed_at=session.performed_at,
        logged_at=session.logged_at,
        local_date=session.local_date,
        zone=session.zone,
    )
    if log.skipped:
        facts = report_facts(
            log.item.episode,
            log.item,
            policy=court.program.pain_policy,
            pain=max(log.pain_during or 0, log.pain_after or 0),
            words=log.words,
            strength_loss=log.strength_loss,
        )
    else:
        facts, _words = day_facts(
            item,
            [alone],
            None,
            policy=court.program.pain_policy,
            open_stop=log.item.stopped_by_id is not None,
            override=log.item.override,
            next_step={},
        )
    return PainReport(
        patient=session.patient,
        episode=log.item.episode,
        program=court.program,
        item=log.item,
        kind=PainReport.Kind.LOG,
        region=log.item.region,
        session=session,
        log=log,
        facts=facts.to_mapping(),
        ruleset=ledger.ruleset(),
        reported_at=court.now,
        reported_by=court.actor,
    )


def _session_report(court: Court, session: Session, logs: Sequence[ExerciseLog]) -> PainReport:
    """The warning signs of the whole session: about its area, or about none by name where it had several."""
    regions = {log.item.region for log in logs}
    facts = Facts(
        usual=logs[0].item.episode.usual_pain,
        pain_during=0,
        pain_after=0,
        check="pending",
        gap=0,
        red_flags=tuple(session.red_flags),
        neuro=tuple(session.neuro),
    )
    return PainReport(
        patient=session.patient,
        episode=logs[0].item.episode,
        program=court.program,
        kind=PainReport.Kind.LOG,
        region=regions.pop() if len(regions) == 1 else "",
        session=session,
        facts=facts.to_mapping(),
        ruleset=ledger.ruleset(),
        reported_at=court.now,
        reported_by=court.actor,
    )


def watch(session: Session, logs: Sequence[ExerciseLog], reports: list[PainReport]) -> tuple[str, ...]:
    """Read the notes for watch words as they are saved; returns the codes that want a yes/no question at once."""
    text = all_words(session, logs)
    found = watch_words(text, current_rules()) if text else ()
    if found:
        reports.append(
            PainReport(
                patient=session.patient,
                episode=logs[0].item.episode,
                program=session.program,
                kind=PainReport.Kind.TEXT,
                session=session,
                codes=[finding.code for finding in found],
                note=text,
                ruleset=ledger.ruleset(),
                reported_at=session.logged_at,
                reported_by=session.logged_by,
            )
        )
    return tuple(finding.code for finding in found if finding.severity <= 2)


def all_words(session: Session, logs: Iterable[ExerciseLog]) -> str:
    return " \n ".join(filter(None, [session.note, *(log.note for log in logs)]))
