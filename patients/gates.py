"""Gates of an episode: prerequisites recorded as met, by a person or by a logged test, and taken back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients.models import Episode, GateRecord, Session
from programs.models import Gate


@transaction.atomic
def record_gate(
    episode: Episode,
    code: str,
    *,
    value: str = "",
    session: Session | None = None,
    actor: User | None,
    now: datetime,
) -> GateRecord:
    """Mark a prerequisite as met, by a person (`actor`) or by a logged test (`session`). Twice is once."""
    if not Gate.objects.of(episode.patient.clinic).filter(code=code).exists():
        raise Refused(_("There is no gate called %(code)s in this clinic's library.") % {"code": code})
    record, is_new = GateRecord.objects.get_or_create(
        episode=episode,
        code=code,
        revoked_at=None,
        defaults={
            "patient": episode.patient,
            "value": value,
            "recorded_at": now,
            "recorded_by": actor,
            "session": session,
        },
    )
    if is_new:
        audit.note(
            "record", record, clinic=episode.patient.clinic_id, actor=actor, now=now, patient_id=episode.patient_id
        )
    return record


@transaction.atomic
def revoke_gate(episode: Episode, code: str, *, actor: User | None, now: datetime) -> None:
    for record in GateRecord.objects.filter(episode=episode, code=code, revoked_at=None):
        record.revoked_at = now
        record.save(update_fields=["revoked_at"])
        audit.note(
            "revoke", record, clinic=episode.patient.clinic_id, actor=actor, now=now, patient_id=episode.patient_id
        )
