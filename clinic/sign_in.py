"""Signing in: patients by a six-digit code or a link, both in one mail; staff by password.

Whoever asks for a code gets the same answer and causes the same work, whether or not the address is known.
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import doorbell, mailed_links, sealing
from clinic.limits import Limit, spend
from clinic.mailed_links import Purpose
from clinic.models import MailedLink, Membership, SignInCode, User
from clinic.refusals import Refused

LIFETIME = timedelta(seconds=600)
MOST_TRIES = 5  # a code; with CODE_LIMITS a stranger has 25 guesses in a million per quarter of an hour
CODE_LIMITS = (Limit("code", 5, timedelta(minutes=15)), Limit("code a day", 20, timedelta(days=1)))
CODE_VISITOR = Limit("code visitor", 20, timedelta(minutes=15))
PASSWORD_LIMIT = Limit("password", 10, timedelta(minutes=15))
PASSWORD_VISITOR = Limit("password visitor", 60, timedelta(minutes=15))
CODES_KEPT = timedelta(days=1)
SEAL = "sign-in code"
OVER = gettext_lazy("This code cannot be used any more. Please ask for a new one.")


class TooManyTries(Refused):
    """A limit is reached; nothing was checked."""


class WrongCode(Refused):
    """The code does not match; it may be tried again."""


class CodeIsOver(Refused):
    """Used, out of time, or tried too often: a new one is needed."""


class WrongPassword(Refused):
    """No member of staff with this address and this password."""


def send_code(email: str, *, visitor: str, now: datetime) -> SignInCode:
    """Make a code and a link for the person behind `email`; the outbox mails both. `visitor` is the network address.

    For an address nobody may use (unknown, inactive, staff) the row has no user and no mail is sent.
    Raises TooManyTries.
    """
    email = email.strip().lower()
    spend_mail(email, visitor=visitor, now=now)
    with transaction.atomic():
        row = make_code(SignInCode.Purpose.SIGN_IN, _patient_of(email), now=now)
        mailed_links.make(Purpose.SIGN_IN, row.user, code=row, now=now)
    return row


def make_code(purpose: SignInCode.Purpose, user: User | None, *, address: str = "", now: datetime) -> SignInCode:
    """A new code for `user`, to be mailed to their address, or to `address`; without a user no mail leaves."""
    number = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        SignInCode.objects.filter(expires_at__lt=now - CODES_KEPT).delete()
        row = SignInCode(purpose=purpose, user=user, address=address, requested_at=now, expires_at=now + LIFETIME)
        row.sealed = sealing.seal(number, purpose=SEAL)
        row.digest = _digest(row.pk, number)
        row.save()
        doorbell.ring("reminders.tasks.send_codes")
    return row


def open_code(row: SignInCode) -> str:
    """The six digits, for the mail that is being sent."""
    return sealing.unseal(row.sealed, purpose=SEAL)


def forget_code(row: SignInCode) -> None:
    """The mail has gone: nobody needs digits and link any more. The code can still be typed, the link opened."""
    SignInCode.objects.filter(pk=row.pk).update(sealed="")
    MailedLink.objects.filter(code=row).update(sealed="")


def redeem_code(code_id: UUID | str, typed: str, *, now: datetime) -> User:
    """The person who may come in with the code. Works once. Raises WrongCode or CodeIsOver."""
    row = use_code(SignInCode.Purpose.SIGN_IN, code_id, typed, now=now)
    MailedLink.objects.filter(code=row, used_at=None).update(used_at=now, sealed="")
    assert row.user is not None  # use_code(): a row of nobody works for nobody
    return row.user


def use_code(purpose: SignInCode.Purpose, code_id: UUID | str, typed: str, *, now: datetime) -> SignInCode:
    """Use a code up; gives its row, which has a user. Raises WrongCode or CodeIsOver.

    The try is spent before the comparison, by a conditional update: guesses sent at the same moment each cost one.
    """
    alive = SignInCode.objects.filter(pk=code_id, purpose=purpose, used_at=None, expires_at__gt=now)
    if not alive.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        raise CodeIsOver(str(OVER))
    row = SignInCode.objects.select_related("user").get(pk=code_id)
    matches = constant_time_compare(row.digest, _digest(row.pk, "".join(typed.split())))
    if not (matches and row.user and may_use_a_code(row.user)):
        whose = row.user.email if row.user else ""
        user_login_failed.send(sender=SignInCode, credentials={"email": whose}, request=None)
        if row.tries >= MOST_TRIES:
            raise CodeIsOver(_("That was not the right code, too many times. Please ask for a new one."))
        raise WrongCode(_("That is not the code we sent. Please look at the newest mail and try again."))
    if not alive.update(used_at=now, sealed=""):
        raise CodeIsOver(str(OVER))
    return row


def end_keys(user: User, *, now: datetime) -> None:
    """Codes and links of `user` that are still under way in mails work no more."""
    SignInCode.objects.filter(user=user, used_at=None).update(used_at=now, sealed="")
    MailedLink.objects.filter(user=user, used_at=None).update(used_at=now, sealed="")


def redeem_link(token: str, *, now: datetime) -> User:
    """The person who may come in with a mailed link. Works once, in any browser. Raises LinkIsOver."""
    user = mailed_links.spend(Purpose.SIGN_IN, token, now=now)
    if not may_use_a_code(user):
        raise mailed_links.LinkIsOver(_("This link does not work any more. Please ask for a new one."))
    return user


def ask_for_password(email: str, *, visitor: str, now: datetime) -> MailedLink:
    """Mail the member of staff behind `email` a link to a new password; others get the same row and no mail.

    Raises TooManyTries.
    """
    email = email.strip().lower()
    spend_mail(email, visitor=visitor, now=now)
    with transaction.atomic():
        user = _known(email)
        knows_one = bool(user and user.works and user.has_usable_password())  # type: ignore[attr-defined]
        link = mailed_links.make(Purpose.PASSWORD, user if knows_one else None, now=now)
        doorbell.ring("reminders.tasks.send_codes")
    return link


def with_password(request: HttpRequest, email: str, password: str, *, visitor: str, now: datetime) -> User:
    """The member of staff with this address and password. Raises TooManyTries (before hashing) or WrongPassword."""
    email = email.strip().lower()
    _spend((PASSWORD_VISITOR, visitor), (PASSWORD_LIMIT, email), now=now)
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User) or not is_on_staff(user):
        raise WrongPassword(_("E-mail and password do not match. Please check both."))
    return user


def is_on_staff(user: User) -> bool:
    return Membership.objects.active().filter(user=user).exists()


def may_use_a_code(user: User) -> bool:
    """Mail alone is too weak a key for people who see patients."""
    return user.is_active and not is_on_staff(user)


def _patient_of(email: str) -> User | None:
    user = _known(email)
    return user if user and not user.works else None  # type: ignore[attr-defined]


def _known(email: str) -> User | None:
    """Who may come in with the address, `works` saying whether as staff: one query, whether or not it is known."""
    works = Membership.objects.active().filter(user=OuterRef("pk"))
    return User.objects.filter(email=email, is_active=True).annotate(works=Exists(works)).first()


def spend_mail(address: str, *, visitor: str, now: datetime) -> None:
    """Count a mail with a key that is asked for. Raises TooManyTries."""
    _spend((CODE_VISITOR, visitor), *((limit, address) for limit in CODE_LIMITS), now=now)


def _spend(*limits: tuple[Limit, str], now: datetime) -> None:
    if not all(spend(limit, subject, now=now) for limit, subject in limits):
        raise TooManyTries(_("Too many tries. Please wait 15 minutes and try again."))


def _digest(code_id: UUID, number: str) -> str:
    return salted_hmac("clinic.sign_in", f"{code_id}:{number}", algorithm="sha256").hexdigest()
