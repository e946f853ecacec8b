"""Every step of a flag is kept twice: as an event for those who follow up, and in the audit."""

from collections.abc import Mapping
from datetime import datetime

from clinic import audit
from clinic.models import User
from patients.models import FlagEvent, PainFlag


def record_step(
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
    """Keep one step in a flag's life: an event and an audit row. `actor` None: the rules."""
    FlagEvent.objects.create(
        flag=flag, kind=kind, from_state=before, to_state=after, actor=actor, at=now, note=note, data=dict(data or {})
    )
    audit.note(kind, flag, clinic=flag.clinic_id, actor=actor, now=now, patient_id=flag.patient_id)
