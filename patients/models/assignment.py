"""A program as it runs for one patient: pinned to a published version, with its own levels, doses, sides and holds."""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Event, Record, User
from patients.models.episode import BodySide, Episode, Slump
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.models import LadderVersion, LevelVersion, Phase, ProgramVersion
from programs.models.exercise import Region
from programs.models.template import PainPolicy

ONE_SIDE = (BodySide.LEFT, BodySide.RIGHT)
REMOVED = "removed"  # how an exercise ended that a person took off the program
BY_A_PERSON = (REMOVED, "stop", "swap")  # ends that no phase and no version takes back
NEXT_PHASE = "next_phase"  # kind of a Proposal
MOVED, MOVED_BACK, NEWS_READ = "version", "version_back", "news_read"  # kinds of ProgramEvent the patient is told of


class ProgramQuerySet(PatientOwnedQuerySet["Program"]):
    def active(self) -> Self:
        return self.filter(ended_on=None)

    def with_news(self) -> Self:
        """Adds `news`: the kind of the last event among those a patient is told of once."""
        told = ProgramEvent.objects.filter(program=models.OuterRef("pk"), kind__in=(MOVED, MOVED_BACK, NEWS_READ))
        return self.annotate(news=models.Subquery(told.order_by("-at", "-pk").values("kind")[:1]))


