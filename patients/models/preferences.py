from datetime import time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.patient import Patient, PatientOwnedQuerySet


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
