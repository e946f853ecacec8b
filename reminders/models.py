"""The outbox: one row a mail, from the plan to a final state. The row is the record, the queue a doorbell."""

from datetime import datetime
from enum import nonmember
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import ScopedQuerySet, clinics_seen_in_part, clinics_seen_whole
from clinic.models import Clinic, Record, User
from patients.models import PainFlag, Patient, TrialRequest
from patients.models.patient import exceptions_for


class MessageQuerySet(ScopedQuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        in_care = models.Q(clinic__in=clinics_seen_whole(user), patient__closed_at=None)
        own = models.Q(clinic__in=clinics_seen_in_part(user), user=user.pk)
        return self.filter(in_care | own | models.Q(patient__in=exceptions_for(user)))

    def due(self, now: datetime) -> Self:
        return self.filter(state__in=Message.State.claimable, due_at__lte=now)


class Message(Record):
    """A mail that is to go out, has gone, or will not. Its text is built when it is sent and never kept."""

    class Kind(models.TextChoices):
        REMINDER = "reminder", _("Daily reminder")
        ALERT = "alert", _("Alert to staff")
        DIGEST = "digest", _("List for staff")
        SIGN_IN_CODE = "sign_in_code", _("Sign-in code")
        TRIAL_CONFIRM = "trial_confirm", _("Confirm a trial request")
        TRIAL_STEP = "trial_step", _("Trial mail")
        NOTICE = "notice", _("Please open your portal")
        INVITATION = "invitation", _("Invitation")
        PASSWORD_LINK = "password_link", _("Link to a new password")
        ACCOUNT_NOTICE = "account_notice", _("Notice about an account")

    class State(models.TextChoices):
        PENDING = "pending", _("Planned")
        LEASED = "leased", _("Being sent")
        RETRY = "retry", _("Will be tried again")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")
        EXPIRED = "expired", _("Missed")
        CANCELLED = "cancelled", _("Not sent")
        claimable = nonmember(("pending", "retry", "leased"))
        final = nonmember(("sent", "dead", "expired", "cancelled"))

    clinic = models.ForeignKey(Clinic, null=True, on_delete=models.PROTECT, related_name="mails")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.PROTECT, related_name="mails")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="mails")
    flag = models.ForeignKey(PainFlag, null=True, on_delete=models.PROTECT, related_name="mails")
    trial_request = models.ForeignKey(TrialRequest, null=True, on_delete=models.PROTECT, related_name="mails")
    kind = models.CharField(max_length=16, choices=Kind)
    slot = models.CharField(max_length=80)  # what makes it unique: daily, flag:<id>:<severity>, code:<id> …
    local_date = models.DateField()
    due_at = models.DateTimeField()  # also the time of the next attempt, and of the lease's end
    not_after = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=64, blank=True)
    planned_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=120, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "local_date", "slot"],
                condition=models.Q(patient__isnull=False),
                name="reminders_once_a_patient_day_and_slot",
            ),
            models.UniqueConstraint(
                fields=["slot"], condition=models.Q(patient__isnull=True), name="reminders_once_a_slot"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(state__in=["pending", "retry", "leased"]),
                name="reminders_message_due",
            ),
            models.Index(fields=["clinic", "planned_at"], name="reminders_message_by_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Schedule(models.Model):
    """When a patient's next daily look is due, in UTC: the index the planner walks."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE, related_name="schedule")
    next_due_at = models.DateTimeField(db_index=True)
    last_due_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"schedule of {self.patient_id}"


class Subscription(Record):
    """The opaque token behind an unsubscribe link: names a patient and a list, lives long, never signs in."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="subscriptions")
    list_name = models.CharField(max_length=20)
    token = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "list_name"], name="reminders_one_token_a_list")
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"


class Relay(models.Model):
    """The circuit breaker of the mail relay: while it is open nobody's attempts are spent."""

    name = models.CharField(max_length=40, primary_key=True)
    closed_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return self.name
