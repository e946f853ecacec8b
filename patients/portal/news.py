"""The patient says that the news about the program has been read."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from clinic.requests import ClinicRequest
from patients.models import ProgramEvent
from patients.portal.page import PortalPage
from patients.program_news import mark_read


class NewsRead(PortalPage):
    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        mine = ProgramEvent.objects.visible_to(request.user).filter(program__patient=self.patient)
        event = get_object_or_404(mine.select_related("program"), pk=pk)
        mark_read(event, actor=request.user, now=request.now)
        return redirect("portal:program" if request.POST.get("from") == "program" else "portal:today")
