"""What the patient did, how it was the next day, and what the rules decided: appended, never overwritten."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, NoReturn, Self, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import Record, User
from patients.models.assignment import Program, ProgramItem
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.models import LevelVersion
from programs.models.exercise import Region


class Source(models.TextChoices):
    PORTAL = "portal", _("Portal")
    API = "api", _("Device")
    PHONE = "phone", _("By phone, entered by staff")
    PAPER = "paper", _("On paper, entered by staff")


K = TypeVar("K", bound=models.Model)


class KeptQuerySet(PatientOwnedQuerySet[K]):
    def delete(self) -> NoReturn:
        raise TypeError(KEPT)


class KeptRecord(Record):
    """What a patient did and what was decided about it: corrected or taken back, never deleted."""

    class Meta:
        abstract = True

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError(KEPT)


KEPT = "What was logged and decided is kept: correct it or take it back instead."


class SessionQuerySet(KeptQuerySet["Session"]):
    def current(self) -> Self:
        """Without versions that a later correction replaced."""
        return self.filter(is_current=True)


class Session(KeptRecord):
    """One logged session. Its id is the client's own UUID, so that the same request twice is one session.

    A correction is a new row that names what it corrects; the old one stays. One that was taken back stays too, and
    is current no more.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="sessions")
    performed_at = models.DateTimeField()
    local_date = models.DateField()
    zone = models.CharField(max_length=64)
    logged_at = models.DateTimeField()
    logged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=8, choices=Source)
    effort = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    red_flags = models.JSONField(default=list, blank=True)
    neuro = models.JSONField(default=list, blank=True)
    digest = models.CharField(max_length=64)  # of the entries, to tell a repeat from a clash
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    is_current = models.BooleanField(default=True)
    first_logged_at = models.DateTimeField(null=True, blank=True)  # of a correction: when the first version was saved
    change_reason = models.CharField(
        max_length=240, blank=True, db_default=""
    )  # why staff corrected it or took it back
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "local_date"], name="patients_session_by_day")]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def saved_at(self) -> datetime:
        """When it was first told: a correction does not make a session late, nor young again."""
        return self.first_logged_at or self.logged_at


class ExerciseLogQuerySet(KeptQuerySet["ExerciseLog"]):
    patient_path: ClassVar[str] = "session__patient"
    clinic_path: ClassVar[str] = "session__patient__clinic"

    def current(self) -> Self:
        return self.filter(session__is_current=True)


