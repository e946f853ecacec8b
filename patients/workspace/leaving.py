"""For owners: a copy of a patient's record, and closing the account of somebody who leaves."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic.access import can_run_clinic
from clinic.forms import VerbForm
from clinic.requests import ClinicRequest
from patients import restriction
from patients.erasure import close_account
from patients.models import Patient
from patients.record_copy import copy_of
from patients.workspace.page import FormPage, PatientPage, StaffPage

A_PAGE = 50


class RecordCopy(PatientPage):
    may = can_run_clinic
    while_closed = True
    asks_again = True

    def get(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        years, events = self.patient.clinic.retention_years, restriction.history(self.patient)
        return self.draw("workspace/record_copy.html", years=years, events=events)

    def post(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        answer = HttpResponse(
            copy_of(self.patient, actor=request.user, now=request.now), content_type="application/zip"
        )
        answer["Content-Disposition"] = 'attachment; filename="record.zip"'
        return answer


class CloseForm(VerbForm):
    sure = forms.BooleanField(label=_("I have made sure that this patient leaves."))


class CloseAccount(FormPage):
    may = can_run_clinic
    asks_again = True
    title = _("Close the account")
    lead = _("The portal closes, all mails stop, and the patient leaves the lists. Discharge open episodes first.")
    button = _("Close the account")
    done = _("The account is closed. The portal and all mails have ended.")

    def form(self, data: Any = None) -> CloseForm:
        return CloseForm(data)

    def carry_out(self, form: CloseForm) -> None:
        close_account(self.patient, actor=self.request.user, now=self.request.now)


class WhyForm(VerbForm):
    reason = forms.CharField(label=_("Why"), max_length=240, help_text=_("It stays on record."))


class Restrict(FormPage):
    may = can_run_clinic
    asks_again = True
    title = _("Restrict the record")
    lead = _(
        "For somebody who asks that their data is kept and not used. Mails stop, nothing is changed, and only owners "
        "open the record. The portal says so; pain can still be reported, and opens the record to licensed therapists."
    )
    button = _("Restrict the record")
    done = _("The record is restricted.")

    def form(self, data: Any = None) -> WhyForm:
        return WhyForm(data)

    def carry_out(self, form: WhyForm) -> None:
        restriction.restrict(self.patient, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class Reopen(FormPage):
    """Lifts a restriction, or opens an account that was closed by mistake."""

    may = can_run_clinic
    while_closed = True
    asks_again = True
    title = _("Open the record again")
    lead = _("Portal, mails and lists work as before. A program that was running goes on, more lightly after a gap.")
    button = _("Open again")
    done = _("The record is open again.")

    def form(self, data: Any = None) -> WhyForm:
        return WhyForm(data)

    def carry_out(self, form: WhyForm) -> None:
        restriction.reopen(self.patient, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class Closed(StaffPage):
    """The records that stand in no list any more, for owners."""

    may = can_run_clinic

    def get(self, request: ClinicRequest) -> HttpResponse:
        self.note("list_patients")
        mine = Patient.objects.visible_to(request.user).of(request.clinic)
        found = mine.filter(closed_at__isnull=False, merged_into=None, erased_at=None).select_related("identity")
        page = Paginator(found.order_by("-closed_at", "pk"), A_PAGE).get_page(request.GET.get("page"))
        return self.draw("workspace/closed.html", page=page)
