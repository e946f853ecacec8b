"""A patient of a clinic and who sees them, the identity that can be erased while history stays, carers."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.access import M, ScopedQuerySet, clinics_of, clinics_on_duty, clinics_seen_in_part, clinics_seen_whole
from clinic.models import Clinic, Event, Membership, Record, User
from clinic.zones import validate_zone

FLAG_WAITS = ("open", "acknowledged", "contacted")  # states of a flag that is not closed
# Stand in for the three values of a scope's SQL.
SOMEBODY, SOME_TIME, SOME_DAY = UUID(int=1), datetime(1, 1, 1, tzinfo=UTC), date(1, 1, 2)
YEAR = timedelta(days=365.25)


class PatientQuerySet(ScopedQuerySet["Patient"]):
    def visible_to(self, user: User) -> Self:
        """Staff who care see the patients of their clinic; people see themselves and those they look after.

        Who is closed or restricted is seen by owners alone, and where a clinic has it so, a therapist sees only their
        own: what they see all the same stands in `exceptions_for`.
        """
        # A merged record is no secret: its link only leads to the kept one.
        in_care = models.Q(closed_at=None) | models.Q(merged_into__isnull=False)
        of_the_clinic = models.Q(in_care, clinic__in=clinics_seen_whole(user)) | models.Q(pk__in=exceptions_for(user))
        return self.filter(of_the_clinic | models.Q(pk__in=patients_of(user)))

    def followed_by(self, user: User) -> Self:
        """The patients whose portal `user` may open: their own, and those they look after."""
        # Joined, not asked below: every page of the portal waits for it.
        return self.filter(_belong_to(user)).distinct()

    def active(self) -> Self:
        return self.filter(closed_at=None)

    def with_a_portal(self) -> Self:
        """Who is restricted reads what that means, and reports pain."""
        return self.filter(models.Q(closed_at=None) | models.Q(restricted=True))

    def with_cover(self, user: User, now: datetime) -> Self:
        """Adds `is_covered`: their therapist is away, and `user` is the substitute."""
        away = Membership.objects.covered_by(user, now)
        away = away.filter(clinic=models.OuterRef("clinic"), user=models.OuterRef("owner"))
        return self.annotate(is_covered=models.Exists(away))

    def to_erase(self, now: datetime) -> Self:
        """Closed so long ago that the clinic need not know any more who it was."""
        over = models.Q(pk__in=[])
        for years in Clinic.objects.order_by().values_list("retention_years", flat=True).distinct():
            over |= models.Q(clinic__retention_years=years, closed_at__lt=now - years * YEAR)
        return self.filter(over, erased_at=None)


def patients_of(user: User) -> models.QuerySet["Patient", Any]:
    return Patient.objects.filter(_belong_to(user)).order_by().values("pk")


def _belong_to(user: User) -> models.Q:
    """One's own, and those one looks after."""
    if not (user.pk and user.is_active):  # nobody's id would find the patients who have no account
        return models.Q(pk__in=[])
    return models.Q(user=user.pk) | models.Q(proxies__user=user.pk, proxies__revoked_at=None)


def visible_patients(user: User) -> models.QuerySet["Patient", Any]:
    """Ids of the patients `user` may see, as a subquery; of who makes a request it is written once.

    A page asks a dozen tables for it. It is the question that is kept, never an answer.
    """
    kept: models.QuerySet[Patient, Any] | None = getattr(user, "visible_patients", None)
    if kept is None:
        kept = Patient.objects.visible_to(user).order_by().values("pk")
        if getattr(user, "posts", None) is not None:  # looked up for this request, as this is
            user.visible_patients = kept  # type: ignore[attr-defined]
    return kept


