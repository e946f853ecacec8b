"""Tokens by which a device of a person talks to the API: issued once, kept as a digest, ended by a click."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.db import models, transaction
from django.utils.translation import gettext as _

from clinic import audit, limits
from clinic.models import DeviceToken, User
from clinic.refusals import Refused

# Says what a leaked string is, to people and to the programs that look for such strings.
PREFIX = "stepwell_"
RANDOM_BYTES = 32
LONGEST_NAME = 60
MOST_DEVICES = 20
ISSUES = limits.Limit("device token", most=20, within=timedelta(days=1))
# A lost device that nobody reported stops by itself.
IDLE = timedelta(days=180)
NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def issue(user: User, *, name: str, now: datetime) -> tuple[DeviceToken, str]:
    """A new token of `user`: its row, and the token itself, which is shown this once and kept nowhere.

    Raises Refused: no name or too long a one, too many devices, too many tokens made today.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        text = _("Give the device a name of 1 to %(most)d characters.") % {"most": LONGEST_NAME}
        raise Refused(_("No token was made."), {"name": text})
    if devices_of(user).count() >= MOST_DEVICES:
        raise Refused(_("You have %(most)d devices already: remove one first.") % {"most": MOST_DEVICES})
    if not limits.spend(ISSUES, str(user.pk), now=now):
        raise Refused(_("Too many tokens were made today. Please try again tomorrow."))
    token = PREFIX + token_urlsafe(RANDOM_BYTES)
    row = DeviceToken.objects.create(user=user, name=name, digest=_digest(token), created_at=now)
    audit.note("issue", row, clinic=None, actor=user, now=now)
    return row, token


@transaction.atomic
def revoke(row: DeviceToken, *, actor: User, now: datetime) -> None:
    """End a token at once. Ending it twice changes nothing."""
    if DeviceToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now):
        audit.note("revoke", row, clinic=None, actor=actor, now=now)


def devices_of(user: User) -> models.QuerySet[DeviceToken]:
    """The devices of `user` that have not been removed."""
    return DeviceToken.objects.filter(user=user, revoked_at=None)


def holder_of(token: str, *, now: datetime) -> DeviceToken | None:
    """The row of a token that works now, with its user; None if it is unknown, ended, idle too long or disabled.

    Looked up by digest: the comparison happens in an index over values nobody can choose, so its time tells nothing.
    """
    working = DeviceToken.objects.filter(revoked_at=None, user__is_active=True).select_related("user")
    row = working.filter(digest=_digest(token)).first()
    if row is None or (row.last_used_at or row.created_at) < now - IDLE:
        return None
    _note_use(row, now=now)
    return row


def _note_use(row: DeviceToken, *, now: datetime) -> None:
    """Once an hour is enough to tell a used device from a lost one; each request would be a write."""
    if row.last_used_at is None or row.last_used_at < now - NOTED_EVERY:
        DeviceToken.objects.filter(pk=row.pk).update(last_used_at=now)


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
