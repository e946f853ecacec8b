"""The answer to a trial request: a licensed therapist accepts it, and the person becomes a patient, or declines it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic.models import Clinic, Membership, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import people
from patients.episodes import open_episode
from patients.intake import Moved, NotAllowed, record_event, red_flag_severity, screened
from patients.models import ConsentText, Identity, Patient, Trial, TrialRequest
from patients.models.episode import BodySide
from patients.models.intake import Screening
from programs.models.exercise import Region

# Needs no reason; anything else is the therapist's exception, and says why.
FREE = (Screening.ELIGIBLE,)
NEVER = (Screening.REFERRED_OUT, Screening.EXISTING_PATIENT)


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
    need_licence(asked.clinic, actor)
    asked = TrialRequest.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=asked.pk)
    if asked.state != TrialRequest.State.CONFIRMED:
        raise Moved(_("This request is not waiting for an answer: %(state)s.") % {"state": asked.get_state_display()})
    result, reasons = screened(asked, red_flag_severity(asked.red_flags), today=local_date(now, asked.clinic.zone))
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
    record_event(asked, "accept", TrialRequest.State.CONFIRMED, trial.state, actor=actor, now=now, note=reason)
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
    """A consent counts from the moment it was given on the form, to the words that stood there then."""
    at = datetime.fromisoformat(given["at"])
    shown = ConsentText.objects.filter(clinic=patient.clinic_id, kind=given["kind"], version=given["version"]).first()
    consent = people.give_consent(patient, given["kind"], text=shown, source="trial form", actor=actor, now=at)
    if consent.given_at == at and consent.source == "trial form":
        consent.given_by = patient.user
        consent.save(update_fields=["given_by"])


@transaction.atomic
def decline_request(asked: TrialRequest, *, reason: str, actor: User, now: datetime) -> TrialRequest:
    """Close a request without a trial, also one that was sent to emergency care. Raises Refused without a reason."""
    if red_flag_severity(asked.red_flags) in (1, 2):
        need_licence(asked.clinic, actor)
    if not reason.strip():
        raise Refused(_("The request was not closed."), {"reason": _("Say why, and what the person was told.")})
    asked = TrialRequest.objects.select_for_update(of=("self",)).select_related("clinic").get(pk=asked.pk)
    before = asked.state
    if before not in (TrialRequest.State.SUBMITTED, TrialRequest.State.CONFIRMED):
        raise Moved(_("This request is not waiting for an answer: %(state)s.") % {"state": asked.get_state_display()})
    _decide(asked, TrialRequest.State.DECLINED, note=reason, actor=actor, now=now)
    record_event(asked, "decline", before, asked.state, actor=actor, now=now, note=reason)
    return asked


def _decide(asked: TrialRequest, state: str, *, note: str, actor: User, now: datetime) -> None:
    asked.state, asked.decided_at, asked.decided_by = state, now, actor
    asked.decision_note = note.strip()[:240]
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError:
        raise Refused(_("This person has just been given a trial through another request.")) from None


def need_licence(clinic: Clinic, actor: User) -> None:
    """Raises NotAllowed unless `actor` is a licensed therapist of `clinic`."""
    membership = Membership.objects.active().filter(user=actor, clinic=clinic).first()
    if not may_accept(membership):
        raise NotAllowed(_("Only a licensed therapist of the clinic may do this."))
