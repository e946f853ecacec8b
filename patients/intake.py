"""The free trial, from a stranger's request to its outcome (handbook section 4). Every step leaves an event row.

Nobody is a patient before a licensed therapist says yes; a warning sign is answered before anything else is looked at.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.limits import Limit, spend
from clinic.models import Clinic, Membership, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import people
from patients.assignments import assign, set_level
from patients.audit_checks import BY_CODE, Finding, entry_levels
from patients.episodes import discharge, open_episode, record_gate, record_slump, revoke_gate
from patients.models import (
    AuditFinding,
    Episode,
    Hold,
    Identity,
    Patient,
    ProgramItem,
    Trial,
    TrialEvent,
    TrialRequest,
)
from patients.models.assignment import HoldScope
from patients.models.episode import BodySide, Slump
from patients.models.intake import Screening
from patients.person_keys import email_keys, phone_keys
from patients.safety import Safety, before_care
from patients.screening import Applicant, age_on, in_area, screen
from patients.trial_terms import KINDS, REQUIRED, VERSION, text_hash
from programs.models import ProgramVersion
from programs.models.exercise import Region
from programs.rulebook import current_rules
from programs.rules import RED_FLAGS, Facts, assess

STARTER = "TRIAL_STARTER_14D"
CONFIRM_SALT = "patients.intake.confirm"
CONFIRM_WITHIN = timedelta(hours=48)  # handbook 4.6
FORGET_AFTER = timedelta(days=30)  # handbook 4.1: what was never confirmed is purged
START_WITHIN = timedelta(days=30)  # handbook 4.4
LAST_DAY = timedelta(days=13)  # day 0 is the day of the start; access until local midnight ending day 13
EXTENSION = timedelta(days=7)
PAUSE_TOP = 14  # days a hold may add at most
SAME_REQUEST = timedelta(days=1)

VISITOR_LIMIT = Limit("trial visitor", 5, timedelta(hours=1))
ADDRESS_LIMIT = Limit("trial address", 3, timedelta(days=1))
# Only what is kept of warning signs is bounded, so that nobody can flood the board. They are answered without limit.
URGENT_LIMIT = Limit("trial warning signs", 20, timedelta(days=1))

OUTCOMES = (Trial.State.NOT_CONVERTED, Trial.State.WITHDRAWN, Trial.State.STOPPED_CLINICAL)
REASONS = ("cost", "time", "better", "worse", "distance", "other")
OPEN = (Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED, Trial.State.ACTIVE)
# Needs no reason; anything else is the therapist's exception, and says why.
FREE = (Screening.ELIGIBLE,)
NEVER = (Screening.REFERRED_OUT, Screening.EXISTING_PATIENT)


class TooMany(Refused):
    """A visitor has sent too many requests; nothing was kept."""


class LinkIsOver(Refused):
    """The link in the mail is too old, or its request has gone another way."""


class NotAllowed(Refused):
    """This step needs another role."""


class Moved(Refused):
    """The request or trial is not in a state for this step any more."""


@dataclass(frozen=True)
class Requested:
    """What came of a request. `safety` must be shown at once; `errors` names fields still at fault beside it."""

    request: TrialRequest | None
    safety: Safety | None
    screening: Screening | None
    errors: Mapping[str, str] = field(default_factory=dict)


# Asking


def red_flag_severity(red_flags: Collection[str]) -> int | None:
    """The worst severity of the warning signs by the clinic's own rules, 1 to 5; None without any."""
    known = tuple(sorted(set(red_flags) & set(RED_FLAGS)))
    if not known:
        return None
    facts = Facts(pain_during=0, pain_after=0, check="pending", red_flags=known)
    return min(finding.severity for finding in assess(facts, current_rules()))


def warning(clinic: Clinic, red_flags: Collection[str]) -> Safety | None:
    """What to say at once to somebody with these warning signs; None if nothing is urgent."""
    severity = red_flag_severity(red_flags)
    return before_care(severity, clinic) if severity else None


