"""For owners: a copy of a patient's record, and closing the account of somebody who leaves."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic.access import can_run_clinic
from clinic.forms import VerbForm
from clinic.requests import ClinicRequest
from patients.erasure import close_account
from patients.record_copy import copy_of
from patients.workspace.page import FormPage, PatientPage


class RecordCopy(PatientPage):
    may = can_run_clinic
    asks_again = True

    def get(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        return self.draw("workspace/record_copy.html", years=self.patient.clinic.retention_years)

    def post(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        answer = HttpResponse(
            copy_of(self.patient, actor=request.user, now=request.now), content_type="application/zip"
        )
        answer["Content-Disposition"] = 'attachment; filename="record.zip"'
        return answer


class CloseForm(VerbForm):
    sure = forms.BooleanField(label=_("I have made sure that this patient leaves. Nobody can open the account again."))


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
