"""The one link in a mail that leads somewhere else than the front door, and is made here."""

from django.core import signing
from django.urls import reverse

from patients.models import TrialRequest

CONFIRM_SALT = "patients.intake.confirm"


def confirmation_path(asked: TrialRequest) -> str:
    """The path by which somebody proves that the address in their request is theirs. GET there changes nothing."""
    return reverse("intake:confirm", args=[signing.dumps(asked.pk.hex, salt=CONFIRM_SALT)])
