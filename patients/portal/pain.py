"""Report pain now: with or without an exercise, at any time, also when nothing is planned."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.models import PainReport, Patient, ProgramItem
from patients.portal.page import PortalPage
from patients.red_flag_words import NEURO_WORDS, RED_FLAG_WORDS
from patients.reports import report_pain, stored_report
from patients.safety import Safety
from patients.told_forms import PainForm
from programs.models.exercise import Region


class OwnPainForm(PainForm):
    about = forms.ChoiceField(label=_("What is it about?"), required=False)

    field_order = ["pain", "about"]

    def __init__(self, data: Any = None, *, items: list[ProgramItem], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.items = {str(item.pk): item for item in items}
        exercises = [(key, item.name.capitalize()) for key, item in self.items.items()]
        areas = [(value, label) for value, label in Region.choices]
        groups: list[Any] = [("", _("I am not sure")), (_("An area"), areas)]
        self.fields["about"].choices = [*groups, (_("An exercise"), exercises)] if exercises else groups  # type: ignore[attr-defined]

    def report(self, patient: Patient, *, actor: User, now: datetime) -> Any:
        given = dict(self.cleaned_data)
        about = given.pop("about")
        item = self.items.get(about)
        return report_pain(patient, item=item, region="" if item else about, **given, actor=actor, now=now)


class ReportPain(PortalPage):
    while_restricted = True

    def get(self, request: ClinicRequest) -> HttpResponse:
        asked = request.GET.get("about", "")
        return self.page(OwnPainForm(items=self.items(), initial={"about": asked}), urgent="urgent" in request.GET)

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = OwnPainForm(request.POST, items=self.items())
        if not form.is_valid():
            safety = send_warning_signs(self.patient, form, actor=request.user, now=request.now)
            return self.page(form, safety=safety)
        try:
            reported = form.report(self.patient, actor=request.user, now=request.now)
        except Refused as refusal:
            form.show(refusal)
            return self.page(form)
        if reported.report is None:  # nobody reads reports any more: nothing was stored, so there is no page of it
            return self.draw("portal/report_result.html", reported=reported)
        return redirect("portal:report_result", pk=reported.report.pk)

    def items(self) -> list[ProgramItem]:
        if self.program is None:
            return []
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program=self.program).current()
        return list(mine.select_related("level", "episode").order_by("position", "pk"))

    def page(self, form: OwnPainForm, safety: Safety | None = None, urgent: bool = False) -> HttpResponse:
        read = self.reports_are_read()
        return self.draw("portal/report_pain.html", form=form, safety=safety, urgent=urgent, reports_are_read=read)


class ReportResult(PortalPage):
    while_restricted = True

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        mine = PainReport.objects.visible_to(request.user).filter(patient=self.patient, kind=PainReport.Kind.NOW)
        report = get_object_or_404(mine, pk=pk)
        report.patient = self.patient
        return self.draw("portal/report_result.html", reported=stored_report(report))


def send_warning_signs(patient: Patient, form: forms.Form, *, actor: User, now: datetime) -> Safety | None:
    """Pass on the warning signs of a form that cannot be saved yet: nothing else on it may swallow them."""
    given: Any = form.data
    signs = [code for code in given.getlist("red_flags") if code in RED_FLAG_WORDS]
    neuro = [code for code in given.getlist("neuro") if code in NEURO_WORDS]
    if not (signs or neuro):
        return None
    return report_pain(patient, pain=0, red_flags=signs, neuro=neuro, actor=actor, now=now).safety
