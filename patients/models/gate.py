from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Record, User
from patients.models.episode import Episode, Slump
from patients.models.patient import Patient, PatientOwnedQuerySet


def gate_value_words(value: str) -> str:
    """The result of a gate in words: those of the slump screen, or what the trainer of the gate typed."""
    return str(Slump(value).label) if value in Slump.values else value.replace("_", " ")


class GateRecordQuerySet(PatientOwnedQuerySet["GateRecord"]):
    def standing(self) -> Self:
        """Recorded and not taken back, whole or in part."""
        return self.filter(revoked_at=None)

    def met(self) -> Self:
        return self.standing().filter(waiting_for="")


class GateRecord(Record):
    """A prerequisite that somebody, or a logged test, has marked as met for an episode.

    A gate that needs both a log and a therapist is one row: `waiting_for` says who is still missing.
    """

    class How(models.TextChoices):
        PERSON = "person", _("seen by a therapist")
        VIDEO = "video", _("seen on video")
        SELF = "self", _("said by the patient")
        AUDIT = "audit", _("seen at the exercise audit")
        LOG = "log", _("by a logged session")
        EXCEPTION = "exception", _("exception")

    class Waiting(models.TextChoices):
        NOBODY = "", _("met")
        LOG = "log", _("waits for a logged session")
        THERAPIST = "therapist", _("waits for a therapist")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="gates")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="gates")
    code = models.CharField(max_length=60)
    value = models.CharField(max_length=40, blank=True)
    how = models.CharField(max_length=12, choices=How, default=How.PERSON, db_default=How.PERSON)
    waiting_for = models.CharField(
        max_length=12, choices=Waiting, default=Waiting.NOBODY, db_default=Waiting.NOBODY, blank=True
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey("patients.Session", null=True, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True, blank=True)  # when the second of two parts came
    reason = models.CharField(max_length=240, blank=True, db_default="")  # of an exception
    review_on = models.DateField(null=True, blank=True)  # of an exception
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = GateRecordQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["episode", "code"], condition=models.Q(revoked_at=None), name="patients_gate_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"

    @property
    def value_words(self) -> str:
        return gate_value_words(self.value)