class Program(Record):
    """The assigned program. One active one a patient; its items may come from several templates.

    Without a version it was put together by hand: it has no phases, and only people change what is on it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="programs")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="programs")
    version = models.ForeignKey(
        ProgramVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="programs"
    )
    phase = models.ForeignKey(Phase, null=True, on_delete=models.PROTECT, related_name="+")
    phase_started_on = models.DateField()
    path = models.CharField(max_length=20, blank=True)
    pain_policy = models.CharField(max_length=12, choices=PainPolicy)
    started_on = models.DateField()
    assigned_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    paused_until = models.DateField(null=True, blank=True)
    paused_reason = models.CharField(max_length=240, blank=True)
    review_due = models.DateField(null=True, blank=True)
    ticked_for = models.DateField(null=True, blank=True)  # last local date whose midnight work is done
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(ended_on=None), name="patients_one_active_program"
            ),
            models.CheckConstraint(
                condition=models.Q(version__isnull=False) | models.Q(phase=None),
                name="patients_program_phase_of_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"program {self.pk}"

    @property
    def title(self) -> str:
        return self.version.title if self.version else gettext("Put together by hand")


class Override(models.TextChoices):
    NONE = "", _("By the rules")
    LOCK = "lock", _("Level locked")
    PAUSE = "pause", _("Paused")


class ItemQuerySet(PatientOwnedQuerySet["ProgramItem"]):
    patient_path: ClassVar[str] = "program__patient"
    clinic_path: ClassVar[str] = "program__patient__clinic"

    def current(self) -> Self:
        return self.filter(ended_on=None)


class ProgramItem(Record):
    """One exercise of a running program: where on its ladder, at which dose, how far to the next level.

    `state` is the rules' own memory (streaks, recent scores); `dose` is today's prescription.
    Both are changed in memory under the lock of `patients/program_items.py`.
    """

    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="items")
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    # Of equal exercises swapped for each other, and of sides that part and join again: the first of them. All of them
    # are one line of history.
    first = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="line")
    ladder_version = models.ForeignKey(LadderVersion, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(LevelVersion, on_delete=models.PROTECT, related_name="+")
    cap = models.ForeignKey(LevelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=40, choices=Region)
    side = models.CharField(max_length=8, choices=BodySide)
    # This side alone, on a level and a dose of its own: the other side, if it is trained, has a row beside this one.
    apart = models.BooleanField(default=False, db_default=False)
    dose = models.JSONField()
    state = models.JSONField(default=dict)
    level_since = models.DateField()
    starts_on = models.DateField()
    by_hand = models.BooleanField(default=False, db_default=False)  # no phase and no version ends or changes it
    last_performed_on = models.DateField(null=True, blank=True)
    approval = models.CharField(max_length=12, default="auto")
    override = models.CharField(max_length=8, choices=Override, default=Override.NONE, blank=True)
    override_reason = models.CharField(max_length=240, blank=True)
    override_review_on = models.DateField(null=True, blank=True)
    limits = models.JSONField(default=dict, blank=True)  # a therapist's own advance_max, regress_at, stop_at
    stopped_by = models.ForeignKey("patients.Hold", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    sequence = models.PositiveIntegerField(default=0)  # of the last decision
    ended_on = models.DateField(null=True, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)

    as_locked: dict[str, Any]  # what `locked_items` read, so that only changes are written
    judged_until: date | None  # the last day whose logs or answer were judged, as `locked_items` read it

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["program", "position"], name="patients_item_of_program"),
        ]
        # One that trains both sides stands in both indexes: it has no place beside a side on its own.
        constraints: ClassVar = [
            *(
                models.UniqueConstraint(
                    fields=["program", "episode", "ladder_version"],
                    condition=models.Q(ended_on=None) & (models.Q(apart=False) | models.Q(side=side)),
                    name=f"patients_item_once_on_the_{side}",
                )
                for side in ONE_SIDE
            ),
            models.CheckConstraint(
                condition=models.Q(apart=False) | models.Q(side__in=ONE_SIDE), name="patients_item_apart_on_one_side"
            ),
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"

    @property
    def name(self) -> str:
        return self.named(self.level)

    def named(self, level: LevelVersion) -> str:
        """What a patient calls it on `level`: with its side, where each side goes its own way."""
        if not self.apart:
            return level.name
        return gettext("%(name)s – %(side)s") % {"name": level.name, "side": self.get_side_display().lower()}

    @property
    def content(self) -> dict[str, Any]:
        """What its level says, of this side alone where each side goes its own way."""
        content: dict[str, Any] = self.level.content
        return content | {"sides": self.side} if self.apart else content

    @property
    def line_id(self) -> UUID:
        """Names the exercise through swaps for an equal and through sides that part and join."""
        return self.first_id or self.pk

    def sides_asked(self, sides: str) -> tuple[str, ...]:
        """Which sides are logged on a level whose word for its sides is `sides`."""
        if self.apart:
            return (self.side,)
        if sides in ("each", "alternating"):
            return ("left", "right")
        if sides == "affected":
            return ("left", "right") if self.side == BodySide.BOTH else (self.side,)
        return ("both",)


class HoldScope(models.TextChoices):
    ITEM = "item", _("This exercise")
    REGION = "region", _("This area")
    PLAN = "plan", _("All exercises")


class HoldQuerySet(PatientOwnedQuerySet["Hold"]):
    def open(self) -> Self:
        return self.filter(released_at=None)


class Hold(Record):
    """What must stop, from the moment of the report until a person releases it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="holds")
    program = models.ForeignKey(Program, null=True, on_delete=models.PROTECT, related_name="holds")
    scope = models.CharField(max_length=8, choices=HoldScope)
    item = models.ForeignKey(ProgramItem, null=True, blank=True, on_delete=models.PROTECT, related_name="holds")
    region = models.CharField(max_length=40, blank=True)
    severity = models.PositiveSmallIntegerField()  # 1 emergency … 5 information: decides the safety text
    rule_id = models.CharField(max_length=24)
    reason = models.CharField(max_length=240)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    contact_due = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    effect = models.CharField(max_length=20, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient"], condition=models.Q(released_at=None), name="patients_hold_open")
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


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


class ProgramEventQuerySet(PatientOwnedQuerySet["ProgramEvent"]):
    clinic_path: ClassVar[str] = "program__patient__clinic"
    patient_path: ClassVar[str] = "program__patient"


class ProgramEvent(Event):
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="events")
    item = models.ForeignKey(ProgramItem, null=True, on_delete=models.PROTECT, related_name="events")

    objects = ProgramEventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
