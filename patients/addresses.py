"""Another e-mail address: for a patient the way in, and where the mails go.

A patient changes their own, once a code mailed to the new address shows that it is theirs. Staff set one for a patient
who asks them to. Either way the old address gets a mail, and every way in that it had ends.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from clinic import accounts, audit, sign_in
from clinic.limits import Limit, spend
from clinic.models import SignInCode, User
from clinic.refusals import Refused
from patients.models import Patient
from patients.people import search_words, user_for

Purpose = SignInCode.Purpose
NEW_ADDRESSES = Limit("new address", 10, timedelta(days=1))


def ask_for_own(user: User, email: str, *, visitor: str, now: datetime) -> SignInCode:
    """Mail a code to the new address of `user`. One that somebody has, staff too, gets the same answer and no mail.

    `visitor` is the network address. Raises Refused: no address, the same address; TooManyTries.
    """
    email = _checked(email, _("Nothing was changed."))
    if email in ("", user.email):
        raise Refused(_("Nothing was changed."), {"email": _("That is your address already.")})
    if not spend(NEW_ADDRESSES, str(user.pk), now=now):
        raise sign_in.TooManyTries(_("Too many tries today. Please try again tomorrow."))
    sign_in.spend_mail(email, visitor=visitor, now=now)
    is_free = not User.objects.filter(email=email).exists()
    return sign_in.make_code(Purpose.ADDRESS, user if is_free else None, address=email, now=now)


def asked_address(code_id: UUID | str) -> str:
    """The address a code was asked for; empty if the row has been cleared away."""
    return SignInCode.objects.filter(pk=code_id).values_list("address", flat=True).first() or ""


def take_own(user: User, code_id: UUID | str, typed: str, *, now: datetime) -> None:
    """The new address holds, in every clinic, and every session and device of `user` ends.

    The try is counted before anything else, outside of the transaction. Raises WrongCode, CodeIsOver.
    """
    row = sign_in.use_code(Purpose.ADDRESS, code_id, typed, now=now)
    if row.user != user:
        raise sign_in.CodeIsOver(str(sign_in.OVER))
    _move(user, row.address, now=now)


@transaction.atomic
def _move(user: User, email: str, *, now: datetime) -> None:
    old = user.email
    user.email = email
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError:  # somebody else has it since the code was asked for
        user.email = old
        raise sign_in.CodeIsOver(str(sign_in.OVER)) from None
    patients = list(Patient.objects.filter(user=user).select_related("identity").order_by("-created_at"))
    for patient in patients:
        _write(patient, email, actor=user, now=now)
    clinic = patients[0].clinic_id if patients else None
    accounts.note_new_address(user, old=old, clinic=clinic, actor=user, now=now)


@transaction.atomic
def change_address(patient: Patient, *, email: str, actor: User, now: datetime) -> Patient:
    """Set the address of a patient, as staff. Another one is another sign-in: the old one loses the portal.

    An empty one leaves the patient without a portal. Raises Refused naming the field: malformed, another patient's.
    """
    refused = _("Nothing was changed.")
    email = _checked(email, refused)
    if email == patient.identity.email:
        return patient
    old = patient.user
    patient.user = user_for(email, name=patient.identity.name) if email else None
    try:
        with transaction.atomic():
            patient.save(update_fields=["user"])
    except IntegrityError:
        text = _("%(email)s already belongs to a patient of this clinic.") % {"email": email}
        raise Refused(refused, {"email": text}) from None
    _write(patient, email, actor=actor, now=now)
    if old:
        accounts.note_new_address(old, old=old.email, clinic=patient.clinic_id, actor=actor, now=now)
    return patient


def _write(patient: Patient, email: str, *, actor: User, now: datetime) -> None:
    identity = patient.identity
    identity.email = email
    identity.search = search_words(identity)
    identity.save(update_fields=["email", "search"])
    audit.note("change_address", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)


def _checked(email: str, refused: str) -> str:
    email = email.strip().lower()
    if email:
        try:
            validate_email(email)
        except ValidationError:
            text = _("%(email)s is not an e-mail address.") % {"email": email}
            raise Refused(refused, {"email": text}) from None
    return email
