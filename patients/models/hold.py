from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Record, User
from patients.models.assignment import Program, ProgramItem
from patients.models.patient import Patient, PatientOwnedQuerySet


class HoldScope(models.TextChoices):
    ITEM = "item", _("This exercise")
    REGION = "region", _("This area")
    PLAN = "plan", _("All exercises")


class HoldQuerySet(PatientOwnedQuerySet["Hold"]):
    def open(self) -> Self:
        return self.filter(released_at=None)


class Hold(Record):
    """What must stop, from the moment of the report until a person releases it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="holds")
    program = models.ForeignKey(Program, null=True, on_delete=models.PROTECT, related_name="holds")
    scope = models.CharField(max_length=8, choices=HoldScope)
    item = models.ForeignKey(ProgramItem, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    region = models.CharField(max_length=40, blank=True)
    severity = models.PositiveSmallIntegerField()  # 1 emergency … 5 information: decides the safety text
    rule_id = models.CharField(max_length=24)
    reason = models.CharField(max_length=240)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    contact_due = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    effect = models.CharField(max_length=20, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient"], condition=models.Q(released_at=None), name="patients_hold_open")
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"
