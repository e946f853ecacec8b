"""Pain reports as they come in, the flags made from them, and every step until somebody has followed up."""

from datetime import datetime
from enum import nonmember
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import clinics_seen_whole
from clinic.models import Clinic, Event, Record, User
from patients.models.assignment import Program, ProgramItem
from patients.models.episode import Episode
from patients.models.patient import FLAG_WAITS, Patient, PatientOwnedQuerySet, exceptions_for
from patients.models.session import ExerciseLog, NextDayQuestion, Session


class PainReportQuerySet(PatientOwnedQuerySet["PainReport"]):
    def waiting(self) -> Self:
        return self.filter(triaged_at=None)


class PainReport(Record):
    """One judged thing, with its facts. The row itself is the outbox: `triaged_at IS NULL` means no flag yet."""

    class Kind(models.TextChoices):
        LOG = "log", _("a session")
        ANSWER = "answer", _("a next-day answer")
        NOW = "now", _("a pain report")
        TEXT = "text", _("words in a note or message")
        TICK = "tick", _("the daily look")
        TRIAL = "trial", _("a trial request")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reports")
    episode = models.ForeignKey(Episode, null=True, on_delete=models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, null=True, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(ProgramItem, null=True, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=8, choices=Kind)
    region = models.CharField(max_length=40, blank=True)
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="reports")
    log = models.ForeignKey(ExerciseLog, null=True, on_delete=models.PROTECT, related_name="reports")
    question = models.ForeignKey(NextDayQuestion, null=True, on_delete=models.PROTECT, related_name="reports")
    facts = models.JSONField(default=dict)
    codes = models.JSONField(default=list, blank=True)  # findings known by name: text, tick, and news of an old log
    late_flag = models.ForeignKey("PainFlag", null=True, on_delete=models.PROTECT, related_name="late_reports")
    note = models.TextField(blank=True)
    ruleset = models.CharField(max_length=40)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    triaged_at = models.DateTimeField(null=True, blank=True)

    objects = PainReportQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["reported_at"], condition=models.Q(triaged_at=None), name="patients_report_waiting")
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class FlagGroup(models.TextChoices):
    SAFETY = "safety", _("Safety")
    PAIN = "pain", _("Pain")
    TOLERANCE = "tolerance", _("Tolerance")
    ADHERENCE = "adherence", _("Adherence")
    REVIEW = "review", _("To read")
    ESCALATION = "escalation", _("Overdue")


class PainFlagQuerySet(PatientOwnedQuerySet["PainFlag"]):
    clinic_path: ClassVar[str] = "clinic"

    def visible_to(self, user: User) -> Self:
        """Flags are the clinic's work list: staff who care see them; patients read their holds, not the queue."""
        in_care = models.Q(clinic__in=clinics_seen_whole(user), patient__closed_at=None)
        return self.filter(in_care | models.Q(patient__in=exceptions_for(user)))

    def waiting(self) -> Self:
        return self.filter(state__in=PainFlag.State.waiting)

    def reported(self) -> Self:
        """Those about a patient, without the escalations: these say only that one of them is late."""
        return self.exclude(group=FlagGroup.ESCALATION)

    def waiting_or_closed_since(self, moment: datetime) -> Self:
        """What is open, late news included, and what was closed since `moment`."""
        closed = ~models.Q(group=FlagGroup.ESCALATION) & models.Q(resolved_at__gte=moment)
        return self.filter(models.Q(state__in=PainFlag.State.waiting) | closed)

    def with_names(self) -> Self:
        """Adds `patient_name`, `patient_phone` and `owner_name`: a list of flags needs no more of whose they are."""
        return self.annotate(
            patient_name=models.F("patient__identity__name"),
            patient_phone=models.F("patient__identity__phone"),
            owner_name=models.F("owner__name"),
        )

    def late(self, now: datetime) -> Self:
        """Not taken, or the patient not reached, by the target time; not while put aside."""
        untaken = models.Q(state=PainFlag.State.OPEN, ack_due__lte=now)
        unreached = models.Q(state=PainFlag.State.ACKNOWLEDGED, contact_due__lte=now)
        awake = models.Q(snoozed_until=None) | models.Q(snoozed_until__lte=now)
        return self.reported().filter(untaken | unreached, awake)

    def most_urgent_first(self) -> Self:
        return self.order_by("severity", "contact_due", "pk")


