"""Who signs in, and their places in clinics."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from clinic.access import ScopedQuerySet, clinics_of, clinics_treated_in
from clinic.models.clinic import Clinic
from clinic.models.record import Record
from clinic.zones import local_date

MOMENT = timedelta(microseconds=1)


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

    def away_between(self, start: datetime, end: datetime) -> "MembershipQuerySet":
        """Those who are away for some of the time from `start` up to `end`."""
        return self.filter(away_from__lt=end, away_until__gt=start)

    def covered_by(self, user: User, now: datetime) -> "MembershipQuerySet":
        """Those who are away now and have `user`, a therapist who is here, as their substitute."""
        return self.therapists().away(now).filter(clinic__in=clinics_treated_in(user, now), substitute=user.pk)

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
