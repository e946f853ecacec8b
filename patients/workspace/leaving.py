"""For owners: a copy of a patient's record, and closing the account of somebody who leaves."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic.access import can_run_clinic
from clinic.requests import ClinicRequest
from patients.erasure import close_account
from patients.record_copy import copy_of
from patients.workspace.page import Deed, PatientPage


class RecordCopy(PatientPage):
    may = can_run_clinic

    def get(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        return self.draw("workspace/record_copy.html", years=self.patient.clinic.retention_years)

    def post(self, request: ClinicRequest, **ids: object) -> HttpResponse:
        answer = HttpResponse(
            copy_of(self.patient, actor=request.user, now=request.now), content_type="application/zip"
        )
        answer["Content-Disposition"] = 'attachment; filename="record.zip"'
        return answer


class CloseAccount(Deed):
    may = can_run_clinic
    done = _("The account is closed. The portal and all mails have ended.")

    def do(self) -> None:
        close_account(self.patient, actor=self.request.user, now=self.request.now)
