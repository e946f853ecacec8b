"""The clinic itself: its settings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from clinic import audit
from clinic.models import Clinic, User


@transaction.atomic
def change_settings(
    clinic: Clinic, *, staffed_hours: Mapping[str, Sequence[str]], actor: User, now: datetime
) -> Clinic:
    """Save `clinic` as it was filled in and checked by its form. Hours: weekday "0" (Monday) to [from, until]."""
    clinic.staffed_hours = {day: list(span) for day, span in staffed_hours.items()}
    clinic.save()
    audit.note("change_settings", clinic, clinic=clinic, actor=actor, now=now)
    return clinic
