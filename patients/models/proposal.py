from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Record, User
from patients.models.assignment import ProgramItem
from patients.models.patient import Patient, PatientOwnedQuerySet

NEXT_PHASE = "next_phase"  # a kind


class ProposalQuerySet(PatientOwnedQuerySet["Proposal"]):
    def open(self) -> Self:
        return self.filter(state=Proposal.State.OPEN)

    def withdraw(self, *, actor: User | None, now: datetime) -> int:
        """Close those that are open without a change: their ground is gone. Gives how many."""
        return self.open().update(state=Proposal.State.WITHDRAWN, closed_at=now, closed_by=actor)


class Proposal(Record):
    """A step the rules may not take alone: it waits for a therapist and never lapses into a change."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("No longer needed")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="proposals")
    item = models.ForeignKey(ProgramItem, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=20)  # advance, gate_check, next_phase
    decision = models.ForeignKey("patients.Decision", null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=240, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(state="open"), name="patients_one_open_proposal_an_item"
            )
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"

    @property
    def is_load_step(self) -> bool:
        """Whether the next weight or band was earned, not the next level."""
        return bool(self.decision and self.decision.facts.get("load_step"))
