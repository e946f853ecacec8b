"""Program templates and their versions: a draft may be edited, a published version is frozen for good."""

from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import M
from clinic.models import Clinic, Record, User
from programs.models.exercise import Ladder, LadderVersion, LibraryQuerySet
from programs.models.frozen import refuse


class DraftQuerySet(LibraryQuerySet[M]):
    """Rows of a program version: they may change and go while it is a draft, in bulk as one by one."""

    state_path: ClassVar[str] = "state"

    def frozen(self) -> Self:
        return self.exclude(**{self.state_path: "draft"})

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.frozen().exists():
            refuse()
        return super().delete()


class PartQuerySet(DraftQuerySet[M]):
    def update(self, **kwargs: Any) -> int:
        if self.frozen().exists():
            refuse()
        return super().update(**kwargs)


class VersionQuerySet(DraftQuerySet["ProgramVersion"]):
    clinic_path: ClassVar[str] = "template__clinic"

    def published(self) -> Self:
        return self.filter(state=ProgramVersion.State.PUBLISHED)

    def with_running(self) -> Self:
        """Adds `running`: on how many programs it runs today. A number for trainers, who see no patient."""
        return self.annotate(running=models.Count("programs", filter=models.Q(programs__ended_on=None), distinct=True))


class PhaseQuerySet(PartQuerySet["Phase"]):
    clinic_path: ClassVar[str] = "version__template__clinic"
    state_path: ClassVar[str] = "version__state"


class PhaseItemQuerySet(PartQuerySet["PhaseItem"]):
    clinic_path: ClassVar[str] = "phase__version__template__clinic"
    state_path: ClassVar[str] = "phase__version__state"


class PainPolicy(models.TextChoices):
    MONITORED = "monitored", _("Watched: some pain is acceptable")
    STRICT = "strict", _("Strict: new pain means stop and ask")


class ProgramTemplate(Record):
    """The lasting name of a program; everything else stands in its versions."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="templates")
    code = models.SlugField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=120)
    sources = models.JSONField(_("sources"), default=list, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = LibraryQuerySet["ProgramTemplate"].as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "code"], name="programs_template_code_once_a_clinic")
        ]

    def __str__(self) -> str:
        return self.title


class ProgramVersion(Record):
    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    template = models.ForeignKey(ProgramTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=120)
    for_whom = models.CharField(_("for whom"), max_length=240, blank=True)
    entry = models.JSONField(_("entry conditions"), default=dict, blank=True)
    pain_policy = models.CharField(_("pain policy"), max_length=12, choices=PainPolicy, default=PainPolicy.MONITORED)
    max_active_items = models.PositiveSmallIntegerField(_("exercises at a time, at most"), default=3)
    blocked_ladders = models.JSONField(_("blocked ladders"), default=list, blank=True)
    education = models.JSONField(_("advice"), default=list, blank=True)
    paths = models.JSONField(_("paths chosen at assignment"), default=dict, blank=True)
    change_note = models.TextField(_("what changed and why"), blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="programs_version_number_once"),
            models.UniqueConstraint(
                fields=["template"], condition=models.Q(state="draft"), name="programs_version_one_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    @property
    def is_frozen(self) -> bool:
        return self.state != self.State.DRAFT

    # Publishing and retiring are conditional updates in programs.publishing: whoever saves a frozen row by hand errs.
    def save(self, *args: Any, **kwargs: Any) -> None:
        _refuse_unless_draft(self.pk)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse_unless_draft(self.pk)
        return super().delete(*args, **kwargs)


def _refuse_unless_draft(version_id: UUID) -> None:
    """Asks the database: an object in memory may be older than its publication."""
    if ProgramVersion.objects.filter(pk=version_id).frozen().exists():
        refuse()


class Phase(Record):
    """Part of a program with its own exercises. Ends when its exit holds; its days are a guide, not a limit."""

    version = models.ForeignKey(ProgramVersion, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    path = models.CharField(_("path"), max_length=20, blank=True)
    day_from = models.PositiveSmallIntegerField(_("from day"))
    day_to = models.PositiveSmallIntegerField(_("to day"))
    choose_max = models.PositiveSmallIntegerField(_("choose at most"), null=True, blank=True)
    exit = models.JSONField(_("exit"), default=dict, blank=True)

    objects = PhaseQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        _refuse_unless_draft(self.version_id)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse_unless_draft(self.version_id)
        return super().delete(*args, **kwargs)


class PhaseItem(Record):
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(_("position"))
    ladder = models.ForeignKey(Ladder, on_delete=models.PROTECT, related_name="+")
    ladder_version = models.ForeignKey(LadderVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    start_code = models.CharField(_("starts at level"), max_length=16)
    cap_code = models.CharField(_("up to level"), max_length=16, blank=True)
    from_day = models.PositiveSmallIntegerField(_("from day of the phase"), default=1)

    objects = PhaseItemQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.start_code} to {self.cap_code or 'the top'}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        _refuse_unless_draft(self.phase.version_id)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        _refuse_unless_draft(self.phase.version_id)
        return super().delete(*args, **kwargs)
