"""Progress: pain over time, logged against scheduled, left against right, and the last sessions one by one."""

from django.http import HttpResponse

from clinic.requests import ClinicRequest
from patients.models import Session
from patients.portal.page import PortalPage
from patients.progress import progress_of

SESSIONS_SHOWN = 10


class Progress(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.draw("portal/no_program.html", greeting="")
        mine = Session.objects.visible_to(request.user).filter(patient=self.patient).current()
        return self.draw(
            "portal/progress.html",
            progress=progress_of(self.program, now=request.now),
            sessions=mine.order_by("-performed_at", "-pk")[:SESSIONS_SHOWN],
        )