def open_clinic(slug: str) -> Clinic | None:
    """The clinic behind a public trial page."""
    return Clinic.objects.filter(slug=slug).first()


def takes_requests(clinic: Clinic) -> bool:
    """Closed until the clinic says so and can be reached in trouble: there is no default emergency number."""
    return clinic.trial_open and clinic.is_ready


def request_trial(
    clinic: Clinic,
    *,
    name: str,
    email: str,
    birth_date: date | None,
    postcode: str,
    complaint: str,
    phone: str = "",
    side: str = "",
    pain_now: int | None = None,
    pain_usual: int | None = None,
    slump: str = Slump.NOT_DONE,
    leg_tingling: bool | None = None,
    history: Collection[str] = (),
    goals: str = "",
    red_flags: Collection[str] = (),
    consents: Collection[str] = (),
    visitor: str = "",
    doubt: str = "",
    actor: User | None = None,
    now: datetime,
) -> Requested:
    """Keep what a stranger asks for, and screen it. The confirming mail follows from the row.

    An urgent warning sign is answered whatever else is wrong: no limit, no `doubt` (why the door takes the sender for
    a machine) and no missing field swallows it, and it is kept as soon as somebody could be called back. Otherwise a
    doubtful request, or one address asking too often, is dropped and answered like any other. `visitor` is the
    network address limits are counted by. Raises Refused naming the fields, TooMany.
    """
    flags = sorted(set(red_flags) & set(RED_FLAGS))
    severity = red_flag_severity(flags)
    safety = before_care(severity, clinic) if severity else None
    today = local_date(now, clinic.zone)
    row = TrialRequest(
        clinic=clinic,
        name=name.strip()[:120],
        email=email.strip().lower()[:254],
        phone=phone.strip()[:40],
        birth_date=birth_date,
        postcode=postcode.strip().upper()[:20],
        complaint=complaint.strip(),
        side=side if side in BodySide.values else "",
        pain_now=pain_now,
        pain_usual=pain_usual,
        slump=slump if slump in Slump.values else Slump.NOT_DONE,
        red_flags=flags,
        answers={"history": sorted(set(history)), "leg_tingling": leg_tingling, "goals": goals.strip()},
        consents=_consents(clinic, consents, now=now),
        submitted_at=now,
    )
    errors = _faults(row, consents, today=today)
    if safety:
        kept = _keep_urgent(row, errors, severity=severity, visitor=visitor, doubt=doubt, actor=actor, now=now)
        return Requested(kept, safety, _result(row, severity, today=today)[0], errors)
    if doubt:
        return Requested(None, None, None)
    if errors:
        raise Refused(_("Your request was not sent yet. Your answers are still below."), errors)
    if visitor and not spend(VISITOR_LIMIT, visitor, now=now):
        raise TooMany(
            _("Too many requests from here in one hour. Please try later, or call us on %(phone)s.")
            % {"phone": clinic.phone}
        )
    if not spend(ADDRESS_LIMIT, f"{clinic.pk}:{email_keys(row.email)[0]}", now=now):
        return Requested(None, None, None)
    kept = _keep(row, severity, actor=actor, now=now)
    return Requested(kept, None, Screening(kept.screening))


def _keep_urgent(
    row: TrialRequest,
    errors: Mapping[str, str],
    *,
    severity: int | None,
    visitor: str,
    doubt: str,
    actor: User | None,
    now: datetime,
) -> TrialRequest | None:
    """Kept where there is a way to call back. Sent again with more filled in, it is the same request."""
    for name in errors:
        if name == "email":
            row.email = ""
        if name in {"birth_date", "pain_now", "pain_usual"}:
            setattr(row, name, None)
    if not (row.email or row.phone) or (visitor and not spend(URGENT_LIMIT, visitor, now=now)):
        return None
    if doubt:
        row.answers["doubt"] = doubt
    same = TrialRequest.objects.filter(
        clinic=row.clinic,
        state=TrialRequest.State.SUBMITTED,
        email=row.email,
        red_flags=row.red_flags,
        submitted_at__gt=now - SAME_REQUEST,
    )
    if not row.email:
        same = same.filter(phone=row.phone)
    if earlier := same.first():
        row.pk = earlier.pk
    return _keep(row, severity, actor=actor, now=now)


