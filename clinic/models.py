"""The house: the clinic, its people, their roles, and the record of who did what."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from clinic.access import ScopedQuerySet, clinics_of
from clinic.zones import local_date, validate_zone

MOMENT = timedelta(microseconds=1)


class Record(models.Model):
    """A row with an id that may be shown outside: sortable by time, and no counter to guess from."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Event(Record):
    """One shape for every change of state: who did what, when, from where to where. A null actor is the system."""

    kind = models.CharField(max_length=40)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40, blank=True)
    actor = models.ForeignKey("clinic.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True


class ClinicQuerySet(ScopedQuerySet["Clinic"]):
    clinic_path: ClassVar[str] = "pk"

    def visible_to(self, user: "User") -> "ClinicQuerySet":
        return self.filter(pk__in=clinics_of(user))


def weekday_hours() -> dict[str, list[str]]:
    """Monday (0) to Friday (4), eight to six: the hours in which follow-up targets run."""
    return {str(day): ["08:00", "18:00"] for day in range(5)}


class Clinic(Record):
    name = models.CharField(_("name"), max_length=120)
    short_name = models.CharField(
        _("sender name"),
        max_length=40,
        help_text=_("Shown as the sender of mails: neutral, no treatment words."),
    )
    slug = models.SlugField(_("address word"), unique=True)
    zone = models.CharField(_("time zone"), max_length=64, default="Europe/London", validators=[validate_zone])
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    emergency_number = models.CharField(_("emergency number"), max_length=20, blank=True)
    urgent_care = models.CharField(_("urgent care out of hours"), max_length=120, blank=True)
    email = models.EmailField(_("reply address"), blank=True)
    staffed_hours = models.JSONField(_("staffed hours"), default=weekday_hours)
    mail_detail = models.BooleanField(
        _("exercise names in mails"),
        default=False,
        help_text=_("Only for patients who agreed to it in writing."),
    )
    trial_open = models.BooleanField(_("trial open"), default=False)
    service_area = models.JSONField(_("trial postcodes"), default=list, blank=True)
    band_colours = models.JSONField(_("band colours, lightest first"), default=list, blank=True)
    accent_hue = models.PositiveSmallIntegerField(_("accent colour"), default=195)
    privacy_notice = models.TextField(_("privacy notice"), blank=True)
    retention_years = models.PositiveSmallIntegerField(
        _("years a closed record is kept"),
        default=8,
        db_default=8,
        validators=[MinValueValidator(1), MaxValueValidator(30)],
        help_text=_("After them name and contact are erased. What the law of your country asks for may differ."),
    )
    password_words = models.JSONField(
        _("words no password may hold"), default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    looks_name_staff = models.BooleanField(
        _("patients read the names of who looked"),
        default=True,
        db_default=True,
        help_text=_("Without it they read roles: Therapist, Front desk."),
    )
    caseload_only = models.BooleanField(
        _("therapists see only their own patients"),
        default=False,
        db_default=False,
        help_text=_(
            "They open others in an emergency, with a reason. Urgent flags reach everybody on duty all the same."
        ),
    )

    objects = ClinicQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """The portal stays closed until people in trouble can be told whom to call."""
        return bool(self.phone and self.emergency_number)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, *, name: str = "") -> "User":
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, Record):
    """A person who signs in, by e-mail. What they may do hangs on memberships and on patients, never on the user."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Part of what a session is signed with: counting up ends every session of this person at once.
    session_round = models.PositiveIntegerField(default=0, editable=False)
    posts: "list[Membership] | None" = None  # their places in clinics, once a request has looked them up

    USERNAME_FIELD = "email"
    objects = UserManager()

    def __str__(self) -> str:
        return f"user {self.pk}"

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        return salted_hmac(
            "clinic.User.session", f"{self.password}:{self.session_round}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Role(models.TextChoices):
    THERAPIST = "therapist", _("Therapist")
    TRAINER = "trainer", _("Trainer")
    DESK = "desk", _("Front desk")
    OWNER = "owner", _("Owner")


class MembershipQuerySet(ScopedQuerySet["Membership"]):
    def visible_to(self, user: User) -> "MembershipQuerySet":
        return self.filter(clinic__in=clinics_of(user))

    def active(self) -> "MembershipQuerySet":
        return self.filter(left_at=None, user__is_active=True)

    def therapists(self) -> "MembershipQuerySet":
        return self.active().filter(therapist=True)

    def here(self, now: datetime) -> "MembershipQuerySet":
        return self.exclude(away_from__lte=now, away_until__gt=now)

    def away(self, now: datetime) -> "MembershipQuerySet":
        return self.filter(away_from__lte=now, away_until__gt=now)

    def covered_by(self, user: User, now: datetime) -> "MembershipQuerySet":
        """Those who are away now and have `user`, a therapist who is here, as their substitute."""
        covers = Membership.objects.therapists().here(now).filter(clinic=models.OuterRef("clinic"), user=user.pk)
        return self.therapists().away(now).filter(models.Exists(covers), substitute=user.pk)

    def answering(self, now: datetime) -> "MembershipQuerySet":
        """Therapists whose patients somebody answers for by name: they are here, or their substitute is."""
        covers = Membership.objects.therapists().here(now)
        covered = models.Exists(covers.filter(clinic=models.OuterRef("clinic"), user=models.OuterRef("substitute")))
        is_away = models.Q(away_from__lte=now, away_until__gt=now)
        return self.therapists().annotate(is_covered=covered).exclude(is_away, is_covered=False)


class Membership(Record):
    """A person's place in a clinic: a set of roles, and whether they are a licensed clinician."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    therapist = models.BooleanField(_("therapist"), default=False)
    trainer = models.BooleanField(_("trainer"), default=False)
    desk = models.BooleanField(_("front desk"), default=False)
    owner = models.BooleanField(_("owner"), default=False)
    licensed = models.BooleanField(_("licensed clinician"), default=False)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    # An absence: midnights of the clinic, the second after the last day. Without a substitute all on duty step in.
    away_from = models.DateTimeField(null=True, blank=True)
    away_until = models.DateTimeField(null=True, blank=True)
    substitute = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "user"], name="clinic_membership_once"),
            models.CheckConstraint(
                condition=models.Q(therapist=True)
                | models.Q(trainer=True)
                | models.Q(desk=True)
                | models.Q(owner=True),
                name="clinic_membership_has_a_role",
            ),
            models.CheckConstraint(
                condition=models.Q(away_from=None, away_until=None, substitute=None)
                | models.Q(away_from__isnull=False, away_until__isnull=False, away_until__gt=models.F("away_from")),
                name="clinic_membership_absence_has_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"

    def is_away(self, now: datetime) -> bool:
        return bool(self.away_from and self.away_until and self.away_from <= now < self.away_until)

    @property
    def last_day_away(self) -> date | None:
        return local_date(self.away_until - MOMENT, self.clinic.zone) if self.away_until else None

    @property
    def roles(self) -> set[Role]:
        return {role for role in Role if getattr(self, role.value)}


class AuditQuerySet(ScopedQuerySet["AuditEntry"]):
    """Rows of a clinic, and of no clinic those of people who work there: their ways in and out."""

    def visible_to(self, user: User) -> "AuditQuerySet":
        return self._in(clinics_of(user, "owner"))

    def of(self, clinic: Clinic) -> "AuditQuerySet":
        return self._in([clinic.pk])

    def _in(self, clinics: Any) -> "AuditQuerySet":
        people = Membership.objects.filter(clinic__in=clinics).values("user")
        theirs = models.Q(actor__in=people) | models.Q(label=User._meta.label_lower, object_id__in=people)
        return self.filter(models.Q(clinic__in=clinics) | models.Q(theirs, clinic=None))


class AuditEntry(models.Model):
    """Who looked at or changed what. Append-only; holds ids and never a value of the record itself."""

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)
    label = models.CharField(max_length=60)
    object_id = models.UUIDField(null=True)
    patient_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient_id", "at"], name="clinic_audit_patient"),
            models.Index(fields=["clinic", "at"], name="clinic_audit_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.label} {self.object_id}"

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk:
            raise TypeError("The audit trail is append-only.")
        super().save(force_insert=True)

    def delete(self, *args: object, **kwargs: object) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit trail is append-only.")


class AuditSeal(models.Model):
    """The place of an entry in its clinic's hash chain: number and digest, written once by the sealing tick."""

    id = models.BigAutoField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    chain = models.UUIDField()  # the clinic's id; clinic.audit_chain.HOUSE for what belongs to none
    sequence = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "sequence"], name="clinic_auditseal_no_fork"),
        ]

    def __str__(self) -> str:
        return f"seal {self.sequence} of {self.chain}"


class Heartbeat(models.Model):
    """When a tick last did its round: liveness is progress, not a process that exists."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str, *, now: datetime) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": now})


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
