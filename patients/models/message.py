"""Messages between a patient and the clinic, inside the portal."""

from django.db import models

from clinic.models import Record, User
from patients.models.patient import Patient, PatientOwnedQuerySet


class PatientMessage(Record):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    from_clinic = models.BooleanField()
    body = models.TextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = PatientOwnedQuerySet["PatientMessage"].as_manager()

    def __str__(self) -> str:
        return f"message {self.pk}"
