from datetime import date, time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from patients.models.patient import Patient, PatientOwnedQuerySet

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Preferences(models.Model):
    """When and how a patient wants to be reminded. Wall times in the patient's own zone."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE, related_name="preferences")
    reminder_time = models.TimeField(_("reminder time"), default=time(18, 0))
    # Each weekday's own time, or none on that day; all seven empty: `reminder_time` goes for every day.
    monday = models.TimeField(_("Monday"), null=True, blank=True)
    tuesday = models.TimeField(_("Tuesday"), null=True, blank=True)
    wednesday = models.TimeField(_("Wednesday"), null=True, blank=True)
    thursday = models.TimeField(_("Thursday"), null=True, blank=True)
    friday = models.TimeField(_("Friday"), null=True, blank=True)
    saturday = models.TimeField(_("Saturday"), null=True, blank=True)
    sunday = models.TimeField(_("Sunday"), null=True, blank=True)
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

    @property
    def by_weekday(self) -> bool:
        return any(getattr(self, name) for name in WEEKDAYS)

    @property
    def week(self) -> tuple[time | None, ...]:
        """The time of each weekday's mail, Monday first; None where none is wanted."""
        return tuple(getattr(self, name) if self.by_weekday else self.reminder_time for name in WEEKDAYS)

    def time_on(self, day: date) -> time | None:
        return self.week[day.weekday()]
