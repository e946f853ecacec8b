"""Pain reported outside a session. The message and the hold are there at once; the flag follows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.enforcing import severity_of
from patients.facts import report_facts
from patients.models import Episode, Hold, PainReport, Patient, Program, ProgramItem
from patients.program_items import locked_items, running_program, save_items
from patients.safety import Safety, after_care, safety_of
from patients.session_checks import NEURO, WORDS
from programs.rulebook import current_rules
from programs.rules import RED_FLAGS, Decision, Facts, assess, decide, held_scope, watch_words

STILL_READ = timedelta(days=30)  # handbook E27: symptom reports flag for 30 days after the program's end


@dataclass(frozen=True)
class Reported:
    """`outcome` is what the rules said; `still_read` is False once nobody reads reports of this patient any more."""

    report: PainReport | None
    holds: tuple[Hold, ...]
    safety: Safety | None
    outcome: str
    reason: str
    urgent_words: tuple[str, ...] = ()
    still_read: bool = True


@transaction.atomic
def report_pain(
    patient: Patient,
    *,
    item: ProgramItem | None = None,
    region: str = "",
    pain: int,
    words: Collection[str] = (),
    strength_loss: bool = False,
    red_flags: Collection[str] = (),
    neuro: Collection[str] = (),
    note: str = "",
    actor: User | None,
    now: datetime,
) -> Reported:
    """Keep a report of `pain` (0 to 10) with or without an exercise, and hold at once what must stop.

    Raises Refused naming the field. A red flag is never refused for something else being wrong on the form.
    """
    known_flags = [code for code in red_flags if code in RED_FLAGS]
    if not known_flags:
        _refuse_absurd(pain=pain, words=words, neuro=neuro, red_flags=red_flags)
    pain = min(max(pain, 0), 10)
    words = [word for word in words if word in WORDS]
    neuro = [code for code in neuro if code in NEURO]
    if item is not None and item.program.patient_id != patient.pk:
        item = None
    region = item.region if item else region
    urgent = () if known_flags else _urgent(note)
    episode = _episode(patient, item, region, now)
    if episode is None:
        facts = Facts(
            pain_during=pain,
            pain_after=pain,
            check="pending",
            words=tuple(sorted(words)),
            strength_loss=strength_loss,
            red_flags=tuple(sorted(known_flags)),
            neuro=tuple(sorted(neuro)),
        )
        return _nobody_reads(patient, facts, urgent)
    program = running_program(patient)
    policy = program.pain_policy if program else "monitored"
    items = locked_items(program) if program else []
    item = next((one for one in items if item and one.pk == item.pk), None)
    facts = report_facts(
        episode,
        item,
        policy=policy,
        pain=pain,
        words=words,
        strength_loss=strength_loss,
        red_flags=known_flags,
        neuro=neuro,
    )
    region = region or episode.region
    report = PainReport.objects.create(
        patient=patient,
        episode=episode,
        program=program,
        item=item,
        kind=PainReport.Kind.NOW,
        region=region,
        facts=facts.to_mapping(),
        codes=[finding.code for finding in watch_words(note, current_rules())],
        note=note.strip(),
        ruleset=ledger.ruleset(),
        reported_at=now,
        reported_by=actor,
    )
    verdict = decide(facts, current_rules())
    holds = _hold(patient, program, items, item, region, facts, verdict, actor=actor, now=now)
    audit.note("report", report, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return Reported(
        report=report,
        holds=tuple(holds),
        safety=safety_of(holds, patient.clinic, now=now),
        outcome=str(verdict.outcome),
        reason=verdict.reason,
        urgent_words=urgent,
    )


def read_until(patient: Patient) -> date | None:
    """After the end of care, the last day on which a report reaches the clinic; None while care goes on."""
    ends = Episode.objects.filter(patient=patient).values_list("ended_on", flat=True)
    closed = [day for day in ends if day is not None]
    return max(closed) + STILL_READ if closed and len(closed) == len(ends) else None


def stored_report(report: PainReport) -> Reported:
    """What came of a report that was sent before: the same verdict over the stored facts, and the holds still open."""
    facts = Facts.from_mapping(report.facts)
    verdict = decide(facts, current_rules())
    scope = held_scope(verdict, assess(facts, current_rules()))
    open_holds = Hold.objects.filter(patient=report.patient_id, released_at=None, opened_at__lte=report.reported_at)
    holds = list(open_holds.select_related("item__level")) if scope is not None else []
    return Reported(
        report=report,
        holds=tuple(holds),
        safety=safety_of(holds, report.patient.clinic, now=report.reported_at),
        outcome=str(verdict.outcome),
        reason=verdict.reason,
        urgent_words=() if facts.red_flags else _urgent(report.note),
    )


def _episode(patient: Patient, item: ProgramItem | None, region: str, now: datetime) -> Episode | None:
    """The episode a report belongs to: the exercise's, the region's, the latest open one, or one closed lately."""
    if item is not None:
        return item.episode
    since = local_date(now - STILL_READ, patient.zone)
    read = [one for one in Episode.objects.filter(patient=patient) if one.ended_on is None or one.ended_on >= since]
    return max(read, key=lambda one: (one.ended_on is None, one.region == region, one.started_on), default=None)


def _nobody_reads(patient: Patient, facts: Facts, urgent: tuple[str, ...]) -> Reported:
    """After the end: no flag is raised and nothing is held, but what must not wait still says what to do now."""
    worst = min((finding.severity for finding in assess(facts, current_rules()) if finding.stop), default=None)
    safety = after_care(worst, patient.clinic) if worst else None
    return Reported(report=None, holds=(), safety=safety, outcome="", reason="", urgent_words=urgent, still_read=False)


def _urgent(note: str) -> tuple[str, ...]:
    return tuple(finding.code for finding in watch_words(note, current_rules()) if finding.severity <= 2)


def _hold(
    patient: Patient,
    program: Program | None,
    items: list[ProgramItem],
    item: ProgramItem | None,
    region: str,
    facts: Facts,
    verdict: Decision,
    *,
    actor: User | None,
    now: datetime,
) -> list[Hold]:
    findings = assess(facts, current_rules())
    scope = held_scope(verdict, findings)
    if scope is None:
        return []
    hold = holding.place(
        patient,
        program,
        items,
        scope=scope,
        item=item,
        region=region,
        severity=severity_of(findings),
        rule_id=verdict.rule_id,
        reason=verdict.reason,
        actor=actor,
        now=now,
    )
    save_items(items)
    return [hold]


def _refuse_absurd(*, pain: int, words: Collection[str], neuro: Collection[str], red_flags: Collection[str]) -> None:
    errors = {}
    if not 0 <= pain <= 10:
        errors["pain"] = _("Pain %(value)s: goes from 0 to 10.") % {"value": pain}
    if strange := set(words) - set(WORDS):
        errors["words"] = _("%(value)s is not a word on the list.") % {"value": ", ".join(sorted(strange))}
    if strange := set(neuro) - set(NEURO):
        errors["neuro"] = _("%(value)s is not on the list.") % {"value": ", ".join(sorted(strange))}
    if red_flags:  # only codes nobody knows are left: they must not pass for "no warning sign"
        errors["red_flags"] = _("%(value)s is not on the list.") % {"value": ", ".join(sorted(red_flags))}
    if errors:
        raise Refused(_("Your report was not sent yet. Your answers are still below."), errors)
