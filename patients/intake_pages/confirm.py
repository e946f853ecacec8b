"""The link in the mail. Mail scanners open links: only the button confirms."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View

from clinic.requests import VisitorRequest
from patients import trial_confirmation
from patients.models import TrialRequest


@method_decorator(login_not_required, name="dispatch")
class Confirm(View):
    def get(self, request: VisitorRequest, token: str) -> HttpResponse:
        try:
            asked = self.asked(request, token)
        except trial_confirmation.LinkIsOver as refusal:
            return self.page(request, refusal=str(refusal), status=404)
        return self.page(request, done=asked.state != TrialRequest.State.SUBMITTED)

    def post(self, request: VisitorRequest, token: str) -> HttpResponse:
        try:
            trial_confirmation.confirm_request(self.asked(request, token), now=request.now)
        except trial_confirmation.LinkIsOver as refusal:
            return self.page(request, refusal=str(refusal), status=404)
        return self.page(request, done=True)

    def asked(self, request: VisitorRequest, token: str) -> TrialRequest:
        asked = trial_confirmation.request_of(token, now=request.now)
        request.clinic = asked.clinic  # type: ignore[attr-defined]
        return asked

    def page(
        self, request: VisitorRequest, *, done: bool = False, refusal: str = "", status: int = 200
    ) -> HttpResponse:
        return render(request, "public/trial_confirm.html", {"done": done, "refusal": refusal}, status=status)
