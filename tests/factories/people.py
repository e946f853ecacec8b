"""Clinics, their people and their patients."""

from collections.abc import Sequence
from datetime import UTC, datetime

from clinic.models import Clinic, Membership, User
from patients.models import Consent, Identity, Patient, Preferences, Proxy

# A Monday morning in winter: London is on UTC.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "thirty reps on each leg"
EVERYDAY_CONSENTS = ("treatment", "privacy", "health_data", "email", "reminders")


def make_clinic(name: str = "Riverside Physio", *, slug: str = "", **fields: object) -> Clinic:
    """A clinic that is ready: it has a phone and an emergency number."""
    given = {
        "short_name": name.split(" ")[0],
        "zone": "Europe/London",
        "phone": "020 7946 0100",
        "emergency_number": "999",
        "urgent_care": "NHS 111",
        "email": "desk@clinic.example",
    }
    slug = slug or name.lower().replace(" ", "-")
    return Clinic.objects.create(name=name, slug=slug, **(given | fields))


def make_user(name: str, *, email: str = "", password: str | None = None, is_active: bool = True) -> User:
    email = email or f"{name.lower().replace(' ', '.')}@people.example"
    user = User.objects.create_user(email, password, name=name)
    if not is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
    return user


def make_member(
    clinic: Clinic, name: str, *roles: str, licensed: bool = False, email: str = "", left_at: datetime | None = None
) -> User:
    """A person who works in the clinic and signs in with PASSWORD."""
    user = make_user(name, email=email, password=PASSWORD)
    join(clinic, user, *roles, licensed=licensed, left_at=left_at)
    return user


def join(
    clinic: Clinic, user: User, *roles: str, licensed: bool = False, left_at: datetime | None = None
) -> Membership:
    return Membership.objects.create(
        clinic=clinic,
        user=user,
        licensed=licensed,
        joined_at=NOW,
        left_at=left_at,
        **dict.fromkeys(roles, True),
    )


def make_patient(
    clinic: Clinic,
    name: str,
    *,
    owner: User | None = None,
    email: str | None = None,
    zone: str = "Europe/London",
    consents: Sequence[str] = EVERYDAY_CONSENTS,
    now: datetime = NOW,
) -> Patient:
    """A patient with identity, preferences and the everyday consents; `email=""` makes one without a portal."""
    email = f"{name.lower().replace(' ', '.')}@people.example" if email is None else email
    user = make_user(name, email=email) if email else None
    patient = Patient.objects.create(clinic=clinic, user=user, owner=owner, zone=zone, created_at=now)
    Identity.objects.create(
        patient=patient, name=name, email=email, phone="020 7946 0200", search=f"{name} {email}".casefold()
    )
    Preferences.objects.create(patient=patient)
    for kind in consents:
        give_consent(patient, kind, now=now)
    return patient


def give_consent(patient: Patient, kind: str, *, now: datetime = NOW) -> Consent:
    return Consent.objects.create(
        patient=patient, kind=kind, version="1", text_hash="0" * 64, given_at=now, source="paper"
    )


def make_proxy(patient: Patient, user: User, *, relation: str = "daughter", now: datetime = NOW) -> Proxy:
    return Proxy.objects.create(patient=patient, user=user, relation=relation, granted_at=now)
