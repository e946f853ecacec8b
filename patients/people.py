"""Patients, the people who look after them, and what they agreed to."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Clinic, User
from clinic.refusals import Refused
from clinic.zones import offered_zones
from patients import consent_texts
from patients.models import Consent, ConsentText, Identity, Patient, Preferences, Proxy


@transaction.atomic
def add_patient(
    clinic: Clinic,
    *,
    name: str,
    called: str = "",
    email: str = "",
    phone: str = "",
    birth_date: date | None = None,
    postcode: str = "",
    zone: str = "",
    owner: User | None = None,
    equipment: Sequence[str] = (),
    actor: User | None,
    now: datetime,
) -> Patient:
    """Add a person to the clinic; without an e-mail address the patient is whole and has no portal.

    Raises Refused naming the field: no name, a malformed or already used address, an unknown zone.
    """
    email = email.strip().lower()
    errors = _faults(name=name, email=email, zone=zone)
    if errors:
        raise Refused(_("The patient was not added."), errors)
    user = user_for(email, name=name) if email else None
    try:
        with transaction.atomic():
            patient = Patient.objects.create(
                clinic=clinic,
                user=user,
                owner=owner,
                zone=zone or clinic.zone,
                equipment=list(equipment),
                equipment_asked_at=now if equipment else None,
                created_at=now,
            )
    except IntegrityError:
        text = _("%(email)s already belongs to a patient of this clinic.") % {"email": email}
        raise Refused(_("The patient was not added."), {"email": text}) from None
    identity = Identity(
        patient=patient,
        name=name.strip(),
        called=called.strip(),
        email=email,
        phone=phone.strip(),
        birth_date=birth_date,
        postcode=postcode.strip().upper(),
    )
    identity.search = search_words(identity)
    identity.save()
    Preferences.objects.create(patient=patient)
    audit.note("add", patient, clinic=clinic, actor=actor, now=now, patient_id=patient.pk)
    return patient


@transaction.atomic
def change_contact(
    patient: Patient,
    *,
    name: str,
    called: str,
    phone: str,
    birth_date: date | None,
    postcode: str,
    emergency_contact: str,
    zone: str,
    owner: User | None,
    equipment: Sequence[str],
    actor: User | None,
    now: datetime,
) -> Patient:
    """Change who the person is and how to reach them; the address has a way of its own (patients/addresses.py).

    Raises Refused naming the field: no name, an unknown zone.
    """
    if errors := _faults(name=name, email="", zone=zone):
        raise Refused(_("Nothing was changed."), errors)
    identity = patient.identity
    if list(equipment) != patient.equipment:
        patient.equipment, patient.equipment_asked_at = list(equipment), now
    patient.owner, patient.zone = owner, zone or patient.zone
    patient.save()
    identity.name, identity.called = name.strip(), called.strip()
    identity.phone, identity.birth_date, identity.postcode = phone.strip(), birth_date, postcode.strip().upper()
    identity.emergency_contact = emergency_contact.strip()
    identity.search = search_words(identity)
    identity.save()
    Preferences.objects.filter(patient=patient).update(is_planned=False)  # the post reckons again in the new zone
    audit.note("change_contact", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return patient


def search_words(identity: Identity) -> str:
    """What the search box compares with: case-folded, since SQLite folds only ASCII letters itself."""
    return " ".join([identity.name, identity.called, identity.email, identity.phone]).casefold()[:320]


def _faults(*, name: str, email: str, zone: str) -> dict[str, str]:
    errors = {}
    if not name.strip():
        errors["name"] = _("Enter a name.")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            errors["email"] = _("%(email)s is not an e-mail address.") % {"email": email}
    if zone and zone not in offered_zones():
        errors["zone"] = _("%(zone)s is not a time zone: take one like Europe/London.") % {"zone": zone}
    return errors


def user_for(email: str, *, name: str) -> User:
    known = User.objects.filter(email=email).first()
    return known or User.objects.create_user(email, name=name)


@transaction.atomic
def add_proxy(
    patient: Patient, *, user_email: str, name: str, relation: str, actor: User | None, now: datetime
) -> Proxy:
    """Let a carer or guardian open the portal of `patient`. Asking twice gives the same proxy."""
    email = user_email.strip().lower()
    if errors := _faults(name=name, email=email, zone=""):
        raise Refused(_("The carer was not added."), errors)
    user = user_for(email, name=name)
    proxy, is_new = Proxy.objects.get_or_create(
        patient=patient,
        user=user,
        revoked_at=None,
        defaults={"relation": relation.strip(), "granted_at": now, "granted_by": actor},
    )
    if is_new:
        audit.note("add", proxy, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return proxy


@transaction.atomic
def revoke_proxy(proxy: Proxy, *, actor: User | None, now: datetime) -> None:
    if Proxy.objects.filter(pk=proxy.pk, revoked_at=None).update(revoked_at=now):
        audit.note("revoke", proxy, clinic=proxy.patient.clinic_id, actor=actor, now=now, patient_id=proxy.patient_id)


@transaction.atomic
def give_consent(
    patient: Patient,
    kind: str,
    *,
    text: ConsentText | None = None,
    source: str = "portal",
    actor: User | None,
    now: datetime,
) -> Consent:
    """Record a consent with the words that were shown, those of today unless `text` is given; none for a paper.

    A consent already given stands, unless the clinic has changed its words since: then the new one takes its place.
    """
    if text is None and source != "paper":
        text = consent_texts.todays(patient.clinic, kind, now=now)
    Consent.objects.filter(patient=patient, kind=kind).reworded().update(revoked_at=now)
    consent, is_new = Consent.objects.get_or_create(
        patient=patient,
        kind=kind,
        revoked_at=None,
        defaults={
            "text": text,
            "version": str(text.version) if text else "",
            "text_hash": consent_texts.digest(text) if text else "",
            "given_at": now,
            "given_by": actor,
            "source": source,
        },
    )
    if is_new:
        audit.note("consent", consent, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return consent


@transaction.atomic
def withdraw_consent(patient: Patient, kind: str, *, actor: User | None, now: datetime) -> None:
    for consent in Consent.objects.filter(patient=patient, kind=kind, revoked_at=None):
        consent.revoked_at = now
        consent.save(update_fields=["revoked_at"])
        audit.note("withdraw", consent, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)


@transaction.atomic
def record_paper_consents(patient: Patient, *, kinds: Collection[str], actor: User | None, now: datetime) -> None:
    """Make the consents of `patient` those of a signed paper: give what is new, withdraw what the paper lacks."""
    given = set(Consent.objects.filter(patient=patient, revoked_at=None).values_list("kind", flat=True))
    for kind in sorted(set(kinds) - given):
        give_consent(patient, kind, source="paper", actor=actor, now=now)
    for kind in sorted(given - set(kinds)):
        withdraw_consent(patient, kind, actor=actor, now=now)
