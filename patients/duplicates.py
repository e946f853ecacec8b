"""Who may be the same person twice: a notice, never a block (handbook 4.6, soft keys)."""

import unicodedata
from difflib import SequenceMatcher

from django.db.models import Q

from patients.models import Identity, TrialRequest
from patients.models.patient import PatientOwnedQuerySet
from patients.person_keys import normal_email, normal_phone

ALIKE = 0.8  # share of two names' letters in common; "Ana Silva" and "Anna Silva" have 0.95
MOST = 5


def look_alikes(known: PatientOwnedQuerySet[Identity], person: Identity | TrialRequest) -> list[Identity]:
    """Those of `known` with the birth date of `person` and a similar name, their e-mail address or their phone.

    `known` is what the reader may see. One query: it finds who is near, in Python they are compared.
    """
    birth_date, address, number = person.birth_date, normal_email(person.email), normal_phone(person.phone)
    near = Q(pk__in=[])
    if birth_date:
        near |= Q(birth_date=birth_date)
    if address:
        near |= Q(email__istartswith=address[:2])
    if number:
        near |= Q(phone__endswith=number[-2:])
    found = known.filter(near, patient__closed_at=None).select_related("patient__owner").order_by("search", "pk")
    return [
        one
        for one in found
        if (birth_date and one.birth_date == birth_date and alike(one.name, person.name))
        or (address and normal_email(one.email) == address)
        or (number and normal_phone(one.phone) == number)
    ][:MOST]


def alike(one: str, other: str) -> bool:
    """Whatever the order of first and family name, and whoever left out the accents."""
    return SequenceMatcher(a=_plain(one), b=_plain(other)).ratio() >= ALIKE


def _plain(name: str) -> str:
    letters = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join(sorted("".join(letters).casefold().split()))
