"""One person with two records: who looks like the same, what would move, and the act itself."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import merging
from patients.duplicates import look_alikes
from patients.models import Identity, Patient
from patients.models.consent import ConsentKind
from patients.models.patient import PatientOwnedQuerySet
from patients.workspace.page import PatientPage, StaffPage

MOST = 8


def in_care(page: StaffPage) -> PatientOwnedQuerySet[Identity]:
    """Everybody in care whom the reader may see."""
    mine = Identity.objects.visible_to(page.request.user).of(page.request.clinic)
    return mine.filter(patient__closed_at=None).select_related("patient__owner")


def same_person(page: StaffPage, patient: Patient) -> list[Identity]:
    """Who may be the same person as `patient`, of those whom the reader may see."""
    return look_alikes(in_care(page).exclude(pk=patient.pk), patient.identity)


class Search(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name, e-mail or phone of the other record"), required=False)


class SamePerson(PatientPage):
    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page(Search(), "")

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        """By POST: a name belongs into no address."""
        form = Search(request.POST)
        if not form.is_valid():
            raise BadRequest("no text to search for")
        return self.page(form, form.cleaned_data["q"].strip())

    def page(self, form: Search, words: str) -> HttpResponse:
        others = in_care(self).exclude(pk=self.patient.pk)
        found = others.filter(search__contains=words.casefold()).order_by("search")[:MOST]
        return self.draw(
            "workspace/same_person.html",
            form=form,
            words=words,
            found=found if words else [],
            alike=same_person(self, self.patient),
            aliases=merging.aliases_of(self.patient),
            may_merge=merging.can_merge(self.request.membership),
        )


class MergeForm(VerbForm):
    reason = forms.CharField(
        label=gettext_lazy("How do you know that this is one person?"),
        max_length=240,
        help_text=gettext_lazy("For example: asked at the desk, same birth date and passport."),
    )


class Merge(PatientPage):
    """The record in the address is kept, the other one goes into it."""

    may = merging.can_merge

    @cached_property
    def other(self) -> Patient:
        mine = Patient.objects.visible_to(self.request.user).of(self.request.clinic)
        return get_object_or_404(mine.select_related("identity", "user", "owner"), pk=self.kwargs["other"])

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page(MergeForm())

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        form = MergeForm(request.POST)
        assert self.other
        if form.is_valid():
            given = form.cleaned_data
            try:
                merging.merge(self.other, into=self.patient, **given, actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("The two records are one now. The link of the other one leads here."))
                return redirect("workspace:patient", pk=self.patient.pk)
        return self.page(form)

    def page(self, form: MergeForm) -> HttpResponse:
        ending = merging.consents_that_end(self.other, self.patient)
        return self.draw(
            "workspace/merge.html",
            form=form,
            other=self.other,
            why_not=merging.why_not(self.other, self.patient),
            moved=merging.preview(self.other, self.patient),
            ending=[ConsentKind(kind).label for kind in ending],
        )
