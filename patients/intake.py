"""The way into the free trial: a stranger's request and its screening (handbook section 4).

Nobody is a patient before a licensed therapist says yes; a warning sign is answered before anything else is looked at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.limits import Limit, spend
from clinic.models import Clinic, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import consent_texts
from patients.models import Episode, Trial, TrialEvent, TrialRequest
from patients.models.episode import BodySide, Slump
from patients.models.intake import Screening
from patients.person_keys import email_keys, phone_keys
from patients.safety import Safety, before_care
from patients.screening import Applicant, age_on, in_area, screen
from patients.trial_terms import KINDS, REQUIRED
from programs.rulebook import current_rules
from programs.rules import RED_FLAGS, Facts, assess

SAME_REQUEST = timedelta(days=1)

VISITOR_LIMIT = Limit("trial visitor", 5, timedelta(hours=1))
ADDRESS_LIMIT = Limit("trial address", 3, timedelta(days=1))
# Only what is kept of warning signs is bounded, so that nobody can flood the board. They are answered without limit.
URGENT_LIMIT = Limit("trial warning signs", 20, timedelta(days=1))


class TooMany(Refused):
    """A visitor has sent too many requests; nothing was kept."""


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
        return Requested(kept, safety, screened(row, severity, today=today)[0], errors)
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
    result, row.screening_reasons = screened(row, severity, today=local_date(now, row.clinic.zone))
    row.screening = result
    is_new = not TrialRequest.objects.filter(pk=row.pk).exists()
    row.save(force_insert=is_new, force_update=not is_new)
    record_event(
        row, "submit" if is_new else "submit_again", "", row.state, actor=actor, now=now, note=str(result.label)
    )
    return row


def screened(row: TrialRequest, severity: int | None, *, today: date) -> tuple[Screening, list[str]]:
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
    """As they were given: kind, version of the words that were shown, and when."""
    return [
        {"kind": kind, "version": str(consent_texts.todays(clinic, kind, now=now).version), "at": now.isoformat()}
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


# Keeping


def record_event(
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
    """The event and audit row of one step, of a request or of the trial that came of it."""
    TrialEvent.objects.create(
        request=asked, kind=kind, from_state=before, to_state=after, actor=actor, at=now, note=note, data=data or {}
    )
    audit.note(kind, asked, clinic=asked.clinic_id, actor=actor, now=now, patient_id=patient_id)
