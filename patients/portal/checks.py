"""The next-day question: how is it since yesterday?"""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.answers import answer_question, stored_answer
from patients.models import NextDayQuestion
from patients.portal.page import PortalPage
from patients.portal.pain import send_warning_signs
from patients.red_flag_words import NEURO_WORDS, RED_FLAG_WORDS
from patients.safety import Safety

COMPARED = [("worse", _("Worse")), ("same", _("Same")), ("better", _("Better"))]


class CheckForm(VerbForm):
    compared = forms.ChoiceField(
        label=_("Compared with before the exercises"),
        choices=COMPARED,
        error_messages={"required": _("Choose worse, same or better.")},
        widget=forms.RadioSelect,
    )
    pain = forms.IntegerField(label=_("Pain now"), error_messages={"required": _("Choose a number from 0 to 10.")})
    neuro = forms.MultipleChoiceField(
        label=_("New in the leg or foot"),
        required=False,
        choices=list(NEURO_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )
    red_flags = forms.MultipleChoiceField(
        label=_("Tick all that are true"),
        required=False,
        choices=list(RED_FLAG_WORDS.items()),
        widget=forms.CheckboxSelectMultiple,
    )


class Check(PortalPage):
    """The question with its form; once answered, what came of it. An answer may be given again while it is open."""

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        question = self.question(pk)
        if question.answered_at:
            return self.draw("portal/check_result.html", question=question, answered=stored_answer(question))
        return self.page(question, CheckForm())

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        question = self.question(pk)
        form = CheckForm(request.POST)
        if not form.is_valid():
            safety = send_warning_signs(self.patient, form, actor=request.user, now=request.now)
            return self.page(question, form, safety)
        try:
            answer_question(question, **form.cleaned_data, actor=request.user, now=request.now)
        except Refused as refusal:
            form.show(refusal)
            return self.page(question, form)
        return redirect("portal:check", pk=question.pk)

    def question(self, pk: UUID) -> NextDayQuestion:
        mine = NextDayQuestion.objects.visible_to(self.request.user).filter(patient=self.patient)
        found = get_object_or_404(mine.select_related("program__phase", "program__version"), pk=pk)
        found.patient = found.program.patient = self.patient
        return found

    def page(self, question: NextDayQuestion, form: CheckForm, safety: Safety | None = None) -> HttpResponse:
        return self.draw("portal/check.html", question=question, form=form, safety=safety)
