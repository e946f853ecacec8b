"""From reports to flags, and from flags to followed-up people. The report row is the outbox: none can be lost."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Membership, User
from clinic.refusals import Refused
from patients import holding
from patients.assignments import locked_items, release_all, running_program, save_items
from patients.models import FlagEvent, Hold, PainFlag, PainReport, ProgramItem
from patients.models.triage import FlagGroup
from patients.stops import Wish, wishes_of
from patients.targets import ack_due, contact_due
from programs.rulebook import current_rules
from programs.rules import Facts, Finding, assess
from programs.rules.ruleset import TextRule, TickRule

log = logging.getLogger(__name__)

REOPENS_WITHIN = timedelta(hours=72)  # handbook 3.5
LONGEST_SNOOZE = timedelta(hours=72)
ATTEMPTS_BEFORE_GIVING_UP = 3
CHANNELS = ("phone", "sms", "email", "in_person", "message")
OUTCOMES = ("reached", "no_answer", "left_message", "wrong_number")


class AlreadyTaken(Refused):
    pass


class NotOpen(Refused):
    pass


class NotAllowed(Refused):
    pass


# Reports become flags


def assess_waiting_reports(*, now: datetime, limit: int = 200) -> int:
    """Turn every report without a verdict into flags; gives how many reports. May run twice, and two at once.

    A report that cannot be judged stays waiting, where the queue shows it, and never holds up those behind it.
    """
    waiting = PainReport.objects.waiting().order_by("reported_at", "pk").values_list("pk", flat=True)
    return sum(_assess_or_leave(pk, now=now) for pk in list(waiting[:limit]))


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
    report = PainReport.objects.select_related("patient__clinic", "item__level", "log__level").get(pk=pk)
    for group, findings in _by_group(findings_of(report)).items():
        region = report.region if group in (FlagGroup.PAIN, FlagGroup.TOLERANCE) else ""
        _merge(report, group, region, findings, now=now)
    return True


def findings_of(report: PainReport) -> list[Finding]:
    """All findings of a report: from its facts, and those known by their code (text and daily look)."""
    rules = current_rules()
    found = list(assess(Facts.from_mapping(report.facts), rules)) if report.facts else []
    by_name: tuple[TextRule | TickRule, ...] = (*rules.text_rules, *rules.tick_rules)
    named = {rule.code: rule for rule in by_name}
    for code in report.codes:
        rule = named[code]
        found.append(Finding(code=code, severity=rule.severity or 5, group=rule.group, stop=None))
    return sorted(found, key=lambda finding: (finding.severity, finding.code))


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
    _event(flag, "reopen", PainFlag.State.RESOLVED, PainFlag.State.OPEN, actor=None, now=now)
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
    _event(flag, "open", "", PainFlag.State.OPEN, actor=None, now=now)
    return flag


def _escalate(flag: PainFlag, report: PainReport, worst: Finding, *, now: datetime) -> None:
    """More severe than before: due sooner, and awake if it was put aside."""
    before = flag.severity
    flag.severity, flag.code, flag.headline = worst.severity, worst.code, headline(report, worst)
    flag.item = report.item or flag.item
    flag.snoozed_until = None
    _start_clock(flag, report)
    _event(flag, "escalate", str(before), str(worst.severity), actor=None, now=now)


def _start_clock(flag: PainFlag, report: PainReport) -> None:
    """From when the patient reported, not from when a worker got to it: that is the time the patient was told."""
    flag.ack_due = ack_due(flag.clinic, flag.severity, now=report.reported_at)
    flag.contact_due = contact_due(flag.clinic, flag.severity, now=report.reported_at)


def headline(report: PainReport, finding: Finding) -> str:
    """The finding in plain words with its figures: "pain 8, usual 3, ball curl"."""
    facts = report.facts
    parts = [_what(finding.code)]
    if facts:
        worst = max(facts["pain_during"], facts["pain_after"], facts["next_day"] or 0)
        if finding.group == FlagGroup.PAIN:
            parts = [_("pain %(pain)s, usual %(usual)s") % {"pain": worst, "usual": facts["usual"]}, *parts]
    if report.log:
        parts.append(report.log.level.name)
    elif report.item:
        parts.append(report.item.level.name)
    return ", ".join(parts)[:240]


def _what(code: str) -> str:
    names = {
        "FL-RED-CES": _("sign of pressure on the nerves of bladder and bowel"),
        "FL-RED-PE": _("chest pain or breathlessness"),
        "FL-RED-DVT": _("swollen, warm calf or leg"),
        "FL-RED-INF": _("fever, unwell"),
        "FL-RED-TRAUMA": _("fall, or cannot take weight"),
        "FL-RED-NEURO": _("new weakness or foot drop"),
        "FL-RED-ACUTE": _("sudden injury"),
        "FL-RED-SENS": _("new numbness or tingling"),
        "FL-RED-SYS": _("night pain, weight loss or past cancer with new pain"),
        "FL-WEAK": _("new weakness"),
        "FL-SENS": _("new numbness or tingling"),
        "FL-POP": _("pop with pain or lost strength"),
        "FL-PAIN9": _("severe pain"),
        "FL-PAIN7": _("pain at the stop level"),
        "FL-PAIN6": _("pain above what the exercise may cause"),
        "FL-SHARP": _("sharp pain"),
        "FL-SHARP-LOW": _("mild sharp pain"),
        "FL-JUMP": _("pain jumped by 3 or more"),
        "FL-JUMP2": _("pain jumped by 3 or more again"),
        "FL-24H": _("worse the next day"),
        "FL-24H2": _("worse the next day again"),
        "FL-TREND": _("pain rising over two sessions"),
        "FL-NERVE": _("nerve glide hurts"),
        "FL-NERVE-RETRY": _("nerve glide hurts with corrected technique"),
        "FL-CRAMP": _("third cramp session"),
        "FL-GAP": _("more than 28 days off"),
        "FL-OVER": _("far more work than prescribed"),
        "FL-STRICT": _("the exercise brings on pain"),
        "FL-NOLOG": _("nothing logged for 5 days"),
        "FL-NOLOG10": _("nothing logged for 10 days"),
        "FL-NOCHECK": _("three next-day questions unanswered"),
        "FL-ADH50": _("less than half of the sessions in 14 days"),
        "FL-BASE-UP": _("usual pain up by 2"),
        "FL-STALL": _("no level change for 21 days"),
        "FL-FREETEXT-URGENT": _("words that may mean an emergency: read them"),
        "FL-FREETEXT": _("words a person should read"),
    }
    return names.get(code, code)


# Following up


def may_close(membership: Membership | None, flag: PainFlag) -> bool:
    """Severity 1 and 2: a licensed clinician; 3: a therapist; 4 and 5: anybody who triages (handbook 3.5)."""
    if not membership:
        return False
    if flag.severity <= 2:
        return membership.therapist and membership.licensed
    if flag.severity == 3:
        return membership.therapist
    return membership.therapist or membership.desk or membership.owner


def may_read(membership: Membership | None, flag: PainFlag) -> bool:
    """Whether the clinical detail of a flag is for this person: of severity 1 to 3, for therapists only (handbook 3.5).

    The others see whom to call and by when.
    """
    return bool(membership and membership.therapist) or (flag.severity > 3 and may_close(membership, flag))


@transaction.atomic
def take(flag: PainFlag, *, actor: User, now: datetime) -> PainFlag:
    """Make `actor` the owner of an open flag; taking it acknowledges it.

    Two people may press the button at once: the conditional update lets exactly one through.
    Raises AlreadyTaken with the owner's name, NotOpen if the flag is closed.
    """
    taken = PainFlag.objects.filter(pk=flag.pk, owner=None, state__in=PainFlag.State.waiting).update(
        owner=actor, state=PainFlag.State.ACKNOWLEDGED, acknowledged_at=now, last_event_at=now
    )
    before = flag.state
    flag.refresh_from_db()
    if not taken and flag.owner_id == actor.pk:
        return flag
    if not taken:
        if flag.owner and flag.state != PainFlag.State.RESOLVED:
            raise AlreadyTaken(_("%(name)s has taken this already.") % {"name": flag.owner.name})
        raise NotOpen(_("This flag is closed."))
    _event(flag, "take", before, flag.state, actor=actor, now=now)
    return flag


@transaction.atomic
def log_contact(flag: PainFlag, *, channel: str, outcome: str, note: str = "", actor: User, now: datetime) -> PainFlag:
    """Record an attempt to reach the patient. Only `reached` moves the flag on to contacted."""
    errors = {}
    if channel not in CHANNELS:
        errors["channel"] = _("%(value)s is not a way of contact on the list.") % {"value": channel}
    if outcome not in OUTCOMES:
        errors["outcome"] = _("%(value)s is not an outcome on the list.") % {"value": outcome}
    if errors:
        raise Refused(_("The contact was not recorded."), errors)
    flag = PainFlag.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=flag.pk)
    if flag.state == PainFlag.State.RESOLVED:
        raise NotOpen(_("This flag is closed."))
    before = flag.state
    flag.owner = flag.owner or actor
    flag.acknowledged_at = flag.acknowledged_at or now
    if outcome == "reached":
        flag.state, flag.contacted_at = PainFlag.State.CONTACTED, flag.contacted_at or now
    elif flag.state == PainFlag.State.OPEN:
        flag.state = PainFlag.State.ACKNOWLEDGED
    flag.last_event_at = now
    flag.save()
    data = {"channel": channel, "outcome": outcome}
    _event(flag, "contact", before, flag.state, actor=actor, now=now, note=note, data=data)
    return flag


@transaction.atomic
def resolve(
    flag: PainFlag,
    *,
    code: str,
    note: str,
    effect: str,
    membership: Membership | None = None,
    actor: User,
    now: datetime,
) -> PainFlag:
    """Close a flag with a code, a note and what becomes of the held exercises.

    The holds that the flag's findings asked for are released with `effect` (resume, lighter, step_back, swap,
    stop), unless another open flag or a report nobody has judged yet needs them; `none` leaves them as they are.
    Severity 1 and 2 need a licensed therapist.
    Raises NotAllowed, NotOpen, Refused naming the field.
    """
    membership = membership or Membership.objects.filter(user=actor, clinic=flag.clinic_id, left_at=None).first()
    flag = PainFlag.objects.select_for_update(of=("self",)).select_related("clinic", "patient").get(pk=flag.pk)
    if flag.state == PainFlag.State.RESOLVED:
        raise NotOpen(_("This flag is closed."))
    if not may_close(membership, flag):
        raise NotAllowed(_not_allowed(flag))
    _refuse_incomplete(flag, code=code, note=note, effect=effect)
    before = flag.state
    flag.state, flag.resolution, flag.effect, flag.note = PainFlag.State.RESOLVED, code, effect, note.strip()
    flag.resolved_at, flag.resolved_by, flag.last_event_at = now, actor, now
    flag.owner = flag.owner or actor
    flag.acknowledged_at = flag.acknowledged_at or now
    flag.save()
    if effect != PainFlag.Effect.NONE:
        _release(flag, effect=effect, actor=actor, now=now)
    data = {"code": code, "effect": effect}
    _event(flag, "resolve", before, flag.state, actor=actor, now=now, note=note, data=data)
    return flag


def holds_of(flag: PainFlag) -> list[Hold]:
    """Open holds that closing `flag` releases: those its own reports asked for and nothing else still needs.

    None more severe than the flag, and none that a person placed by hand: those a person releases.
    """
    mine, others = _wishes(flag)
    open_holds = Hold.objects.filter(patient=flag.patient_id, released_at=None, severity__gte=flag.severity)
    open_holds = open_holds.exclude(rule_id="person")
    return [
        hold
        for hold in open_holds.select_related("program__patient__clinic", "patient__clinic", "item__level")
        if any(wish.is_for(hold) for wish in mine)
        and not any(wish.is_for(hold) and wish.severity <= hold.severity for wish in others)
    ]


def _release(flag: PainFlag, *, effect: str, actor: User, now: datetime) -> None:
    """Lift the flag's holds; what another flag wants held narrower or less urgently stays held, in its own way."""
    program = running_program(flag.patient)
    items = locked_items(program) if program else []  # before looking: a session being logged may want the same hold
    lifted = release_all(flag.patient, holds_of(flag), effect=effect, actor=actor, now=now)
    if not lifted:
        return
    items = locked_items(program) if program else []
    left = holding.open_over(flag.patient)
    for wish in _wishes(flag)[1]:
        was = next((hold for hold in lifted if wish.is_under(hold)), None)
        if was and not any(wish.is_under(hold) for hold in left):
            left.append(_hold_again(flag, wish, was, items, now=now))
    save_items(items)


