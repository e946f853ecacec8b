"""Progress: pain over time, logged against scheduled, left against right."""

from django.http import HttpResponse

from clinic.requests import ClinicRequest
from patients.portal.page import PortalPage
from patients.progress import progress_of


class Progress(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.draw("portal/no_program.html", greeting="")
        return self.draw("portal/progress.html", progress=progress_of(self.program, now=request.now))
