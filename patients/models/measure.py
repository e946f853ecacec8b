"""A score or a usual pain that a person wrote down: when it was measured, by whom, and what it was before."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext

from clinic.models import Record, User
from patients.models.episode import Episode
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.measures import SCALES

USUAL_PAIN = "usual_pain"


class Measure(Record):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="measures")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="measures")
    code = models.CharField(max_length=20)  # of programs.measures, or USUAL_PAIN
    value = models.DecimalField(max_digits=4, decimal_places=1)
    before = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)  # what a usual pain replaced
    measured_on = models.DateField()
    note = models.CharField(max_length=240, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)  # entered in error

    objects = PatientOwnedQuerySet["Measure"].as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["episode", "code", "measured_on"], name="patients_measure_of_episode")
        ]

    def __str__(self) -> str:
        return f"measure {self.pk}"

    @property
    def name(self) -> str:
        return str(SCALES[self.code].name) if self.code in SCALES else gettext("Usual pain")
