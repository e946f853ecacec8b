"""The next-day question: how is it since yesterday?"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.answers import answer_question, stored_answer
from patients.models import NextDayQuestion
from patients.portal.page import PortalPage
from patients.portal.pain import send_warning_signs
from patients.safety import Safety
from patients.told_forms import AnswerForm


class Check(PortalPage):
    """The question with its form; once answered, what came of it. An answer may be given again while it is open."""

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        question = self.question(pk)
        if question.answered_at:
            return self.result(question)
        return self.page(question, AnswerForm())

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        question = self.question(pk)
        form = AnswerForm(request.POST)
        if not form.is_valid():
            safety = send_warning_signs(self.patient, form, actor=request.user, now=request.now)
            return self.page(question, form, safety)
        try:
            answer_question(question, **form.cleaned_data, actor=request.user, now=request.now)
        except Refused as refusal:
            form.show(refusal)
            return self.page(question, form)
        return redirect("portal:check", pk=question.pk)

    def result(self, question: NextDayQuestion) -> HttpResponse:
        mine = NextDayQuestion.objects.visible_to(self.request.user).filter(patient=self.patient)
        return self.draw(
            "portal/check_result.html",
            question=question,
            answered=stored_answer(question),
            next_question=mine.open(self.request.now).order_by("local_date").first(),
        )

    def question(self, pk: UUID) -> NextDayQuestion:
        mine = NextDayQuestion.objects.visible_to(self.request.user).filter(patient=self.patient)
        found = get_object_or_404(mine.select_related("program__phase", "program__version"), pk=pk)
        found.patient = found.program.patient = self.patient
        return found

    def page(self, question: NextDayQuestion, form: AnswerForm, safety: Safety | None = None) -> HttpResponse:
        return self.draw("portal/check.html", question=question, form=form, safety=safety)