def exceptions_for(user: User) -> RawSQL | list[UUID]:
    """Ids of the patients `user` sees beyond those in care of clinics seen as a whole, as a subquery.

    Every fetch of every page asks it, nearly always for nothing: its SQL is written once, and three values put in.
    """
    if clinics_of(user, "therapist", "owner") == []:
        return []
    # The one scope that reads the clock: access that ends by itself has no other moment than now.
    now = timezone.now()
    stand_ins, values = _as_stored(SOMEBODY, SOME_TIME, SOME_DAY), _as_stored(user.pk, now, now.date())
    given = dict(zip(stand_ins, values, strict=True))
    sql, params = _exceptions_sql(connection.vendor, in_part=clinics_seen_in_part(user) != [])
    return RawSQL(sql, [given.get(param, param) for param in params])  # noqa: S611  the ORM wrote it


@cache
def _exceptions_sql(vendor: str, *, in_part: bool) -> tuple[str, tuple[Any, ...]]:
    """`in_part`: whether there may be a clinic that shows the user only their own; elsewhere half of it is enough."""
    user = User(pk=SOMEBODY)
    found = models.Q(pk__in=_restricted(user))
    if in_part:
        found |= models.Q(pk__in=_caseload(user, SOME_TIME, SOME_DAY))
    return Patient.objects.order_by().filter(found).values("pk").query.sql_with_params()


def _as_stored(pk: UUID | None, now: datetime, day: date) -> tuple[Any, Any, Any]:
    user, until = EmergencyAccess._meta.get_field("user"), EmergencyAccess._meta.get_field("until")
    stored_day = models.DateField().get_db_prep_value(day, connection)
    return user.get_db_prep_value(pk, connection), until.get_db_prep_value(now, connection), stored_day


def _restricted(user: User) -> models.QuerySet["Patient", Any]:
    """Closed and restricted records: an owner's, and a licensed therapist's while a flag of theirs is open."""
    closed = Patient.objects.order_by().filter(closed_at__isnull=False)
    licensed = Membership.objects.therapists().filter(user=user.pk, licensed=True).values("clinic")
    flagged = models.Q(clinic__in=licensed, flags__state__in=FLAG_WAITS)
    return closed.filter(models.Q(clinic__in=clinics_of(user, "owner")) | flagged).values("pk")


def _caseload(user: User, now: datetime, today: date) -> models.QuerySet["Patient", Any]:
    """In clinics that show each therapist only their own: theirs, those of who is away and named them as substitute,
    those whose flag they have taken, and those they opened in an emergency.

    A red flag beats the setting: an emergency nobody has taken is everybody's; what is urgent or late, a decision that
    is overdue, and who has no therapist, is on duty's.
    """
    here = Patient.objects.order_by().filter(clinic__in=clinics_seen_in_part(user), closed_at=None)
    taken = here.filter(flags__owner=user.pk, flags__state__in=FLAG_WAITS)
    opened = here.filter(emergency_accesses__user=user.pk, emergency_accesses__until__gt=now)
    untaken = here.filter(flags__severity=1, flags__state="open")
    urgent = models.Q(flags__severity__lte=2) | models.Q(flags__group="escalation")
    pressing = here.filter(urgent, flags__state__in=FLAG_WAITS)
    their_own = {"clinic": models.OuterRef("clinic"), "user": models.OuterRef("owner")}
    answered_for = Membership.objects.answering(now).filter(**their_own)
    left_to_duty = models.Q(pk__in=pressing.values("pk")) | models.Q(~models.Exists(answered_for))
    for overdue in _overdue(today):
        left_to_duty |= models.Q(pk__in=here.filter(overdue).values("pk"))
    return here.filter(
        models.Q(owner=user.pk)
        | models.Exists(Membership.objects.covered_by(user, now).filter(**their_own))
        | models.Q(pk__in=taken.values("pk"))
        | models.Q(pk__in=opened.values("pk"))
        | models.Q(pk__in=untaken.values("pk"))
        | models.Q(left_to_duty, clinic__in=clinics_on_duty(user))
    ).values("pk")


