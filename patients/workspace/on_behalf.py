"""What a patient told the clinic by phone or on paper, entered by staff and marked so."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from clinic.access import can_open_patients
from clinic.zones import instant
from patients import plan
from patients.answers import answer_question
from patients.models import NextDayQuestion, Program, ProgramItem
from patients.plan import Today
from patients.reports import report_pain
from patients.safety import Safety
from patients.sessions import log_session
from patients.told_forms import AnswerForm
from patients.workspace.log_forms import BehalfPainForm, BehalfSessionForm
from patients.workspace.page import FormPage
from patients.workspace.program import ProgramPart


class BehalfPage(FormPage):
    """What somebody at the phone may enter: everybody who opens patients. The safety text is read out to the caller."""

    may = can_open_patients

    def read_out(self, safety: Safety | None) -> None:
        if safety is not None:
            # The text often begins with the words of the heading, which a caller need not hear twice.
            heading = "" if safety.text.startswith(safety.heading) else f"{safety.heading}."
            words = " ".join(part for part in (heading, safety.urgent, safety.text) if part)
            messages.error(self.request, words)


class LogOnBehalf(ProgramPart, BehalfPage):
    template = "workspace/log.html"
    done = gettext_lazy("The session is logged and judged.")

    @cached_property
    def today(self) -> Today:
        return plan.today(self.program, now=self.request.now)

    def form(self, data: Any = None) -> BehalfSessionForm:
        return BehalfSessionForm(data, rows=[row for row in self.today.items if not row.why_held])

    def carry_out(self, form: BehalfSessionForm) -> None:
        given = form.cleaned_data
        logged = log_session(
            self.program,
            client_id=given["client_id"],
            entries=form.entries(),
            performed_at=self.wall_time(given["performed_at"]),
            effort=given["effort"],
            note=given["note"],
            red_flags=given["red_flags"],
            neuro=given["neuro"],
            source=given["source"],
            actor=self.request.user,
            now=self.request.now,
        )
        self.read_out(logged.safety)

    def wall_time(self, typed: datetime | None) -> datetime | None:
        """The form's time is a wall time in the patient's zone, whatever zone the page runs in."""
        if typed is None:
            return None
        wall = timezone.localtime(typed)
        return instant(wall.date(), wall.time(), self.patient.zone)

    def page(self, form: Any) -> HttpResponse:
        return self.draw(self.template, form=form, today=self.today, program=self.program, back=self.back())


class AnswerOnBehalf(BehalfPage):
    template = "workspace/answer.html"
    done = gettext_lazy("The answer is kept.")

    @cached_property
    def question(self) -> NextDayQuestion:
        mine = NextDayQuestion.objects.visible_to(self.request.user).filter(patient=self.patient)
        return get_object_or_404(mine.select_related("program__patient__clinic"), pk=self.kwargs["question"])

    def form(self, data: Any = None) -> AnswerForm:
        assert self.question
        return AnswerForm(data)

    def carry_out(self, form: AnswerForm) -> None:
        answered = answer_question(
            self.question, **form.cleaned_data, source="phone", actor=self.request.user, now=self.request.now
        )
        self.read_out(answered.safety)

    def page(self, form: Any) -> HttpResponse:
        return self.draw(self.template, form=form, question=self.question, back=self.back())


class PainOnBehalf(BehalfPage):
    while_closed = True  # a phoned warning sign is kept, whatever the record is
    template = "workspace/pain.html"
    done = gettext_lazy("The report is kept.")

    @cached_property
    def items(self) -> list[ProgramItem]:
        program = Program.objects.visible_to(self.request.user).filter(patient=self.patient).active().first()
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program=program).current()
        return list(mine.select_related("level", "episode").order_by("position")) if program else []

    def form(self, data: Any = None) -> BehalfPainForm:
        return BehalfPainForm(data, items=self.items)

    def carry_out(self, form: BehalfPainForm) -> None:
        given = dict(form.cleaned_data)
        given["item"] = form.items.get(given["item"])
        given["pain"] = given["pain"] or 0
        reported = report_pain(self.patient, **given, actor=self.request.user, now=self.request.now)
        self.read_out(reported.safety)

    def page(self, form: Any) -> HttpResponse:
        return self.draw(self.template, form=form, back=self.back())
