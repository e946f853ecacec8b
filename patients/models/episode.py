"""An episode of care: one problem, from the first visit to discharge. A return is a new episode."""

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Record, User
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.models.exercise import Region


class Slump(models.TextChoices):
    """Result of the slump screen: a screen, never a diagnosis (handbook, catalogue `screens.SLUMP`)."""

    NOT_DONE = "not_done", _("Not done")
    EASES = "eases_looking_up", _("Leg symptoms ease when looking up: nerve likely")
    UNCHANGED = "unchanged", _("Unchanged when looking up: hamstring likely")
    NOT_REPRODUCED = "not_reproduced", _("Symptoms not brought on")


class BodySide(models.TextChoices):
    LEFT = "left", _("Left")
    RIGHT = "right", _("Right")
    BOTH = "both", _("Both")


class EpisodeQuerySet(PatientOwnedQuerySet["Episode"]):
    def open(self) -> Self:
        return self.filter(ended_on=None)


class Episode(Record):
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="episodes")
    reason = models.CharField(_("reason"), max_length=240)
    region = models.CharField(_("region"), max_length=40, choices=Region, default=Region.POSTERIOR_THIGH_HIP)
    side = models.CharField(_("side"), max_length=8, choices=BodySide)
    usual_pain = models.PositiveSmallIntegerField(
        _("usual pain, 0 to 10"),
        validators=[MaxValueValidator(10)],
        help_text=_("What this person lives with on an ordinary day. Every limit is judged against it."),
    )
    slump = models.CharField(_("slump screen"), max_length=20, choices=Slump, default=Slump.NOT_DONE)
    leg_tingling = models.BooleanField(_("tingling or numbness below the knee"), null=True)
    contraindications = models.JSONField(_("contraindications present"), default=list, blank=True)
    # Exceptions that stand, as LADDER:code: written by `patients/exceptions.py` only, read wherever an exercise is.
    exempt = models.JSONField(default=list, blank=True, db_default=models.Value([], models.JSONField()))
    started_on = models.DateField(_("started on"))
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField(_("discharge summary"), blank=True)

    objects = EpisodeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(usual_pain__lte=10), name="patients_episode_usual_pain_0_to_10")
        ]

    def __str__(self) -> str:
        return f"episode {self.pk}"

    @property
    def nerve_signs_excluded(self) -> bool:
        """True only if somebody looked and found none: unknown counts as positive (handbook section 0.5)."""
        return self.slump == Slump.UNCHANGED and self.leg_tingling is not True


class Examination(Record):
    """What was found at one time: the nerve screen and what rules exercises out. The episode carries the latest."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="examinations")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="examinations")
    slump = models.CharField(_("slump screen"), max_length=20, choices=Slump)
    leg_tingling = models.BooleanField(_("tingling or numbness below the knee"), null=True)
    contraindications = models.JSONField(_("contraindications present"), default=list, blank=True)
    note = models.CharField(_("note"), max_length=240, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PatientOwnedQuerySet["Examination"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["episode", "recorded_at"], name="patients_examination_of")]

    def __str__(self) -> str:
        return f"examination {self.pk}"


class AllowanceQuerySet(PatientOwnedQuerySet["Allowance"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Allowance(Record):
    """An exception: a licensed therapist lets a patient do an exercise that a recorded answer rules out."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="allowances")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="allowances")
    ladder = models.CharField(max_length=12)  # its code: an exception outlives a new version of the ladder
    code = models.CharField(max_length=80)  # of the contraindication
    reason = models.CharField(_("reason"), max_length=240)
    review_on = models.DateField(_("look again on"))
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["episode", "ladder", "code"],
                condition=models.Q(withdrawn_at=None),
                name="patients_allowance_once",
            )
        ]

    def __str__(self) -> str:
        return f"exception {self.pk}"