class ExerciseLog(KeptRecord):
    """One exercise of a session. `sets` is a list of {side, reps or seconds, load}; load in grams or band step."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="exercises")
    item = models.ForeignKey(ProgramItem, on_delete=models.PROTECT, related_name="logs")
    level = models.ForeignKey(LevelVersion, on_delete=models.PROTECT, related_name="+")
    prescribed = models.JSONField()  # the dose as it was that day
    sets = models.JSONField(default=list)
    pain_before = models.PositiveSmallIntegerField(null=True)
    pain_during = models.PositiveSmallIntegerField(null=True)
    pain_after = models.PositiveSmallIntegerField(null=True)
    form = models.CharField(max_length=8, default="ok")
    cramp = models.CharField(max_length=12, blank=True)
    words = models.JSONField(default=list, blank=True)
    strength_loss = models.BooleanField(default=False)
    painful = models.BooleanField(default=False)
    full_rom = models.BooleanField(default=True)
    skipped = models.CharField(max_length=16, blank=True)
    note = models.TextField(blank=True)

    objects = ExerciseLogQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["session", "item"], name="patients_one_log_an_item_and_session"),
            models.CheckConstraint(
                condition=models.Q(pain_before__isnull=True) | models.Q(pain_before__lte=10),
                name="patients_log_pain_before_0_to_10",
            ),
            models.CheckConstraint(
                condition=models.Q(pain_during__isnull=True) | models.Q(pain_during__lte=10),
                name="patients_log_pain_during_0_to_10",
            ),
            models.CheckConstraint(
                condition=models.Q(pain_after__isnull=True) | models.Q(pain_after__lte=10),
                name="patients_log_pain_after_0_to_10",
            ),
        ]

    def __str__(self) -> str:
        return f"log {self.pk}"


class QuestionQuerySet(PatientOwnedQuerySet["NextDayQuestion"]):
    def open(self, now: object) -> Self:
        return self.filter(answered_at=None, opens_at__lte=now, closes_at__gt=now)

    def expired(self, now: object) -> Self:
        return self.filter(answered_at=None, expired_at=None, closes_at__lte=now)


class NextDayQuestion(Record):
    """ "How is it since yesterday?": one a patient, day and region (handbook E15)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="questions")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="questions")
    region = models.CharField(max_length=40, choices=Region)
    local_date = models.DateField()  # of the exercise it asks about
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    compared = models.CharField(max_length=8, blank=True)  # worse, same, better
    neuro = models.JSONField(default=list, blank=True)
    red_flags = models.JSONField(default=list, blank=True)
    source = models.CharField(max_length=8, blank=True)  # portal, api, phone; proxy: the next pre-session score
    expired_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "local_date", "region"], name="patients_one_question_a_day_and_region"
            ),
            models.CheckConstraint(
                condition=models.Q(pain__isnull=True) | models.Q(pain__lte=10),
                name="patients_answer_pain_0_to_10",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["closes_at"],
                condition=models.Q(answered_at=None, expired_at=None),
                name="patients_question_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class DecisionQuerySet(KeptQuerySet["Decision"]):
    patient_path: ClassVar[str] = "item__program__patient"
    clinic_path: ClassVar[str] = "item__program__patient__clinic"

    def by_rules(self) -> Self:
        return self.exclude(trigger=Decision.Trigger.PERSON)

    def by_person(self) -> Self:
        return self.filter(trigger=Decision.Trigger.PERSON)

    def last_words(self) -> Self:
        """What the rules said last about an exercise on a day, and all that a person decided."""
        later = Decision.objects.by_rules().filter(
            item=models.OuterRef("item"),
            local_date=models.OuterRef("local_date"),
            sequence__gt=models.OuterRef("sequence"),
        )
        return self.filter(models.Q(trigger=Decision.Trigger.PERSON) | ~models.Exists(later))

    def of_the_days_of(self, rows: Iterable["Decision"]) -> list["Decision"]:
        """These rows with what the rules had said of the same exercises and days before, the latest first."""
        shown = {row.pk: row for row in rows}
        days = {(row.item_id, row.local_date) for row in shown.values() if row.trigger != Decision.Trigger.PERSON}
        before = self.by_rules().filter(
            item__in={item for item, _day in days}, local_date__in={day for _item, day in days}
        )
        earlier = [row for row in before if row.pk not in shown and (row.item_id, row.local_date) in days]
        return sorted([*shown.values(), *earlier], key=lambda row: (row.decided_at, row.sequence), reverse=True)


class Decision(KeptRecord):
    """A row of the ledger: what the rules said, about which facts, and why. Append-only."""

    class Trigger(models.TextChoices):
        LOG = "log", _("a session")
        CHECK = "check", _("the next-day answer")
        TICK = "tick", _("the day's end")
        PERSON = "person", _("a person")

    item = models.ForeignKey(ProgramItem, on_delete=models.PROTECT, related_name="decisions")
    sequence = models.PositiveIntegerField()
    trigger = models.CharField(max_length=8, choices=Trigger)
    local_date = models.DateField()  # the day that is judged
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=16)
    rule_id = models.CharField(max_length=24)
    ruleset = models.CharField(max_length=40)
    reason_key = models.TextField()
    reason_values = models.JSONField(default=dict)
    reason = models.TextField()
    scope = models.CharField(max_length=8, blank=True)
    change = models.CharField(max_length=16, blank=True)
    proposal = models.CharField(max_length=16, blank=True)
    provisional = models.BooleanField(default=False)
    facts = models.JSONField()
    logs = models.JSONField(default=list)  # ids of the log versions behind the facts
    digest = models.CharField(max_length=64)  # of item, day, facts and rule set: a repeat writes no row
    before = models.JSONField(default=dict)  # the item's memory, level and dose before the day
    level_from = models.CharField(max_length=16, blank=True)
    level_to = models.CharField(max_length=16, blank=True)
    decided_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "sequence"], name="patients_decision_in_order"),
            models.UniqueConstraint(fields=["item", "digest"], name="patients_decision_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["item", "local_date"], name="patients_decision_by_day")]

    def __str__(self) -> str:
        return f"decision {self.pk}"