@transaction.atomic
def _keep(row: TrialRequest, severity: int | None, *, actor: User | None, now: datetime) -> TrialRequest:
    row.person_key = next(iter(email_keys(row.email)), "")
    row.phone_key = next(iter(phone_keys(row.phone, row.birth_date)), "")
    result, row.screening_reasons = _result(row, severity, today=local_date(now, row.clinic.zone))
    row.screening = result
    is_new = not TrialRequest.objects.filter(pk=row.pk).exists()
    row.save(force_insert=is_new, force_update=not is_new)
    _event(row, "submit" if is_new else "submit_again", "", row.state, actor=actor, now=now, note=str(result.label))
    return row


def _result(row: TrialRequest, severity: int | None, *, today: date) -> tuple[Screening, list[str]]:
    return screen(
        Applicant(
            severity=severity,
            red_flags=tuple(row.red_flags),
            age=age_on(row.birth_date, today) if row.birth_date else None,
            had_trial=_had_trial(row),
            is_patient=_is_patient(row),
            in_area=not row.postcode or in_area(row.postcode, row.clinic.service_area),
            history=frozenset(row.answers.get("history", [])),
            pain_rest=row.pain_now,
            slump=row.slump,
            leg_tingling=row.answers.get("leg_tingling"),
        )
    )


def _had_trial(row: TrialRequest) -> bool:
    """Known again by the address, or by phone and birth date; other requests of the same person do not count."""
    keys, phones = email_keys(row.email), phone_keys(row.phone, row.birth_date)
    same = models.Q(request__person_key__in=keys) | models.Q(request__phone_key__in=phones)
    return Trial.objects.filter(same, request__clinic=row.clinic_id).exclude(request=row.pk).exists()


def _is_patient(row: TrialRequest) -> bool:
    known = Episode.objects.filter(patient__clinic=row.clinic_id, patient__identity__email=row.email, ended_on=None)
    return bool(row.email) and known.exists()


def _consents(clinic: Clinic, given: Collection[str], *, now: datetime) -> list[dict[str, str]]:
    """As they were given: kind, version and digest of the text that was shown, and when."""
    return [
        {"kind": kind, "version": VERSION, "text_hash": text_hash(kind, clinic), "at": now.isoformat()}
        for kind in sorted(set(given) & KINDS)
    ]


def _faults(row: TrialRequest, consents: Collection[str], *, today: date) -> dict[str, str]:
    errors = {}
    if not row.name:
        errors["name"] = _("Enter your name.")
    try:
        validate_email(row.email)
    except ValidationError:
        errors["email"] = _("Enter an e-mail address, like name@example.org.")
    if row.birth_date is None:
        errors["birth_date"] = _("Enter your date of birth.")
    elif not 0 <= age_on(row.birth_date, today) <= 120:
        errors["birth_date"] = _("Date of birth %(date)s: please check the year.") % {"date": row.birth_date}
    if not row.postcode:
        errors["postcode"] = _("Enter your postcode.")
    if not row.complaint:
        errors["complaint"] = _("Say in a few words what brings you here.")
    if len(row.complaint) > 2000:
        errors["complaint"] = _("Please keep it under 2000 characters.")
    for name in ("pain_now", "pain_usual"):
        pain = getattr(row, name)
        if pain is not None and not 0 <= pain <= 10:
            errors[name] = _("Pain %(pain)s: pain goes from 0 to 10.") % {"pain": pain}
    for kind in REQUIRED:
        if kind not in consents:
            errors[f"consent_{kind}"] = _("Without this we cannot offer the trial.")
    return errors


# Confirming


def confirm_token(asked: TrialRequest) -> str:
    """The word in the mailed link. Derived, not stored; how long it holds is counted from the request."""
    return signing.dumps(asked.pk.hex, salt=CONFIRM_SALT)


