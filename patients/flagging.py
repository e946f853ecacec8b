"""Reports become flags. The report row is the outbox: none can be lost."""

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from patients.finding_words import headline
from patients.flag_steps import record_step
from patients.models import Decision, FlagEvent, PainFlag, PainReport
from patients.models.triage import FlagGroup
from patients.targets import ack_due, contact_due
from programs.rulebook import current_rules
from programs.rules import Facts, Finding, TextRule, TickRule, assess

log = logging.getLogger(__name__)
OVERDONE, OVERDONE_DAYS = "FL-OVER", 3
LEDGER_ROWS = 30  # enough for three days, however often each was judged again

BATCH = 200
REOPENS_WITHIN = timedelta(hours=72)  # handbook 3.5


def assess_waiting_reports(*, now: datetime) -> int:
    """Turn every report without a verdict into flags; gives how many reports. May run twice, and two at once.

    A report that cannot be judged stays waiting, where the queue shows it, and never holds up those behind it.
    """
    waiting = PainReport.objects.waiting().prefetch_related("late_flag", "session").order_by("reported_at", "pk")
    found = list(waiting[:BATCH])
    quiet = {report.pk for report in found if _is_quiet(report)}
    done = PainReport.objects.filter(pk__in=quiet, triaged_at=None).update(triaged_at=now) if quiet else 0
    return done + sum(_assess_or_leave(report.pk, now=now) for report in found if report.pk not in quiet)


def _is_quiet(report: PainReport) -> bool:
    """Whether nothing follows from it, as from most: those are done together. What cannot be judged is not quiet."""
    try:
        return not findings_of(report)
    except Exception:  # said by _assess_or_leave
        return False


def _assess_or_leave(pk: UUID, *, now: datetime) -> bool:
    try:
        return assess_report(pk, now=now)
    except Exception as fault:  # whatever it is, the next patient's report must be read
        log.error("report %s could not be judged: %s", pk, type(fault).__name__)
        return False


@transaction.atomic
def assess_report(pk: UUID, *, now: datetime) -> bool:
    """Judge one report; False if another worker had it. Its claim and its flags commit together or not at all."""
    if not PainReport.objects.filter(pk=pk, triaged_at=None).update(triaged_at=now):
        return False
    report = PainReport.objects.select_related(
        "patient__clinic", "item__level", "log__level", "late_flag", "session"
    ).get(pk=pk)
    for group, findings in _by_group(findings_of(report)).items():
        region = report.region if group in (FlagGroup.PAIN, FlagGroup.TOLERANCE) else ""
        flag = _merge(report, group, region, findings, now=now)
        if report.session and not report.session.is_current:  # corrected before anybody could see the flag
            record_step(flag, "edited", flag.state, flag.state, actor=None, now=now)
    return True


def findings_of(report: PainReport) -> list[Finding]:
    """All findings of a report: from its facts, or those known by their code (text and daily look).

    A log that is judged again with its day names those of its findings that are news.
    """
    rules = current_rules()
    found = list(assess(Facts.from_mapping(report.facts), rules)) if report.facts else []
    if report.kind == PainReport.Kind.LOG and report.codes:
        return [finding for finding in found if finding.code in report.codes]
    by_name: tuple[TextRule | TickRule, ...] = (*rules.text_rules, *rules.tick_rules)
    named = {rule.code: rule for rule in by_name}
    for code in report.codes:
        rule = named[code]
        found.append(Finding(code=code, severity=rule.severity or _of_late_flag(report), group=rule.group, stop=None))
    if any(finding.code == OVERDONE for finding in found) and not _overdone_again(report):
        found = [finding for finding in found if finding.code != OVERDONE]
    return sorted(found, key=lambda finding: (finding.severity, finding.code))


def _overdone_again(report: PainReport) -> bool:
    """Whether the exercise was overdone on three days running: once is coached on the screen alone (handbook E13)."""
    if report.session is None or report.item_id is None:
        return False
    rows = Decision.objects.by_rules().filter(
        item=report.item_id, local_date__lte=report.session.local_date, session__is_current=True
    )
    last_words: dict[date, bool] = {}
    for row in rows.order_by("-local_date", "sequence")[:LEDGER_ROWS]:
        last_words[row.local_date] = float(row.facts["done_ratio"]) > current_rules().params.overdose_ratio
    days = sorted(last_words, reverse=True)[:OVERDONE_DAYS]
    return len(days) == OVERDONE_DAYS and all(last_words[day] for day in days)


