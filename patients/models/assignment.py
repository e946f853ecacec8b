"""A program as it runs for one patient: pinned to a published version, with its own levels, doses and sides."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.models import Event, Record, User
from patients.models.episode import BodySide, Episode
from patients.models.patient import Patient, PatientOwnedQuerySet
from programs.models import LadderVersion, LevelVersion, Phase, ProgramVersion
from programs.models.exercise import Region
from programs.models.template import PainPolicy

ONE_SIDE = (BodySide.LEFT, BodySide.RIGHT)
REMOVED = "removed"  # how an exercise ended that a person took off the program
BY_A_PERSON = (REMOVED, "stop", "swap")  # ends that no phase and no version takes back
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
        return self.version.title if self.version else by_hand()


def name_of_side(name: str, side: str) -> str:
    """What an exercise is called for a side that goes its own way."""
    return gettext("%(name)s – %(side)s") % {"name": name, "side": str(BodySide(side).label).lower()}


def by_hand() -> str:
    """What a program without a version is called."""
    return gettext("Put together by hand")


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
    judged_until = models.DateField(null=True, blank=True)  # last day of which a log or an answer was ever judged
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
        return name_of_side(level.name, self.side) if self.apart else level.name

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


class ProgramEventQuerySet(PatientOwnedQuerySet["ProgramEvent"]):
    clinic_path: ClassVar[str] = "program__patient__clinic"
    patient_path: ClassVar[str] = "program__patient"


class ProgramEvent(Event):
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="events")
    item = models.ForeignKey(ProgramItem, null=True, on_delete=models.PROTECT, related_name="events")

    objects = ProgramEventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