def request_of(token: str, *, now: datetime) -> TrialRequest:
    """The request behind a mailed link. Raises LinkIsOver, with one sentence for every cause."""
    over = LinkIsOver(_("This link cannot be used any more. Please ask again: it takes a few minutes."))
    try:
        pk = UUID(signing.loads(token, salt=CONFIRM_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        raise over from None
    asked = TrialRequest.objects.select_related("clinic").filter(pk=pk).first()
    if asked is None or asked.screening == Screening.REFERRED_OUT:
        raise over
    waiting = asked.state == TrialRequest.State.SUBMITTED and asked.submitted_at > now - CONFIRM_WITHIN
    if not waiting and asked.state not in (TrialRequest.State.CONFIRMED, TrialRequest.State.ACCEPTED):
        raise over
    return asked


@transaction.atomic
def confirm_request(asked: TrialRequest, *, now: datetime) -> TrialRequest:
    """The address is theirs: the request goes to the clinic's board. Twice is once. Raises LinkIsOver."""
    fresh = TrialRequest.objects.filter(
        pk=asked.pk, state=TrialRequest.State.SUBMITTED, submitted_at__gt=now - CONFIRM_WITHIN
    )
    claimed = fresh.update(state=TrialRequest.State.CONFIRMED, confirmed_at=now)
    asked.refresh_from_db()
    if claimed:
        _event(asked, "confirm", TrialRequest.State.SUBMITTED, asked.state, actor=None, now=now)
    elif asked.state not in (TrialRequest.State.CONFIRMED, TrialRequest.State.ACCEPTED):
        raise LinkIsOver(_("This link cannot be used any more. Please ask again: it takes a few minutes."))
    return asked


# Deciding


def may_accept(membership: Membership | None) -> bool:
    """Handbook 4 and 3.5: a licensed therapist answers for who is treated."""
    return bool(membership and membership.therapist and membership.licensed)


@transaction.atomic
def accept_request(
    asked: TrialRequest,
    *,
    reason: str = "",
    side: str = "",
    usual_pain: int | None = None,
    actor: User,
    now: datetime,
) -> Trial:
    """Make the person a patient: identity, the consents they gave, an episode, and the trial.

    `reason` is needed wherever the screening says more than "eligible"; a second trial for the same person is then the
    therapist's exception. Raises NotAllowed, Moved, Refused naming the field.
    """
    _need_licence(asked.clinic, actor)
    asked = TrialRequest.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=asked.pk)
    if asked.state != TrialRequest.State.CONFIRMED:
        raise Moved(_("This request is not waiting for an answer: %(state)s.") % {"state": asked.get_state_display()})
    result, reasons = _result(asked, red_flag_severity(asked.red_flags), today=local_date(now, asked.clinic.zone))
    if result in NEVER:
        raise Refused(_("No trial can be given here. %(why)s") % {"why": " ".join(reasons)})
    if result not in FREE and not reason.strip():
        raise Refused(_("The request was not accepted."), {"reason": _("Say why it may go ahead all the same.")})
    asked.screening, asked.screening_reasons = result, reasons
    asked.overridden = result == Screening.DUPLICATE
    _decide(asked, TrialRequest.State.ACCEPTED, note=reason, actor=actor, now=now)
    patient = _patient(asked, actor=actor, now=now)
    episode = open_episode(
        patient,
        reason=asked.complaint[:240],
        region=Region.POSTERIOR_THIGH_HIP,
        side=side or asked.side or BodySide.BOTH,
        usual_pain=_first_number(usual_pain, asked.pain_usual, 0),
        slump=asked.slump,
        leg_tingling=asked.answers.get("leg_tingling"),
        contraindications=["anticoagulant_or_bruising_ask_therapist"]
        if "blood_thinners" in asked.answers.get("history", [])
        else [],
        actor=actor,
        now=now,
    )
    trial = Trial.objects.create(patient=patient, request=asked, episode=episode, accepted_at=now, accepted_by=actor)
    _event(asked, "accept", TrialRequest.State.CONFIRMED, trial.state, actor=actor, now=now, note=reason)
    return trial


def _first_number(*values: int | None) -> int:
    return next(value for value in values if value is not None)


def _patient(asked: TrialRequest, *, actor: User, now: datetime) -> Patient:
    """The person behind a confirmed address: known from an earlier time, or new."""
    known = (
        Identity.objects.filter(patient__clinic=asked.clinic_id, email=asked.email).select_related("patient").first()
    )
    patient = (
        known.patient
        if known
        else people.add_patient(
            asked.clinic,
            name=asked.name,
            email=asked.email,
            phone=asked.phone,
            birth_date=asked.birth_date,
            postcode=asked.postcode,
            owner=actor,
            actor=actor,
            now=now,
        )
    )
    for given in asked.consents:
        _take_over(patient, given, actor=actor)
    return patient


def _take_over(patient: Patient, given: Mapping[str, str], *, actor: User) -> None:
    """A consent counts from the moment it was given on the form, with the digest of what stood there then."""
    at = datetime.fromisoformat(given["at"])
    consent = people.give_consent(
        patient, given["kind"], version=given["version"], source="trial form", actor=actor, now=at
    )
    if consent.given_at == at and consent.source == "trial form":
        consent.text_hash, consent.given_by = given["text_hash"], patient.user
        consent.save(update_fields=["text_hash", "given_by"])


@transaction.atomic
def decline_request(asked: TrialRequest, *, reason: str, actor: User, now: datetime) -> TrialRequest:
    """Close a request without a trial, also one that was sent to emergency care. Raises Refused without a reason."""
    if red_flag_severity(asked.red_flags) in (1, 2):
        _need_licence(asked.clinic, actor)
    if not reason.strip():
        raise Refused(_("The request was not closed."), {"reason": _("Say why, and what the person was told.")})
    asked = TrialRequest.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=asked.pk)
    before = asked.state
    if before not in (TrialRequest.State.SUBMITTED, TrialRequest.State.CONFIRMED):
        raise Moved(_("This request is not waiting for an answer: %(state)s.") % {"state": asked.get_state_display()})
    _decide(asked, TrialRequest.State.DECLINED, note=reason, actor=actor, now=now)
    _event(asked, "decline", before, asked.state, actor=actor, now=now, note=reason)
    return asked


