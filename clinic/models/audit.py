"""Who looked at or changed what, and each entry's place in its clinic's hash chain."""

from typing import Any, ClassVar

from django.db import models

from clinic.access import ScopedQuerySet, clinics_of
from clinic.models.clinic import Clinic
from clinic.models.people import Membership, User


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
