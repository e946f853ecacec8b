"""Links that are mailed and work once: into the portal, and to a new password. Each is a row of its own.

Opening a link changes nothing, since mail scanners open links too: the page it shows has a button, and that spends it.
It works in any browser: the phone that reads mail is often not the one that asked.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import sealing
from clinic.models import MailedLink, SignInCode, User
from clinic.refusals import Refused

Purpose = MailedLink.Purpose
LIFETIMES = {Purpose.SIGN_IN: timedelta(minutes=10), Purpose.PASSWORD: timedelta(hours=1)}
PAGES = {Purpose.SIGN_IN: "sign_in_link", Purpose.PASSWORD: "password_link"}
KEPT = timedelta(days=1)
SEAL = "mailed link"


class LinkIsOver(Refused):
    """Used, out of time, or never made."""


def make(purpose: Purpose, user: User | None, *, now: datetime, code: SignInCode | None = None) -> MailedLink:
    """A link for `user`; without one (an address nobody may use) the same row, which no mail leaves for."""
    MailedLink.objects.filter(expires_at__lt=now - KEPT).delete()
    token = token_urlsafe(32)
    return MailedLink.objects.create(
        purpose=purpose,
        user=user,
        code=code,
        digest=_digest(token),
        sealed=sealing.seal(token, purpose=SEAL),
        requested_at=now,
        expires_at=now + LIFETIMES[purpose],
    )


def path_of(link: MailedLink) -> str:
    """The path of its page: for the mail that is being sent, and nowhere else."""
    return reverse(PAGES[Purpose(link.purpose)], args=[sealing.unseal(link.sealed, purpose=SEAL)])


def forget(link: MailedLink) -> None:
    """The mail has gone: nobody needs the token any more. The link still works."""
    MailedLink.objects.filter(pk=link.pk).update(sealed="")


def works(purpose: Purpose, token: str, *, now: datetime) -> bool:
    return MailedLink.objects.working(now).filter(purpose=purpose, digest=_digest(token)).exists()


def spend(purpose: Purpose, token: str, *, now: datetime) -> User:
    """Use a link up; gives the person it was mailed to. Raises LinkIsOver.

    One conditional update: of two people who press the button at once, one comes in.
    """
    mine = MailedLink.objects.working(now).filter(purpose=purpose, digest=_digest(token))
    link = mine.select_related("user").first()
    # Of the row alone: with the person's table in the condition, PostgreSQL lets two through.
    if link is None or not MailedLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now, sealed=""):
        raise LinkIsOver(_("This link does not work any more. Please ask for a new one."))
    if link.code_id:
        SignInCode.objects.filter(pk=link.code_id, used_at=None).update(used_at=now, sealed="")
    assert link.user is not None  # working(): a row of nobody works for nobody
    return link.user


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
