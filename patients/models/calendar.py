from typing import ClassVar, Self

from django.db import models

from clinic.models import Record, User
from patients.models.patient import Patient, PatientOwnedQuerySet, Proxy


class CalendarFeedQuerySet(PatientOwnedQuerySet["CalendarFeed"]):
    def standing(self) -> Self:
        """Not switched off, and whoever made it still opens this portal with the sign-in they had then."""
        carers = Proxy.objects.filter(patient=models.OuterRef("patient"), user=models.OuterRef("user"), revoked_at=None)
        return self.filter(
            models.Q(patient__user=models.F("user")) | models.Exists(carers),
            ended_at=None,
            patient__closed_at=None,
            user__is_active=True,
            user__session_round=models.F("session_round"),
        )


class CalendarFeed(Record):
    """A secret address from which a calendar reads training days. Of the secret only a digest is kept."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="calendar_feeds")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")  # who made it
    token_digest = models.CharField(max_length=64, unique=True)
    session_round = models.PositiveIntegerField()  # of the user: signed out everywhere, or at another address, it ends
    made_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "user"], condition=models.Q(ended_at=None), name="patients_calendar_once"
            )
        ]

    def __str__(self) -> str:
        return f"calendar feed {self.pk}"