def _hold_again(flag: PainFlag, wish: Wish, was: Hold, items: list[ProgramItem], *, now: datetime) -> Hold:
    report = wish.report
    return holding.place(
        flag.patient,
        report.program,
        items,
        scope=wish.scope,
        item=report.item,
        region=report.region or was.region,
        severity=wish.severity,
        rule_id=wish.rule_id,
        reason=wish.reason,
        actor=None,
        now=now,
    )


def _wishes(flag: PainFlag) -> tuple[list[Wish], list[Wish]]:
    """What `flag` wants held, and what the patient's other open flags and unjudged reports want held."""
    events = FlagEvent.objects.filter(flag__patient=flag.patient_id, kind__in=("finding", "reopen"))
    waiting_or_this = Q(flag=flag) | Q(flag__state__in=PainFlag.State.waiting)
    rows = events.filter(waiting_or_this).select_related("report__item", "flag").order_by("at", "pk")
    reopened = {row.flag_id: row.at for row in rows if row.kind == "reopen"}
    mine: list[Wish] = []
    others: list[Wish] = []
    seen = set()
    for row in rows:
        if row.report is None or (row.flag_id, row.report_id) in seen:
            continue
        seen.add((row.flag_id, row.report_id))
        if row.at >= reopened.get(row.flag_id, row.at):  # what was closed once is no reason any more
            wish = wishes_of(row.report, findings_of(row.report)).get(row.flag.group)
            (mine if row.flag_id == flag.pk else others).extend([wish] if wish else [])
    for report in PainReport.objects.waiting().filter(patient=flag.patient_id).select_related("item"):
        others.extend(wishes_of(report, findings_of(report)).values())
    return mine, others


