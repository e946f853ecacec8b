"""Training days in one's own calendar: the page that makes the secret address, and what a calendar reads there."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.sign_in_pages import visitor
from patients.calendar_feeds import TooOften, address_of, end_address, make_address, read_calendar
from patients.portal.page import PortalPage

HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Disposition": 'attachment; filename="plan.ics"',
    "Referrer-Policy": "no-referrer",
}


class OwnCalendar(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page()

    def post(self, request: ClinicRequest) -> HttpResponse:
        if "end" in request.POST:
            end_address(self.patient, actor=request.user, now=request.now)
            messages.success(request, _("The address is switched off."))
            return redirect("portal:own_calendar")
        try:
            token = make_address(self.patient, actor=request.user, now=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("portal:own_calendar")
        # Said in the answer itself: on the way of a redirect it would have to be kept somewhere.
        return self.page(settings.SITE_URL + reverse("portal:calendar", args=[token]))

    def page(self, address: str = "") -> HttpResponse:
        return self.draw(
            "portal/calendar.html",
            feed=address_of(self.patient, self.request.user),
            runs=self.program is not None,
            address=address,
            scheme_free=address.partition(":")[2],
        )


@login_not_required  # a calendar has no session: the secret in the address is the proof, and opens nothing else
@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    try:
        days = read_calendar(token, visitor=visitor(request), now=request.now)  # type: ignore[attr-defined]
    except TooOften:
        return HttpResponse(status=429, headers={"Retry-After": "3600"})
    if days is None:
        raise Http404
    return HttpResponse(days, content_type="text/calendar; charset=utf-8", headers=HEADERS)