class PainFlag(Record):
    """Something a person must look at. One open flag a patient, group and region; it only ever grows more severe."""

    class State(models.TextChoices):
        OPEN = "open", _("New")
        ACKNOWLEDGED = "acknowledged", _("Taken")
        CONTACTED = "contacted", _("Contacted")
        RESOLVED = "resolved", _("Closed")
        waiting = nonmember(FLAG_WAITS)

    class Resolution(models.TextChoices):
        ADVISED_CONTINUE = "advised_continue", _("Advised to go on")
        DOSE_REDUCED = "dose_reduced", _("Dose reduced")
        LEVEL_CHANGED = "level_changed", _("Level changed")
        EXERCISE_SWAPPED = "exercise_swapped", _("Exercise swapped")
        VISIT_BOOKED = "visit_booked", _("Visit booked")
        REFERRED_GP = "referred_gp", _("Referred to their doctor")
        REFERRED_URGENT = "referred_urgent", _("Referred urgently")
        SENT_EMERGENCY = "sent_emergency", _("Sent to emergency care")
        EXPECTED_SORENESS = "expected_soreness", _("Expected soreness")
        TECHNIQUE_CORRECTED = "technique_corrected", _("Technique corrected")
        UNRELATED_CAUSE = "unrelated_cause", _("Unrelated cause")
        DATA_ENTRY_ERROR = "data_entry_error", _("Entered by mistake")
        NO_CONTACT_3_ATTEMPTS = "no_contact_3_attempts", _("Not reached in three attempts")
        PATIENT_WITHDREW = "patient_withdrew", _("Patient withdrew")
        DUPLICATE = "duplicate", _("Duplicate")

    class Effect(models.TextChoices):
        RESUME = "resume", _("Resume as it was")
        LIGHTER = "lighter", _("Resume lighter")
        STEP_BACK = "step_back", _("Resume one level down")
        SWAP = "swap", _("Swap the exercise")
        STOP = "stop", _("Stop the exercise for good")
        NONE = "none", _("No change")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="flags")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="flags")
    episode = models.ForeignKey(Episode, null=True, on_delete=models.PROTECT, related_name="flags")
    item = models.ForeignKey(ProgramItem, null=True, on_delete=models.PROTECT, related_name="flags")
    group = models.CharField(max_length=12, choices=FlagGroup)
    region = models.CharField(max_length=40, blank=True)
    severity = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    code = models.CharField(max_length=24)  # of the finding that set the severity
    headline = models.CharField(max_length=240)  # the rule in plain words with its figures
    opened_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    ack_due = models.DateTimeField(null=True, blank=True)
    contact_due = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="flags")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    resolution = models.CharField(max_length=24, choices=Resolution, blank=True)
    effect = models.CharField(max_length=12, choices=Effect, blank=True)
    note = models.TextField(blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    late_step = models.PositiveSmallIntegerField(default=0, db_default=0)  # what has been said of its lateness
    reopened = models.PositiveSmallIntegerField(default=0)

    objects = PainFlagQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "group", "region"],
                condition=~models.Q(state="resolved"),
                name="patients_one_open_flag_a_group_and_region",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__gte=1, severity__lte=5), name="patients_flag_severity_1_to_5"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="resolved") | models.Q(resolved_at__isnull=False),
                name="patients_resolved_flag_says_when",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["clinic", "severity", "contact_due"],
                condition=~models.Q(state="resolved"),
                name="patients_flag_queue",
            )
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"

    @property
    def target(self) -> datetime | None:
        """By when somebody must take it, and once it is taken, by when the patient must be reached."""
        if self.state == self.State.OPEN:
            return self.ack_due
        return self.contact_due if self.state == self.State.ACKNOWLEDGED else None

    def is_late(self, now: datetime) -> bool:
        """As `late` asks the database."""
        is_awake = self.snoozed_until is None or self.snoozed_until <= now
        return is_awake and self.target is not None and self.target <= now


class FlagEventQuerySet(PatientOwnedQuerySet["FlagEvent"]):
    clinic_path: ClassVar[str] = "flag__clinic"
    patient_path: ClassVar[str] = "flag__patient"


class FlagEvent(Event):
    """A step in a flag's life. A finding is exactly one event on exactly one flag."""

    flag = models.ForeignKey(PainFlag, on_delete=models.PROTECT, related_name="events")
    report = models.ForeignKey(PainReport, null=True, on_delete=models.PROTECT, related_name="events")
    code = models.CharField(max_length=24, blank=True)

    objects = FlagEventQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["report", "code"], condition=~models.Q(code=""), name="patients_finding_is_one_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
