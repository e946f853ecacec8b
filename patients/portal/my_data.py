"""My data: what the clinic keeps and for how long, and a copy of all of it."""

from django.http import HttpResponse

from clinic import step_up
from clinic.requests import ClinicRequest
from patients.portal.page import PortalPage
from patients.record_copy import copy_of


class MyData(PortalPage):
    while_restricted = True

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.draw("portal/my_data.html")

    def post(self, request: ClinicRequest) -> HttpResponse:
        if not step_up.is_fresh(request):
            return step_up.ask(request)
        answer = HttpResponse(
            copy_of(self.patient, actor=request.user, now=request.now), content_type="application/zip"
        )
        answer["Content-Disposition"] = 'attachment; filename="my-record.zip"'
        return answer
