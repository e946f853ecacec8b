"""Progress: pain over time, logged against scheduled, left against right, and the last sessions one by one."""

from django.http import HttpResponse

from clinic.requests import ClinicRequest
from patients.models import Session
from patients.plan import ended_program
from patients.portal.page import PortalPage
from patients.progress import progress_of

SESSIONS_SHOWN = 10


class Progress(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        program = self.program or ended_program(self.patient)
        if program is None:
            return self.no_program()
        program.patient = self.patient
        mine = Session.objects.visible_to(request.user).filter(patient=self.patient).current()
        return self.draw(
            "portal/progress.html",
            program=program,
            progress=progress_of(program, now=request.now),
            sessions=mine.order_by("-performed_at", "-pk")[:SESSIONS_SHOWN],
        )
