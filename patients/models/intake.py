"""The free two-week trial: the request as it came in, the trial itself, and its exercise audit."""

from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.access import CARE_ROLES, ScopedQuerySet, clinics_of, clinics_seen_whole
from clinic.models import Clinic, Event, Record, User
from patients.models.episode import BodySide, Episode, Slump
from patients.models.patient import Patient, PatientOwnedQuerySet, exceptions_for


class Screening(models.TextChoices):
    """Results of handbook 4.2, in the order in which they are asked: the first that matches stands."""

    REFERRED_OUT = "referred_out", _("Sent to emergency care")
    NEEDS_CLINICIAN = "needs_clinician", _("A clinician must look first")
    GUARDIAN_REQUIRED = "guardian_required", _("Under 18: a guardian is needed")
    DUPLICATE = "duplicate", _("Had a trial before")
    EXISTING_PATIENT = "existing_patient", _("Already a patient")
    OUT_OF_AREA = "out_of_area", _("Outside the area")
    NEEDS_BILLING_REVIEW = "needs_billing_review", _("Payer review")
    ELIGIBLE = "eligible", _("Eligible")


class TrialRequestQuerySet(ScopedQuerySet["TrialRequest"]):
    def visible_to(self, user: User) -> Self:
        """Who is nobody's patient yet is seen by all who care; afterwards as the patient is."""
        undecided = models.Q(clinic__in=clinics_of(user, *CARE_ROLES), trial=None)
        in_care = models.Q(clinic__in=clinics_seen_whole(user), trial__patient__closed_at=None)
        return self.filter(undecided | in_care | models.Q(trial__patient__in=exceptions_for(user)))

    def undecided(self) -> Self:
        return self.filter(state__in=[TrialRequest.State.SUBMITTED, TrialRequest.State.CONFIRMED])


class TrialRequest(Record):
    """What somebody without an account asked for. Nobody is a patient before a licensed therapist says yes."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for the mail to be confirmed")
        CONFIRMED = "confirmed", _("New")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Never confirmed")

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="trial_requests")
    state = models.CharField(max_length=12, choices=State, default=State.SUBMITTED)
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20)
    complaint = models.TextField(_("what brings you here"))
    side = models.CharField(_("side"), max_length=8, choices=BodySide, blank=True)
    pain_now = models.PositiveSmallIntegerField(_("pain now"), null=True, blank=True)
    pain_usual = models.PositiveSmallIntegerField(_("usual pain"), null=True, blank=True)
    slump = models.CharField(max_length=20, choices=Slump, default=Slump.NOT_DONE)
    red_flags = models.JSONField(default=list, blank=True)
    answers = models.JSONField(default=dict, blank=True)  # history yes/no items, equipment, goals
    consents = models.JSONField(default=list, blank=True)  # [{kind, version, at}]
    screening = models.CharField(max_length=24, choices=Screening, blank=True)
    screening_reasons = models.JSONField(default=list, blank=True)
    person_key = models.CharField(max_length=64, db_index=True)  # keyed hash of the normalised e-mail
    phone_key = models.CharField(max_length=64, blank=True)  # keyed hash of phone + birth date
    submitted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decision_note = models.CharField(max_length=240, blank=True)
    # A therapist gave this person a second trial, with a reason: the one exception to "once a person".
    overridden = models.BooleanField(default=False)

    objects = TrialRequestQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "person_key"],
                condition=models.Q(state="accepted", overridden=False) & ~models.Q(person_key=""),
                name="patients_one_trial_a_person",
            )
        ]

    def __str__(self) -> str:
        return f"trial request {self.pk}"


class Trial(Record):
    class State(models.TextChoices):
        ACCEPTED = "accepted", _("Accepted")
        AUDIT_BOOKED = "audit_booked", _("Audit booked")
        ACTIVE = "active", _("Running")
        CONVERTED = "converted", _("Stayed as a patient")
        NOT_CONVERTED = "not_converted", _("Ended")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        STOPPED_CLINICAL = "stopped_clinical", _("Stopped for clinical reasons")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="trials")
    request = models.OneToOneField(TrialRequest, on_delete=models.PROTECT, related_name="trial")
    episode = models.ForeignKey(Episode, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=20, choices=State, default=State.ACCEPTED)
    accepted_at = models.DateTimeField()
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    audit_at = models.DateTimeField(null=True, blank=True)
    audit_with = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audited_at = models.DateTimeField(null=True, blank=True)
    audited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    audit_summary = models.TextField(blank=True)
    path = models.CharField(max_length=20, blank=True)  # of the starter template: muscle or nerve
    entry_levels = models.JSONField(default=dict, blank=True)  # ladder code -> level code
    started_on = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)  # access until local midnight ending this day
    extended = models.BooleanField(default=False)
    paused_days = models.PositiveSmallIntegerField(default=0)  # held days, given back at the end
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome_reason = models.CharField(max_length=20, blank=True)  # cost, time, better, worse, distance, other
    note = models.TextField(blank=True)

    objects = PatientOwnedQuerySet["Trial"].as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "last_day"], name="patients_trial_running")]

    def __str__(self) -> str:
        return f"trial {self.pk}"


class TrialOwnedQuerySet(PatientOwnedQuerySet["AuditFinding"]):
    clinic_path: ClassVar[str] = "trial__patient__clinic"
    patient_path: ClassVar[str] = "trial__patient"


class AuditFinding(Record):
    """One line of the exercise audit: what was checked, the faults seen, and whether its gate is met."""

    trial = models.ForeignKey(Trial, on_delete=models.PROTECT, related_name="findings")
    check_code = models.CharField(max_length=40)
    met = models.BooleanField()
    faults = models.JSONField(default=list, blank=True)
    pain = models.PositiveSmallIntegerField(null=True, blank=True)
    value = models.CharField(max_length=40, blank=True)

    objects = TrialOwnedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trial", "check_code"], name="patients_audit_check_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_code} {self.pk}"


class TrialEventQuerySet(ScopedQuerySet["TrialEvent"]):
    clinic_path: ClassVar[str] = "request__clinic"

    def visible_to(self, user: User) -> Self:
        return self.filter(request__in=TrialRequest.objects.visible_to(user).order_by().values("pk"))


class TrialEvent(Event):
    request = models.ForeignKey(TrialRequest, on_delete=models.PROTECT, related_name="events")

    objects = TrialEventQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
