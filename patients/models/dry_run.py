"""A dry run: rules or a program tried out before anybody gets them. Holds plain values and counts, no name."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import ScopedQuerySet, clinics_of
from clinic.models import Clinic, Record, User
from programs.models import ProgramVersion


class DryRunQuerySet(ScopedQuerySet["DryRun"]):
    def visible_to(self, user: User) -> Self:
        """Made-up patients are for everybody who writes or assigns programs, histories for who may read them all."""
        made_up = models.Q(kind=DryRun.Kind.PEOPLE, clinic__in=clinics_of(user, "therapist", "trainer", "owner"))
        read = models.Q(kind=DryRun.Kind.HISTORIES, clinic__in=clinics_of(user, "therapist", "owner"))
        return self.filter(made_up | read)

    def unfinished(self) -> Self:
        return self.filter(state__in=DryRun.UNFINISHED)

    def without_results(self) -> Self:
        """For lists: books and counts are a hundred kilobytes a run."""
        return self.defer("counts", "book", "book_now")


class DryRun(Record):
    """The row is the work: a worker takes it by its lease, does a part, and adds what it counted."""

    class Kind(models.TextChoices):
        PEOPLE = "people", _("Made-up patients")
        HISTORIES = "histories", _("The clinic's own histories")

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    UNFINISHED: ClassVar = (State.QUEUED, State.RUNNING)

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="dry_runs")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    version = models.ForeignKey(ProgramVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=160, blank=True)  # of the version, as it was
    path = models.CharField(max_length=20, blank=True)
    numbers = models.JSONField(default=dict, blank=True)  # changed clinical numbers by name
    book_now = models.JSONField(default=dict, blank=True)  # the published version, as plain values
    book = models.JSONField(default=dict, blank=True)  # the version that is tried
    ruleset = models.CharField(max_length=40)
    weeks = models.PositiveSmallIntegerField()
    seed = models.PositiveIntegerField()
    each = models.PositiveSmallIntegerField()  # made-up patients of every character
    since = models.DateField()
    counts = models.JSONField(default=dict, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)  # whose work counts
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # taken without getting anywhere
    fault = models.CharField(max_length=80, blank=True)  # the kind of error, never its text

    objects = DryRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["asked_at"],
                condition=models.Q(state__in=("queued", "running")),
                name="patients_dry_run_unfinished",
            ),
            models.Index(fields=["clinic", "asked_at"], name="patients_dry_run_of_clinic"),
        ]

    def __str__(self) -> str:
        return f"dry run {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def compares(self) -> bool:
        """Whether there is a difference to show: other numbers, or another version than the published one."""
        return bool(self.numbers) or self.book != self.book_now