def _decide(asked: TrialRequest, state: str, *, note: str, actor: User, now: datetime) -> None:
    asked.state, asked.decided_at, asked.decided_by = state, now, actor
    asked.decision_note = note.strip()[:240]
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:
        raise Refused(_("This person has just been given a trial through another request.")) from None


def _need_licence(clinic: Clinic, actor: User) -> None:
    membership = Membership.objects.active().filter(user=actor, clinic=clinic).first()
    if not may_accept(membership):
        raise NotAllowed(_("Only a licensed therapist of the clinic may do this."))


# The audit


@transaction.atomic
def book_audit(trial: Trial, *, at: datetime, actor: User, now: datetime) -> Trial:
    """Put the exercise audit in the diary, or move it. Raises Moved, Refused for a time that is over."""
    trial = _locked(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    if at <= now:
        raise Refused(_("The audit was not booked."), {"at": _("Choose a time that lies ahead.")})
    before, trial.state, trial.audit_at = trial.state, Trial.State.AUDIT_BOOKED, at
    return _moved(trial, "book_audit", before, actor=actor, now=now, data={"at": at.isoformat()})


@transaction.atomic
def record_audit(
    trial: Trial,
    *,
    findings: Iterable[Finding],
    levels: Mapping[str, str] | None = None,
    path: str = "",
    leg_tingling: bool | None = None,
    summary: str,
    actor: User,
    now: datetime,
) -> Trial:
    """Keep the checklist: a check that is met sets its gate, one that is not takes it back; levels say where to begin.

    `levels` (ladder code to level code) replaces what the table proposes. Recorded again before the start, the later
    audit counts. Raises NotAllowed, Moved, Refused naming the check.
    """
    _need_licence(trial.patient.clinic, actor)
    trial = _locked(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    findings = list(findings)
    _refuse_odd(findings, summary)
    assert trial.episode is not None  # accepting opens one
    for finding in findings:
        AuditFinding.objects.update_or_create(
            trial=trial,
            check_code=finding.check_code,
            defaults={
                "met": finding.met,
                "faults": list(finding.faults),
                "pain": finding.pain,
                "value": finding.value,
            },
        )
        _set_gate(trial.episode, finding, leg_tingling=leg_tingling, actor=actor, now=now)
    proposed = entry_levels(findings, usual_pain=trial.episode.usual_pain)
    trial.entry_levels = {**proposed, **{ladder: level for ladder, level in (levels or {}).items() if level}}
    trial.path, trial.audit_summary = path or trial.path, summary.strip()
    trial.audited_at, trial.audited_by = now, actor
    return _moved(trial, "record_audit", trial.state, actor=actor, now=now, data={"levels": trial.entry_levels})


def _set_gate(episode: Episode, finding: Finding, *, leg_tingling: bool | None, actor: User, now: datetime) -> None:
    check = BY_CODE[finding.check_code]
    if check.code == "SLUMP":
        record_slump(episode, finding.value or Slump.NOT_DONE, leg_tingling=leg_tingling, actor=actor, now=now)
    elif check.gate and finding.met:
        record_gate(episode, check.gate, value=finding.value, actor=actor, now=now)
    elif check.gate:
        revoke_gate(episode, check.gate, actor=actor, now=now)


def _refuse_odd(findings: Collection[Finding], summary: str) -> None:
    errors = {}
    for finding in findings:
        check = BY_CODE.get(finding.check_code)
        if check is None:
            errors[finding.check_code] = _("There is no such check.")
        elif finding.pain is not None and not 0 <= finding.pain <= 10:
            errors[f"{check.code}-pain"] = _("Pain %(pain)s: pain goes from 0 to 10.") % {"pain": finding.pain}
        elif check.values and finding.value not in ("", *dict(check.values)):
            errors[f"{check.code}-value"] = _("Choose one of the results.")
    if not findings:
        errors["findings"] = _("Record at least one check.")
    if not summary.strip():
        errors["summary"] = _("Write a sentence or two: the next person will read it.")
    if errors:
        raise Refused(_("The audit was not saved. Your answers are still below."), errors)


# Running


@transaction.atomic
def start_trial(trial: Trial, *, path: str = "", actor: User, now: datetime) -> Trial:
    """Assign the starter program along `path`, at the levels the audit found. Today is day 0, day 13 the last.

    Raises NotAllowed, Moved, Contraindicated and the other refusals of `assign`.
    """
    _need_licence(trial.patient.clinic, actor)
    trial = _locked(trial, Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED)
    if trial.audited_at is None or trial.episode is None:
        raise Refused(_("The exercise audit comes first: it says where to begin."))
    version = (
        ProgramVersion.objects.filter(
            template__clinic=trial.patient.clinic_id, template__code=STARTER, state=ProgramVersion.State.PUBLISHED
        )
        .order_by("-number")
        .first()
    )
    if version is None:
        raise Refused(_("The library holds no published program for trials (%(code)s).") % {"code": STARTER})
    path = path or trial.path
    program = assign(trial.episode, version, path=path, actor=actor, now=now)
    for item in ProgramItem.objects.filter(program=program, episode=trial.episode, ended_on=None).select_related(
        "ladder_version", "level", "cap"
    ):
        _begin_at(item, trial.entry_levels.get(item.ladder_version.code, ""), actor=actor, now=now)
    before, trial.state, trial.path = trial.state, Trial.State.ACTIVE, path
    trial.started_on = local_date(now, trial.patient.zone)
    trial.last_day = trial.started_on + LAST_DAY
    return _moved(trial, "start", before, actor=actor, now=now, data={"path": path})


def _begin_at(item: ProgramItem, code: str, *, actor: User, now: datetime) -> None:
    """The audit's level, but never above what this phase allows."""
    level = item.ladder_version.levels.filter(code=code).first() if code else None
    if level is None or level.pk == item.level_id or (item.cap and level.position > item.cap.position):
        return
    set_level(item, level.code, reason=_("Found at the exercise audit"), actor=actor, now=now)


@transaction.atomic
def extend_once(trial: Trial, *, actor: User, now: datetime) -> Trial:
    """Seven more days, one time. Raises Moved if it is not running or was extended before."""
    trial = _locked(trial, Trial.State.ACTIVE)
    if trial.extended:
        raise Moved(_("This trial has been extended already: once is all there is."))
    trial.extended = True
    trial.last_day = _last_day(trial)
    return _moved(trial, "extend", trial.state, actor=actor, now=now, data={"last_day": str(trial.last_day)})


@transaction.atomic
def convert(trial: Trial, *, note: str = "", actor: User, now: datetime) -> Trial:
    """The person stays: the trial is over, its episode and program go on, and the trial's terms no longer hold."""
    trial = _locked(trial, Trial.State.ACTIVE)
    before, trial.state, trial.ended_at, trial.note = trial.state, Trial.State.CONVERTED, now, note.strip()
    people.withdraw_consent(trial.patient, "trial_terms", actor=actor, now=now)
    return _moved(trial, "convert", before, actor=actor, now=now, note=note)


@transaction.atomic
def end_trial(
    trial: Trial, *, outcome: str, reason: str = "", note: str = "", actor: User | None, now: datetime
) -> Trial:
    """End a trial that does not go on, at any stage, and with it the program and the episode.

    `reason` is one of REASONS, asked of people and not of the clock. Raises Moved, Refused naming the field.
    """
    if outcome not in OUTCOMES:
        raise Refused(_("The trial was not ended."), {"outcome": _("Choose how it ended.")})
    if actor is not None and reason not in REASONS:
        raise Refused(_("The trial was not ended."), {"reason": _("Choose a reason.")})
    trial = _locked(trial, *OPEN)
    before, trial.state, trial.ended_at = trial.state, outcome, now
    trial.outcome_reason, trial.note = reason, note.strip()
    if trial.episode is not None and trial.episode.ended_on is None:
        discharge(trial.episode, summary=note or _("The trial ended."), reason="trial_over", actor=actor, now=now)
    return _moved(trial, "end", before, actor=actor, now=now, note=note, data={"reason": reason})


def withdraw(trial: Trial, *, reason: str = "other", note: str = "", actor: User, now: datetime) -> Trial:
    """The person does not want to go on."""
    return end_trial(trial, outcome=Trial.State.WITHDRAWN, reason=reason, note=note, actor=actor, now=now)


# The clock


def end_due_trials(*, now: datetime) -> int:
    """What the clock brings: held days are added, trials past their last local midnight end, old requests expire.

    Idempotent; gives how many rows changed.
    """
    return _end_trials(now=now) + _end_unstarted(now=now) + _expire(now=now) + _forget(now=now)


def _end_trials(*, now: datetime) -> int:
    running = list(Trial.objects.filter(state=Trial.State.ACTIVE).select_related("patient"))
    holds: dict[UUID, list[Hold]] = {}
    for hold in Hold.objects.filter(scope=HoldScope.PLAN, patient__in={trial.patient_id for trial in running}):
        holds.setdefault(hold.patient_id, []).append(hold)
    changed = 0
    for trial in running:
        today = local_date(now, trial.patient.zone)
        days = held_days(trial, holds.get(trial.patient_id, []), today=today)
        changed += _give_back(trial, days, now=now)
        if trial.last_day is not None and trial.last_day < today:
            end_trial(trial, outcome=Trial.State.NOT_CONVERTED, actor=None, now=now)
            changed += 1
    return changed


def held_days(trial: Trial, holds: Iterable[Hold], *, today: date) -> int:
    """Local days of the trial on which the whole plan stood still, counted once, at most 14 (handbook 4.4)."""
    start, name = trial.started_on, trial.patient.zone
    if start is None:
        return 0
    held: set[date] = set()
    for hold in holds:
        day = max(local_date(hold.opened_at, name), start)
        end = local_date(hold.released_at, name) if hold.released_at else today
        while day < end:
            held.add(day)
            day += timedelta(days=1)
    return min(len(held), PAUSE_TOP)


@transaction.atomic
def _give_back(trial: Trial, days: int, *, now: datetime) -> int:
    if days <= trial.paused_days:
        return 0
    trial.paused_days = days
    trial.last_day = _last_day(trial)
    claimed = Trial.objects.filter(pk=trial.pk, state=Trial.State.ACTIVE, paused_days__lt=days)
    if not claimed.update(paused_days=days, last_day=trial.last_day):
        return 0
    _event(
        TrialRequest.objects.get(pk=trial.request_id),
        "add_held_days",
        trial.state,
        trial.state,
        actor=None,
        now=now,
        data={"days": days, "last_day": str(trial.last_day)},
    )
    return 1


def _last_day(trial: Trial) -> date:
    assert trial.started_on is not None
    extra = EXTENSION if trial.extended else timedelta()
    return trial.started_on + LAST_DAY + extra + timedelta(days=trial.paused_days)


def _end_unstarted(*, now: datetime) -> int:
    """Accepted and never begun: after thirty days the place is free again."""
    waiting = [Trial.State.ACCEPTED, Trial.State.AUDIT_BOOKED]
    old = list(Trial.objects.filter(state__in=waiting, accepted_at__lt=now - START_WITHIN).exclude(audit_at__gt=now))
    for trial in old:
        end_trial(trial, outcome=Trial.State.NOT_CONVERTED, reason="not_started", actor=None, now=now)
    return len(old)


@transaction.atomic
def _expire(*, now: datetime) -> int:
    """Requests nobody confirmed. One with urgent warning signs stays on the board until a person has dealt with it."""
    waiting = TrialRequest.objects.filter(
        state=TrialRequest.State.SUBMITTED, submitted_at__lte=now - CONFIRM_WITHIN
    ).exclude(screening=Screening.REFERRED_OUT)
    old = [one for one in waiting if red_flag_severity(one.red_flags) not in (1, 2)]
    for asked in old:
        if TrialRequest.objects.filter(pk=asked.pk, state=asked.state).update(state=TrialRequest.State.EXPIRED):
            _event(asked, "expire", asked.state, TrialRequest.State.EXPIRED, actor=None, now=now)
    return len(old)


def _forget(*, now: datetime) -> int:
    """What was never confirmed is nobody's record: its personal content goes, the row stays as a count."""
    old = TrialRequest.objects.filter(state=TrialRequest.State.EXPIRED, submitted_at__lte=now - FORGET_AFTER)
    return old.exclude(name="", email="").update(
        name="", email="", phone="", birth_date=None, postcode="", complaint="", side="", pain_now=None,
        pain_usual=None, red_flags=[], answers={}, consents=[], screening_reasons=[], person_key="", phone_key="",
    )  # fmt: skip


# Keeping


def _locked(trial: Trial, *states: str) -> Trial:
    """The trial under a row lock, if it is in one of `states`. Raises Moved."""
    found = Trial.objects.select_for_update(of=("self",)).select_related("patient__clinic", "episode", "request")
    trial = found.get(pk=trial.pk)
    if trial.state not in states:
        raise Moved(_("This trial has moved on: %(state)s.") % {"state": trial.get_state_display()})
    return trial


def _moved(
    trial: Trial,
    kind: str,
    before: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> Trial:
    trial.save()
    _event(
        trial.request,
        kind,
        before,
        trial.state,
        actor=actor,
        now=now,
        note=note,
        data=data,
        patient_id=trial.patient_id,
    )
    return trial


def _event(
    asked: TrialRequest,
    kind: str,
    before: str,
    after: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
    patient_id: UUID | None = None,
) -> None:
    TrialEvent.objects.create(
        request=asked, kind=kind, from_state=before, to_state=after, actor=actor, at=now, note=note, data=data or {}
    )
    audit.note(kind, asked, clinic=asked.clinic_id, actor=actor, now=now, patient_id=patient_id)
