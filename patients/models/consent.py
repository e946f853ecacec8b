"""What a patient agreed to, and the words they agreed to."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import ScopedQuerySet, clinics_of
from clinic.models import Clinic, Record, User
from patients.models.patient import Patient, PatientOwnedQuerySet


class ConsentKind(models.TextChoices):
    TREATMENT = "treatment", _("Taking part in exercise")
    PRIVACY = "privacy", _("Privacy notice read")
    HEALTH_DATA = "health_data", _("Keeping health information")
    EMAIL = "email", _("Plain e-mail, which others might read")
    REMINDERS = "reminders", _("Daily reminders")
    MAIL_DETAIL = "mail_detail", _("Exercise names in mails")
    MARKETING = "marketing", _("Offers from the clinic")
    TRIAL_TERMS = "trial_terms", _("Trial terms: free, ends by itself, no card")


class ConsentTextQuerySet(ScopedQuerySet["ConsentText"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(clinic__in=clinics_of(user))


class ConsentText(Record):
    """The words of one kind of consent in a clinic, as they stood from `made_at` on. Another wording is another row."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="consent_texts")
    kind = models.CharField(max_length=20, choices=ConsentKind)
    version = models.PositiveIntegerField()
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ConsentTextQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "kind", "version"], name="patients_consent_text_version")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class ConsentQuerySet(PatientOwnedQuerySet["Consent"]):
    def given(self) -> Self:
        return self.filter(revoked_at=None)

    def reworded(self) -> Self:
        """Given, to words the clinic has changed since. They hold, and the person is asked anew."""
        newer = ConsentText.objects.filter(
            clinic=models.OuterRef("patient__clinic"),
            kind=models.OuterRef("kind"),
            version__gt=1,
            made_at__gt=models.OuterRef("given_at"),
        )
        return self.given().filter(models.Exists(newer))


class Consent(Record):
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField(max_length=20, choices=ConsentKind)
    text = models.ForeignKey(ConsentText, null=True, on_delete=models.PROTECT, related_name="+")
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
