"""From a flag to a followed-up patient: take it, reach them, put it aside, close it with what becomes of the plan."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.models import Membership, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.adjustments import release_all, resume_with
from patients.flag_steps import record_step
from patients.flagging import findings_of
from patients.models import FlagEvent, Hold, PainFlag, PainReport, ProgramItem
from patients.program_items import locked_items, running_program, save_items
from patients.stops import Wish, wishes_of
from patients.swaps import swap

LONGEST_SNOOZE = timedelta(hours=72)  # handbook 3.5
ROUTINE = 4  # from this severity on, flags may be closed several at a time
ATTEMPTS_BEFORE_GIVING_UP = 3
CHANNELS = ("phone", "sms", "email", "in_person", "message")
OUTCOMES = ("reached", "no_answer", "left_message", "wrong_number")


class AlreadyTaken(Refused):
    pass


class NotOpen(Refused):
    pass


class NotAllowed(Refused):
    pass


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
    record_step(flag, "take", before, flag.state, actor=actor, now=now)
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
    record_step(flag, "contact", before, flag.state, actor=actor, now=now, note=note, data=data)
    return flag


@transaction.atomic
def resolve(
    flag: PainFlag,
    *,
    code: str,
    note: str,
    effect: str,
    substitute: str = "",
    membership: Membership | None = None,
    actor: User,
    now: datetime,
) -> PainFlag:
    """Close a flag with a code, a note and what becomes of the exercises.

    The holds that the flag's findings asked for are released with `effect` (resume, lighter, step_back, stop), unless
    another open flag or a report nobody has judged yet needs them; `none` leaves them as they are. Where nothing is
    released, lighter, step_back and stop change the exercise the flag is about. `swap` puts the ladder with the code
    `substitute` in its place, and what else was held goes on lighter. Severity 1 and 2 need a licensed therapist.
    Raises NotAllowed, NotOpen, Refused naming the field.
    """
    membership = membership or Membership.objects.filter(user=actor, clinic=flag.clinic_id, left_at=None).first()
    flag = (
        PainFlag.objects.select_for_update(of=("self",))
        .select_related("clinic", "patient", "item__ladder_version")
        .get(pk=flag.pk)
    )
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
    if effect == PainFlag.Effect.SWAP:
        _swap(flag, substitute, reason=note.strip(), actor=actor, now=now)
        _release(flag, effect=PainFlag.Effect.LIGHTER, actor=actor, now=now)
    elif effect != PainFlag.Effect.NONE and not _release(flag, effect=effect, actor=actor, now=now):
        _change(flag, effect=effect, actor=actor, now=now)
    data = {"code": code, "effect": effect}
    record_step(flag, "resolve", before, flag.state, actor=actor, now=now, note=note, data=data)
    return flag


def close_routine(
    flags: Iterable[PainFlag], *, code: str, note: str, membership: Membership | None, actor: User, now: datetime
) -> dict[UUID, str]:
    """Close flags of severity 4 and 5 with one code and note; gives, for each that stays open, why.

    Those that hold an exercise stay: how it goes on is a decision about one patient.
    """
    refused = {}
    for flag in flags:
        try:
            if flag.severity < ROUTINE:
                raise NotAllowed(_("A flag of severity %(n)d is closed by itself.") % {"n": flag.severity})
            if holds_of(flag):
                raise Refused(_("It holds an exercise: close it by itself and say how that goes on."))
            effect = PainFlag.Effect.NONE
            resolve(flag, code=code, note=note, effect=effect, membership=membership, actor=actor, now=now)
        except Refused as refusal:
            refused[flag.pk] = " ".join(refusal.errors.values()) or str(refusal)
    return refused


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


def _swap(flag: PainFlag, code: str, *, reason: str, actor: User, now: datetime) -> None:
    if flag.item is None:
        text = _("This flag is about no single exercise: choose another effect.")
        raise Refused(_("The flag was not closed yet."), {"effect": text})
    swap(flag.item, code, reason=reason, actor=actor, now=now)


def _change(flag: PainFlag, *, effect: str, actor: User, now: datetime) -> None:
    """Nothing was held, or others still need the hold: what was decided about the flag's own exercise counts."""
    program = running_program(flag.patient)
    items = locked_items(program) if program else []
    item = next((one for one in items if one.pk == flag.item_id), None)
    if item is None or effect == PainFlag.Effect.RESUME:
        return
    before = item.level.code
    resume_with(item, effect, today=local_date(now, flag.patient.zone))
    ledger.record_person(item, "release", before, item.level.code, reason=effect, actor=actor, now=now)
    save_items(items)


def _release(flag: PainFlag, *, effect: str, actor: User, now: datetime) -> list[Hold]:
    """Lift the flag's holds; what another flag wants held narrower or less urgently stays held, in its own way.

    Gives the lifted."""
    program = running_program(flag.patient)
    items = locked_items(program) if program else []  # before looking: a session being logged may want the same hold
    lifted = release_all(flag.patient, holds_of(flag), effect=effect, actor=actor, now=now)
    if not lifted:
        return lifted
    items = locked_items(program) if program else []
    left = holding.open_over(flag.patient)
    for wish in _wishes(flag)[1]:
        was = next((hold for hold in lifted if wish.is_under(hold)), None)
        if was and not any(wish.is_under(hold) for hold in left):
            left.append(_hold_again(flag, wish, was, items, now=now))
    save_items(items)
    return lifted


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
        snoozed_until=until, late_step=0, last_event_at=now
    ):
        raise NotOpen(_("This flag is closed."))
    flag.refresh_from_db()
    record_step(flag, "snooze", flag.state, flag.state, actor=actor, now=now, note=reason)
    return flag
