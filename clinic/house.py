"""The clinic itself: opened, and its settings."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clinic import accounts, audit
from clinic.models import Clinic, Role, User
from clinic.refusals import Refused


@transaction.atomic
def open_clinic(
    *, name: str, short_name: str, slug: str, zone: str, owner_name: str, owner_email: str, now: datetime
) -> Clinic:
    """Make a clinic and invite its first owner, who fills in the other settings. There is no actor: nobody is here yet.

    Raises Refused naming the field: what a clinic may not be called, a slug that is taken, an owner without an address.
    """
    clinic = Clinic(name=name.strip(), short_name=short_name.strip(), slug=slug, zone=zone)
    try:
        clinic.full_clean()
    except ValidationError as faults:
        errors = {field: " ".join(texts) for field, texts in faults.message_dict.items()}
        raise Refused(_("No clinic was opened."), errors) from None
    clinic.save()
    audit.note("open_clinic", clinic, clinic=clinic, actor=None, now=now)
    accounts.invite_member(clinic, name=owner_name, email=owner_email, roles=[Role.OWNER], actor=None, now=now)
    return clinic


@transaction.atomic
def change_settings(
    clinic: Clinic, *, staffed_hours: Mapping[str, Sequence[str]], actor: User, now: datetime
) -> Clinic:
    """Save `clinic` as it was filled in and checked by its form. Hours: weekday "0" (Monday) to [from, until]."""
    clinic.staffed_hours = {day: list(span) for day, span in staffed_hours.items()}
    clinic.save()
    audit.note("change_settings", clinic, clinic=clinic, actor=actor, now=now)
    return clinic
