"""A patient of a clinic, the identity that can be erased while history stays, carers, consents, preferences."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import CARE_ROLES, M, ScopedQuerySet, clinics_of
from clinic.models import Clinic, Record, User
from clinic.zones import validate_zone

YEAR = timedelta(days=365.25)


class PatientQuerySet(ScopedQuerySet["Patient"]):
    def visible_to(self, user: User) -> Self:
        """Staff who care see the patients of their clinic; people see themselves and those they look after."""
        return self.filter(models.Q(clinic__in=clinics_of(user, *CARE_ROLES)) | models.Q(pk__in=patients_of(user)))

    def followed_by(self, user: User) -> Self:
        """The patients whose portal `user` may open: their own, and those they look after."""
        return self.filter(pk__in=patients_of(user))

    def active(self) -> Self:
        return self.filter(closed_at=None)

    def to_erase(self, now: datetime) -> Self:
        """Closed so long ago that the clinic need not know any more who it was."""
        over = models.Q(pk__in=[])
        for years in Clinic.objects.order_by().values_list("retention_years", flat=True).distinct():
            over |= models.Q(clinic__retention_years=years, closed_at__lt=now - years * YEAR)
        return self.filter(over, erased_at=None)


def patients_of(user: User) -> models.QuerySet["Patient", Any]:
    own = models.Q(user=user.pk)
    cared_for = models.Q(proxies__user=user.pk, proxies__revoked_at=None)
    return Patient.objects.filter(own | cared_for).order_by().values("pk") if user.is_active else Patient.objects.none()


class PatientOwnedQuerySet(ScopedQuerySet[M]):
    """Rows that belong to a patient: seen by whoever may see that patient."""

    clinic_path: ClassVar[str] = "patient__clinic"
    patient_path: ClassVar[str] = "patient"

    def visible_to(self, user: User) -> Self:
        visible = Patient.objects.visible_to(user).order_by().values("pk")
        return self.filter(**{f"{self.patient_path}__in": visible})


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

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "user"], name="patients_patient_once_a_clinic")
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "owner"], name="patients_patient_caseload")]

    def __str__(self) -> str:
        return f"patient {self.pk}"


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


class ConsentKind(models.TextChoices):
    TREATMENT = "treatment", _("Taking part in exercise")
    PRIVACY = "privacy", _("Privacy notice read")
    HEALTH_DATA = "health_data", _("Keeping health information")
    EMAIL = "email", _("Plain e-mail, which others might read")
    REMINDERS = "reminders", _("Daily reminders")
    MAIL_DETAIL = "mail_detail", _("Exercise names in mails")
    MARKETING = "marketing", _("Offers from the clinic")
    TRIAL_TERMS = "trial_terms", _("Trial terms: free, ends by itself, no card")


class ConsentQuerySet(PatientOwnedQuerySet["Consent"]):
    def given(self) -> Self:
        return self.filter(revoked_at=None)


class Consent(Record):
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, choices=ConsentKind)
    version = models.CharField(max_length=20)
    text_hash = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=20, blank=True)  # portal, trial form, paper
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=models.Q(revoked_at=None), name="patients_consent_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Preferences(models.Model):
    """When and how a patient wants to be reminded. Wall times in the patient's own zone."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE, related_name="preferences")
    reminder_time = models.TimeField(_("reminder time"), default=time(18, 0))
    quiet_from = models.TimeField(_("quiet from"), default=time(21, 0))
    quiet_to = models.TimeField(_("quiet until"), default=time(8, 0))
    reminders = models.BooleanField(_("daily reminders"), default=True)
    check_ins = models.BooleanField(_("next-day question by mail"), default=True)
    trial_mails = models.BooleanField(_("trial mails"), default=True)
    paused_until = models.DateField(_("no mails until"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    # False until the post has worked out the next due instant from this row: a change needs no signal to be seen.
    is_planned = models.BooleanField(default=False, editable=False)

    objects = PatientOwnedQuerySet["Preferences"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["is_planned"], condition=models.Q(is_planned=False), name="patients_preferences_unplanned"
            )
        ]

    def __str__(self) -> str:
        return f"preferences of {self.patient_id}"