def _of_late_flag(report: PainReport) -> int:
    """An escalation is as severe as the flag that nobody has followed up."""
    if report.late_flag is None:
        raise TypeError(f"report {report.pk} is about no flag, and its rule leaves the severity to the flag")
    return report.late_flag.severity


def _by_group(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.group, []).append(finding)
    return groups


def _merge(report: PainReport, group: str, region: str, findings: Sequence[Finding], *, now: datetime) -> PainFlag:
    """One open flag a patient, group and region: new findings append events and may only raise its severity."""
    worst = findings[0]
    flag = (
        _open_flag(report, group, region)
        or _reopened(report, group, region, worst, now=now)
        or _raise(report, group, region, worst, now=now)
    )
    if worst.severity < flag.severity:
        _escalate(flag, report, worst, now=now)
    flag.last_event_at = now
    flag.save()
    FlagEvent.objects.bulk_create(
        [
            FlagEvent(
                flag=flag,
                report=report,
                code=finding.code,
                kind="finding",
                to_state=flag.state,
                at=now,
                note=headline(report, finding),
                data={"severity": finding.severity},
            )
            for finding in findings
        ],
        ignore_conflicts=True,
    )
    return flag


def _open_flag(report: PainReport, group: str, region: str) -> PainFlag | None:
    found = PainFlag.objects.select_for_update().filter(patient=report.patient_id, group=group, region=region)
    return found.exclude(state=PainFlag.State.RESOLVED).first()


def _reopened(report: PainReport, group: str, region: str, worst: Finding, *, now: datetime) -> PainFlag | None:
    """The same trouble within 72 hours of closing is the same flag, and its clock starts again."""
    lately = PainFlag.objects.select_for_update().filter(
        patient=report.patient_id, group=group, region=region, resolved_at__gte=now - REOPENS_WITHIN
    )
    flag = lately.order_by("-resolved_at").first()
    if flag is None:
        return None
    flag.state, flag.reopened = PainFlag.State.OPEN, flag.reopened + 1
    flag.resolved_at = flag.acknowledged_at = flag.contacted_at = flag.snoozed_until = None
    flag.owner = flag.resolved_by = None
    flag.severity, flag.code, flag.headline = worst.severity, worst.code, headline(report, worst)
    _start_clock(flag, report)
    flag.save()
    record_step(flag, "reopen", PainFlag.State.RESOLVED, PainFlag.State.OPEN, actor=None, now=now)
    return flag


def _raise(report: PainReport, group: str, region: str, worst: Finding, *, now: datetime) -> PainFlag:
    flag = PainFlag(
        clinic=report.patient.clinic,
        patient=report.patient,
        episode_id=report.episode_id,
        item=report.item,
        group=group,
        region=region,
        severity=worst.severity,
        code=worst.code,
        headline=headline(report, worst),
        opened_at=now,
        last_event_at=now,
    )
    _start_clock(flag, report)
    try:
        with transaction.atomic():
            flag.save(force_insert=True)
    except IntegrityError:  # another worker raised it between our look and our write
        found = _open_flag(report, group, region)
        if found is None:
            raise
        return found
    record_step(flag, "open", "", PainFlag.State.OPEN, actor=None, now=now)
    return flag


def _escalate(flag: PainFlag, report: PainReport, worst: Finding, *, now: datetime) -> None:
    """More severe than before: due sooner, and awake if it was put aside."""
    before = flag.severity
    flag.severity, flag.code, flag.headline = worst.severity, worst.code, headline(report, worst)
    flag.item = report.item or flag.item
    flag.snoozed_until = None
    _start_clock(flag, report)
    record_step(flag, "escalate", str(before), str(worst.severity), actor=None, now=now)


def _start_clock(flag: PainFlag, report: PainReport) -> None:
    """From when the patient reported, not from when a worker got to it: that is the time the patient was told.

    An escalation has no time of its own: it is as late as what it is about.
    """
    flag.late_step = 0
    if report.late_flag:
        flag.ack_due, flag.contact_due = None, report.late_flag.contact_due
        return
    flag.ack_due = ack_due(flag.clinic, flag.severity, now=report.reported_at)
    flag.contact_due = contact_due(flag.clinic, flag.severity, now=report.reported_at)
