"""Gates of an episode: prerequisites recorded as met, by a person or by a logged test, and taken back.

Who may record a gate is the library's word (`Gate.recorded_by`): whoever records it says how.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Membership, User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients.models import Episode, GateRecord, Patient, Session
from programs.models import Gate
from programs.words import recorder_words

How, Waiting = GateRecord.How, GateRecord.Waiting
BOTH = "log_plus_therapist"

# The exercise audit is a clinician's look at the very test, so it may stand for a log (catalogue, `screens`).
MAY_RECORD: Mapping[str, frozenset[str]] = {
    "therapist": frozenset({How.PERSON, How.AUDIT}),
    "therapist_or_self": frozenset({How.PERSON, How.AUDIT, How.SELF}),
    "therapist_or_video": frozenset({How.PERSON, How.AUDIT, How.VIDEO}),
    "log": frozenset({How.LOG, How.AUDIT}),
    BOTH: frozenset({How.PERSON, How.AUDIT, How.LOG}),
}


class NotTheirs(Refused):
    """The library wants this gate recorded in another way."""


@transaction.atomic
def record_gate(
    episode: Episode,
    code: str,
    *,
    how: str = How.PERSON,
    value: str = "",
    session: Session | None = None,
    actor: User | None,
    now: datetime,
) -> GateRecord:
    """Mark a prerequisite as met, by a person (`actor`) or by a logged test (`session`). Twice is once.

    A gate that asks for a log and a therapist is met when both have come, in any order. Raises NotTheirs where the
    library wants it recorded in another way.
    """
    gate = _gate(episode, code)
    if how not in MAY_RECORD.get(gate.recorded_by, frozenset({How.PERSON})):
        raise NotTheirs(
            _("“%(gate)s” is recorded by %(who)s.") % {"gate": gate.text, "who": recorder_words(gate.recorded_by)}
        )
    missing = _other_part(how) if gate.recorded_by == BOTH else Waiting.NOBODY
    record, is_new = GateRecord.objects.select_for_update(of=("self",)).get_or_create(
        episode=episode,
        code=code,
        revoked_at=None,
        defaults={
            "patient": episode.patient,
            "value": value,
            "how": how,
            "waiting_for": missing,
            "recorded_at": now,
            "recorded_by": actor,
            "session": session,
        },
    )
    completes = not is_new and record.waiting_for and record.waiting_for != missing
    if completes:
        record.waiting_for, record.completed_at = Waiting.NOBODY, now
        record.recorded_by, record.session = record.recorded_by or actor, record.session or session
        record.save(update_fields=["waiting_for", "completed_at", "recorded_by", "session"])
    if is_new or completes:
        _note("record", record, actor=actor, now=now)
    return record


@transaction.atomic
def go_without(
    episode: Episode, code: str, *, reason: str, review_on: date | None, actor: User, now: datetime
) -> GateRecord:
    """A licensed therapist lets a patient go on without a gate, with a reason and a day to look again.

    Only where the library says so (`Gate.overridable`). Raises Refused naming the field.
    """
    gate = _gate(episode, code)
    refuse_exception(episode, reason=reason, review_on=review_on, actor=actor, now=now)
    if not gate.overridable:
        raise Refused(_("The library does not let anybody go without “%(gate)s”.") % {"gate": gate.text})
    GateRecord.objects.standing().filter(episode=episode, code=code).exclude(waiting_for="").update(
        revoked_at=now, revoked_by=actor
    )
    record, is_new = GateRecord.objects.get_or_create(
        episode=episode,
        code=code,
        revoked_at=None,
        defaults={
            "patient": episode.patient,
            "how": How.EXCEPTION,
            "recorded_at": now,
            "recorded_by": actor,
            "reason": reason.strip(),
            "review_on": review_on,
        },
    )
    if is_new:
        _note("except", record, actor=actor, now=now)
    return record


def refuse_exception(episode: Episode, *, reason: str, review_on: date | None, actor: User, now: datetime) -> None:
    """What every exception asks for: an open episode, a licensed therapist, a reason, and a day that is to come."""
    if episode.ended_on is not None:
        raise Refused(_("This episode is closed: open a new one for a return."))
    clinic = episode.patient.clinic_id
    if not Membership.objects.filter(user=actor, clinic=clinic, left_at=None, therapist=True, licensed=True).exists():
        raise Refused(_("Only a licensed therapist may make an exception."))
    errors = {}
    if not reason.strip():
        errors["reason"] = _("Say why: the next person will ask.")
    if review_on is None or review_on <= local_date(now, episode.patient.zone):
        errors["review_on"] = _("Choose a day that is still to come.")
    if errors:
        raise Refused(_("No exception was made."), errors)


@transaction.atomic
def revoke_gate(episode: Episode, code: str, *, actor: User | None, now: datetime) -> None:
    """Take back what was recorded, or an exception. The row stays, with who took it back and when."""
    for record in GateRecord.objects.standing().filter(episode=episode, code=code):
        record.revoked_at, record.revoked_by = now, actor
        record.save(update_fields=["revoked_at", "revoked_by"])
        _note("revoke", record, actor=actor, now=now)


def gates_in_words(patient: Patient, codes: Iterable[str]) -> QuerySet[Gate]:
    """The book's gates of these codes at the patient's clinic: their words, for whoever may see the patient."""
    return Gate.objects.filter(clinic=patient.clinic_id, code__in=list(codes)).order_by("text")


def ways_for_staff(gate: Gate, record: GateRecord | None) -> list[str]:
    """How a therapist may record a gate now, seen in person or on video; none where it stands or only a log sets it."""
    if record is not None and record.waiting_for != Waiting.THERAPIST:
        return []
    return [way for way in (How.PERSON, How.VIDEO) if way in MAY_RECORD.get(gate.recorded_by, frozenset({How.PERSON}))]


def _gate(episode: Episode, code: str) -> Gate:
    gate = Gate.objects.of(episode.patient.clinic).filter(code=code).first()
    if gate is None:
        raise Refused(_("There is no gate called %(code)s in this clinic's library.") % {"code": code})
    return gate


def _other_part(how: str) -> str:
    return Waiting.THERAPIST if how == How.LOG else Waiting.LOG


def _note(verb: str, record: GateRecord, *, actor: User | None, now: datetime) -> None:
    patient = record.episode.patient
    audit.note(verb, record, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