def _refuse_incomplete(flag: PainFlag, *, code: str, note: str, effect: str) -> None:
    errors = {}
    if code not in PainFlag.Resolution.values:
        errors["code"] = _("Choose what came of it.")
    if effect not in PainFlag.Effect.values:
        errors["effect"] = _("Choose what becomes of the exercises.")
    if not note.strip():
        errors["note"] = _("Write down what was said or found.")
    attempts = flag.events.filter(kind="contact").count()
    if code == PainFlag.Resolution.NO_CONTACT_3_ATTEMPTS and attempts < ATTEMPTS_BEFORE_GIVING_UP:
        errors["code"] = _("%(count)d attempts recorded: three are needed first.") % {"count": attempts}
    if errors:
        raise Refused(_("The flag was not closed yet."), errors)


def _not_allowed(flag: PainFlag) -> str:
    if flag.severity <= 2:
        return _("Only a licensed therapist may close a flag of severity %(n)d.") % {"n": flag.severity}
    return _("Only a therapist may close a flag of severity %(n)d.") % {"n": flag.severity}


@transaction.atomic
def snooze(flag: PainFlag, *, until: datetime, reason: str, actor: User, now: datetime) -> PainFlag:
    """Put a flag of severity 3 to 5 aside for at most 72 hours; anything more severe wakes it."""
    errors = {}
    if flag.severity < 3:
        errors["until"] = _("A flag of severity %(n)d cannot wait.") % {"n": flag.severity}
    elif not now < until <= now + LONGEST_SNOOZE:
        errors["until"] = _("Choose a time within the next 72 hours.")
    if not reason.strip():
        errors["reason"] = _("Say why: the next person will ask.")
    if errors:
        raise Refused(_("The flag was not put aside."), errors)
    if not PainFlag.objects.filter(pk=flag.pk, state__in=PainFlag.State.waiting).update(
        snoozed_until=until, last_event_at=now
    ):
        raise NotOpen(_("This flag is closed."))
    flag.refresh_from_db()
    _event(flag, "snooze", flag.state, flag.state, actor=actor, now=now, note=reason)
    return flag


def _event(
    flag: PainFlag,
    kind: str,
    before: str,
    after: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    FlagEvent.objects.create(
        flag=flag, kind=kind, from_state=before, to_state=after, actor=actor, at=now, note=note, data=dict(data or {})
    )
    audit.note(kind, flag, clinic=flag.clinic_id, actor=actor, now=now, patient_id=flag.patient_id)
