"""How a person gets in: mailed codes and links, devices, tries against a limit, and what happened to all that."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models.clinic import Clinic
from clinic.models.people import User
from clinic.models.record import Event, Record


class SignInCodeQuerySet(models.QuerySet["SignInCode"]):
    def to_send(self, now: datetime) -> "SignInCodeQuerySet":
        """Codes for a known person that can still be used and whose mail has not gone yet."""
        return self.filter(user__isnull=False, used_at=None, expires_at__gt=now).exclude(sealed="")


class SignInCode(Record):
    """A six-digit code, bound to the browser that asked for it, and to one purpose.

    The code itself is kept sealed, and only until its mail is sent; the digest is what a typed code is compared
    with. A row without a user answers an address nobody may use: the page and the work are the same.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("Signing in")
        CONFIRM = "confirm", _("Showing again who is there")
        ADDRESS = "address", _("Showing that a new address is theirs")

    purpose = models.CharField(max_length=10, choices=Purpose, default=Purpose.SIGN_IN, db_default="sign_in")
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    # A new address, which the code is sent to; without one it goes to the person's own.
    address = models.EmailField(blank=True, db_default="")
    sealed = models.TextField(blank=True)
    digest = models.CharField(max_length=64, default="", editable=False)
    tries = models.PositiveSmallIntegerField(default=0)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = SignInCodeQuerySet.as_manager()

    def __str__(self) -> str:
        return f"sign-in code {self.pk}"


class MailedLinkQuerySet(models.QuerySet["MailedLink"]):
    def working(self, now: datetime) -> "MailedLinkQuerySet":
        return self.filter(user__is_active=True, used_at=None, expires_at__gt=now)

    def to_send(self, now: datetime) -> "MailedLinkQuerySet":
        return self.working(now).exclude(sealed="")


class MailedLink(Record):
    """A link that was mailed and works once. The token is kept sealed until its mail is sent, then as a digest only."""

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in", _("Signing in")
        PASSWORD = "password", _("A new password")

    purpose = models.CharField(max_length=10, choices=Purpose)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    code = models.OneToOneField(SignInCode, null=True, on_delete=models.CASCADE, related_name="link")
    sealed = models.TextField(blank=True)
    digest = models.CharField(max_length=64, unique=True)
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = MailedLinkQuerySet.as_manager()

    def __str__(self) -> str:
        return f"mailed link {self.pk}"


class DeviceToken(Record):
    """Lets a device of a person talk to the API. Only the digest is kept; the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="device_tokens")
    name = models.CharField(_("device"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"device {self.pk}"


class AccountEvent(Event):
    """What happened to a person's way in. The person gets a mail about it (reminders/outbox.py), whoever did it."""

    class Kind(models.TextChoices):
        SECOND_FACTOR_ADDED = "second_factor_added", _("Second step set up")
        SECOND_FACTOR_REMOVED = "second_factor_removed", _("Second step removed")
        SECOND_FACTOR_RESET = "second_factor_reset", _("Second step reset by an owner")
        PASSWORD_CHANGED = "password_changed", _("Password changed")
        ADDRESS_CHANGED = "address_changed", _("E-mail address changed")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="account_events")
    clinic = models.ForeignKey(Clinic, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="clinic_account_event_at")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Spent(models.Model):
    """One try against a limit. In the database, so that a limit holds on every machine and without a cache."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["key", "at"], name="clinic_spent_key")]

    def __str__(self) -> str:
        return f"spent {self.pk}"
