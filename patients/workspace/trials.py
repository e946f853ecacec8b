"""Free trials: the board, one request with its answers, and the steps from yes to the outcome."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from clinic import audit
from clinic.access import can_open_patients
from clinic.forms import VerbForm
from clinic.requests import ClinicRequest
from patients import admissions, exercise_audits, intake, trials
from patients.audit_checks import BY_CODE, Finding, faults_of, path_for
from patients.duplicates import look_alikes
from patients.models import Trial, TrialEvent, TrialRequest
from patients.trial_board import answers_of, board, days_left, held_words, next_step
from patients.workspace.merging import in_care
from patients.workspace.page import StaffPage, VerbPage
from patients.workspace.people import therapists
from patients.workspace.trial_forms import (
    MISS_WORDS,
    REASON_WORDS,
    AcceptForm,
    AuditForm,
    BookForm,
    ConvertForm,
    DeclineForm,
    EndForm,
    MissForm,
    StartForm,
)
from programs.models import Level

STARTER_LADDERS = ("BRG", "HNG", "NGL")
EVENT_WORDS = {
    "submit": _("Asked for a trial"),
    "submit_again": _("Sent the form again"),
    "confirm": _("Confirmed the address"),
    "accept": _("Accepted"),
    "decline": _("Declined"),
    "book_audit": _("Audit booked"),
    "miss_audit": _("Audit did not take place"),
    "record_audit": _("Audit recorded"),
    "start": _("Started"),
    "extend": _("Extended by seven days"),
    "add_held_days": _("Held days added"),
    "convert": _("Stays as a patient"),
    "end": _("Ended"),
    "expire": _("Never confirmed"),
}


def event_words(event: TrialEvent) -> str:
    """What happened; of an audit that did not take place also why: "cancelled by the person, less than 12 h before"."""
    words = str(EVENT_WORDS.get(event.kind, event.kind))
    if why := MISS_WORDS.get(event.data.get("code", "")):
        words = f"{words}: {str(why).lower()}"
    return _("%(words)s, less than 12 hours before") % {"words": words} if event.data.get("late") else words


class Trials(StaffPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        requests = TrialRequest.objects.visible_to(request.user).of(request.clinic)
        trials = Trial.objects.visible_to(request.user).of(request.clinic)
        self.note("list_trials")
        return self.draw("workspace/trials.html", board=board(requests, trials, now=request.now))


class TrialPage(StaffPage):
    """A page about one request and the trial that came of it. Whoever opens it leaves a row in the audit."""

    @cached_property
    def asked(self) -> TrialRequest:
        mine = TrialRequest.objects.visible_to(self.request.user).of(self.request.clinic)
        found = get_object_or_404(mine.select_related("clinic", "decided_by"), pk=self.kwargs["pk"])
        audit.note(
            "read",
            found,
            clinic=found.clinic_id,
            actor=self.request.user,
            now=self.request.now,
            patient_id=self._patient_of(found),
        )
        return found

    def _patient_of(self, asked: TrialRequest) -> UUID | None:
        self.trial = self.trial_of(asked)
        return self.trial.patient_id if self.trial else None

    trial: Trial | None = None

    def trial_of(self, asked: TrialRequest) -> Trial | None:
        mine = Trial.objects.visible_to(self.request.user).of(self.request.clinic).filter(request=asked)
        people = ("accepted_by", "audited_by", "audit_with")
        return mine.select_related("patient__clinic", "episode", "request", *people).first()

    def draw(self, template: str, **context: Any) -> HttpResponse:
        return super().draw(template, **({"asked": self.asked, "trial": self.trial} | context))

    def back(self) -> str:
        return reverse("workspace:trial", args=[self.asked.pk])


class ShowTrial(TrialPage):
    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        asked, now = self.asked, request.now
        events = TrialEvent.objects.visible_to(request.user).filter(request=asked).select_related("actor")
        trial = self.trial
        return self.draw(
            "workspace/trial.html",
            alike=look_alikes(in_care(self), asked) if trial is None else [],
            answers=answers_of(asked, now=now) if self.treats else [],
            severity=intake.red_flag_severity(asked.red_flags),
            is_urgent=intake.red_flag_severity(asked.red_flags) in (1, 2),
            undecided=asked.state in (TrialRequest.State.SUBMITTED, TrialRequest.State.CONFIRMED),
            may_accept=admissions.may_accept(request.membership),
            never=asked.screening in admissions.NEVER,
            findings=self.findings() if self.treats else [],
            next_step=next_step(trial, now=now) if trial else "",
            days_left=days_left(trial, now=now) if trial else 0,
            clock=held_words(trial) if trial else "",
            outcome_reason=REASON_WORDS.get(trial.outcome_reason, "") if trial else "",
            is_open=trial is not None and trial.state in trials.OPEN,
            events=[(event_words(event), event) for event in events.order_by("-at", "-pk")],
        )

    def findings(self) -> list[tuple[Any, Any]]:
        if self.trial is None:
            return []
        rows = self.trial.findings.all()
        return sorted(
            ((BY_CODE[row.check_code], row) for row in rows if row.check_code in BY_CODE),
            key=lambda pair: list(BY_CODE).index(pair[0].code),
        )


class TrialStep(TrialPage, VerbPage):
    template = "workspace/trial_form.html"

    def running(self) -> Trial:
        """The trial of this request; a request without one has no such page."""
        assert self.asked
        if self.trial is None:
            raise Http404
        return self.trial


class Accept(TrialStep):
    may = admissions.may_accept
    title = _("Accept")
    lead = _("The person becomes a patient of the clinic, with the consents they gave on the form.")
    button = _("Accept")
    done = _("Accepted. Next: book the exercise audit.")

    def form(self, data: Any = None) -> AcceptForm:
        known = {"side": self.asked.side or "both", "usual_pain": self.asked.pain_usual}
        return AcceptForm(data, initial=known, eligible=self.asked.screening in admissions.FREE)

    def carry_out(self, form: AcceptForm) -> None:
        admissions.accept_request(self.asked, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class DeclineRequest(TrialStep):
    title = _("Close without a trial")
    lead = _("The request is kept with your reason. Nothing is mailed: tell the person yourself.")
    button = _("Close the request")
    done = _("The request is closed.")

    def form(self, data: Any = None) -> DeclineForm:
        assert self.asked
        return DeclineForm(data)

    def carry_out(self, form: DeclineForm) -> None:
        admissions.decline_request(self.asked, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class BookAudit(TrialStep):
    may = can_open_patients
    title = _("Book the exercise audit")
    button = _("Book")
    done = _("The audit is booked.")

    def form(self, data: Any = None) -> BookForm:
        self.running()
        return BookForm(data, therapists=therapists(self.request.user, self.request.clinic))

    def carry_out(self, form: BookForm) -> None:
        at, by = form.moment(self.request.clinic.zone), form.chosen()
        exercise_audits.book_audit(self.running(), at=at, by=by, actor=self.request.user, now=self.request.now)


class MissAudit(TrialStep):
    may = can_open_patients
    title = _("The audit does not take place")
    lead = _("The trial goes back to where an audit is to be booked. Nothing is mailed.")
    done = _("Noted. Next: book the audit again, or end the trial.")

    def form(self, data: Any = None) -> MissForm:
        self.running()
        return MissForm(data)

    def carry_out(self, form: MissForm) -> None:
        exercise_audits.miss_audit(self.running(), **form.cleaned_data, actor=self.request.user, now=self.request.now)


class RecordAudit(TrialStep):
    may = admissions.may_accept
    template = "workspace/trial_audit.html"
    title = _("Exercise audit")
    lead = _("Tick what you see. A check that is met records its gate; the findings say at which level to begin.")
    button = _("Save the audit")
    done = _("The audit is saved. Next: start the two weeks.")

    def form(self, data: Any = None) -> AuditForm:
        self.running()
        levels = Level.objects.visible_to(self.request.user).of(self.request.clinic)
        levels = levels.filter(ladder__code__in=STARTER_LADDERS).select_related("ladder")
        return AuditForm(
            data, faults=faults_of(self.request.clinic), levels=levels.order_by("ladder__code", "position")
        )

    def carry_out(self, form: AuditForm) -> None:
        exercise_audits.record_audit(
            self.running(),
            findings=form.findings(),
            levels=form.levels(),
            path=form.cleaned_data["path"],
            leg_tingling=form.cleaned_data["leg_tingling"],
            summary=form.cleaned_data["summary"],
            actor=self.request.user,
            now=self.request.now,
        )


class Start(TrialStep):
    may = admissions.may_accept
    title = _("Start the two weeks")
    lead = _("The starter program begins today, at the levels of the audit, and ends by itself after day 13.")
    button = _("Start")
    done = _("The two weeks have begun.")

    def form(self, data: Any = None) -> StartForm:
        trial = self.running()
        seen = {row.check_code: Finding(row.check_code, row.met, value=row.value) for row in trial.findings.all()}
        return StartForm(data, initial={"path": trial.path or path_for(seen)})

    def carry_out(self, form: StartForm) -> None:
        path = form.cleaned_data["path"]
        trials.start_trial(self.running(), path=path, actor=self.request.user, now=self.request.now)


class Extend(TrialStep):
    title = _("Extend by seven days")
    lead = _("This can be done once.")
    button = _("Extend")
    done = _("Extended by seven days.")

    def form(self, data: Any = None) -> VerbForm:
        self.running()
        return VerbForm(data)

    def carry_out(self, form: VerbForm) -> None:
        trials.extend_once(self.running(), actor=self.request.user, now=self.request.now)


class Convert(TrialStep):
    title = _("Stays as a patient")
    lead = _("The trial is over. Program, levels and history go on without a break.")
    button = _("Stays")
    done = _("The person stays as a patient.")

    def form(self, data: Any = None) -> ConvertForm:
        self.running()
        return ConvertForm(data)

    def carry_out(self, form: ConvertForm) -> None:
        trials.convert(self.running(), note=form.cleaned_data["note"], actor=self.request.user, now=self.request.now)


class End(TrialStep):
    title = _("End the trial")
    lead = _("The program ends today. What was logged stays.")
    button = _("End the trial")
    done = _("The trial has ended.")

    def form(self, data: Any = None) -> EndForm:
        self.running()
        return EndForm(data)

    def carry_out(self, form: EndForm) -> None:
        trials.end_trial(self.running(), **form.cleaned_data, actor=self.request.user, now=self.request.now)
