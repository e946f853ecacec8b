"""A program that a therapist is putting together for one patient."""

from typing import ClassVar

from django.db import models

from clinic.models import Record, User
from patients.models.episode import Episode
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.models import ProgramVersion
from programs.models.template import PainPolicy


class ProgramDraft(Record):
    """One a patient and therapist, kept as typed until it is assigned or thrown away. It is nobody's prescription."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Whose phases the program will go on by, and for which episode; empty for one put together by hand.
    version = models.ForeignKey(ProgramVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=20, blank=True)
    episode = models.ForeignKey(Episode, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    pain_policy = models.CharField(max_length=12, choices=PainPolicy, default=PainPolicy.MONITORED)
    lines = models.JSONField(default=list, blank=True)  # of patients.drafts.DraftLine
    updated_at = models.DateTimeField()

    objects = PatientOwnedQuerySet["ProgramDraft"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "author"], name="patients_one_draft_a_therapist")
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"