def _overdue(today: date) -> tuple[models.Q, ...]:
    """Something to decide was due before `today`: the lines of `patients/worklist.py`, by their dates."""
    step = {"proposals__state": "open", "proposals__item__ended_on": None, "proposals__item__program__ended_on": None}
    lock = {"programs__items__ended_on": None, "programs__items__override": "lock"}
    running: dict[str, Any] = {"programs__ended_on": None}
    return (
        models.Q(proposals__due_on__lt=today, **step),
        models.Q(programs__items__override_review_on__lt=today, **lock, **running),
        models.Q(programs__paused_until__lt=today, **running),
        models.Q(programs__paused_until=None, programs__review_due__lt=today, **running),
        models.Q(allowances__review_on__lt=today, allowances__withdrawn_at=None, allowances__episode__ended_on=None),
        models.Q(gates__review_on__lt=today, gates__revoked_at=None, gates__episode__ended_on=None),
    )


class PatientOwnedQuerySet(ScopedQuerySet[M]):
    """Rows that belong to a patient: seen by whoever may see that patient."""

    clinic_path: ClassVar[str] = "patient__clinic"
    patient_path: ClassVar[str] = "patient"

    def visible_to(self, user: User) -> Self:
        return self.filter(**{f"{self.patient_path}__in": visible_patients(user)})


class Patient(Record):
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="patients")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="patients")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="caseload")
    zone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    equipment = models.JSONField(_("equipment at home"), default=list, blank=True)
    equipment_asked_at = models.DateTimeField(null=True, blank=True)  # an empty list says nothing until it is asked
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    # A second record of one person, closed: everything of it has gone to the kept one, which its link leads to.
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="aliases")
    # Closed at the person's wish to restrict (GDPR, article 18): kept as it is, with a portal that says so.
    restricted = models.BooleanField(default=False, db_default=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "user"], name="patients_patient_once_a_clinic"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(closed_at__isnull=False, user=None),
                name="patients_patient_alias_is_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(restricted=False) | models.Q(closed_at__isnull=False),
                name="patients_patient_restricted_is_closed",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "owner"], name="patients_patient_caseload")]

    def __str__(self) -> str:
        return f"patient {self.pk}"


class PatientEvent(Event):
    """An account closed, restricted, opened again or merged: who, when, and in the note why."""

    class Kind(models.TextChoices):
        CLOSE = "close", _("Closed")
        RESTRICT = "restrict", _("Restricted")
        REOPEN = "reopen", _("Opened again")
        MERGE = "merge", _("Merged")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")

    objects = PatientOwnedQuerySet["PatientEvent"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "at"], name="patients_patient_event_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Identity(models.Model):
    """Name and contact, in a row of its own, so that it can be erased while the history stays."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE, related_name="identity")
    name = models.CharField(_("name"), max_length=120)
    called = models.CharField(_("called"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    emergency_contact = models.CharField(_("emergency contact"), max_length=160, blank=True)
    search = models.CharField(max_length=320, blank=True, db_index=True)  # case-folded name, e-mail, phone

    objects = PatientOwnedQuerySet["Identity"].as_manager()

    def __str__(self) -> str:
        return f"identity of {self.patient_id}"

    @property
    def first_name(self) -> str:
        return self.called or self.name.split(" ")[0]


class Proxy(Record):
    """A carer or guardian who opens the portal of a patient."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="proxies")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proxied")
    relation = models.CharField(_("relation"), max_length=40)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = PatientOwnedQuerySet["Proxy"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "user"], condition=models.Q(revoked_at=None), name="patients_proxy_once"
            )
        ]

    def __str__(self) -> str:
        return f"proxy {self.pk}"


class EmergencyAccess(Record):
    """A therapist opened the record of somebody who is not theirs ("break the glass"): why, and until when."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergency_accesses")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=300)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()

    objects = PatientOwnedQuerySet["EmergencyAccess"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "until"], name="patients_emergency_of")]

    def __str__(self) -> str:
        return f"emergency access {self.pk}"
