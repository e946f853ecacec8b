"""Asking for a trial. A warning sign is answered before anything else is looked at."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from clinic.models import Clinic
from clinic.refusals import Refused
from clinic.requests import VisitorRequest
from clinic.sign_in_pages import visitor
from patients import intake
from patients.intake_pages.forms import SignsForm, TrialForm, started_at, too_quick
from patients.safety import Safety


def clinic_of(request: HttpRequest, slug: str) -> Clinic:
    """The clinic of the page; its name, colour and emergency number stand on it."""
    clinic = intake.open_clinic(slug)
    if clinic is None:
        raise Http404
    request.clinic = clinic  # type: ignore[attr-defined]
    return clinic


@method_decorator(login_not_required, name="dispatch")
class AskForTrial(View):
    """Two steps on one address, without a session: the second one carries the answers of the first."""

    request: VisitorRequest
    clinic: Clinic

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.clinic = clinic_of(request, kwargs["slug"])
        urgent = request.method == "POST" and self.clinic.is_ready and self.warning()
        if not intake.takes_requests(self.clinic) and not urgent:
            return render(request, "public/trial_closed.html")
        return super().dispatch(request, *args, **kwargs)

    def warning(self) -> Safety | None:
        return intake.warning(self.clinic, self.request.POST.getlist("red_flags"))

    def get(self, request: VisitorRequest, slug: str) -> HttpResponse:
        return render(request, "public/trial_signs.html", {"form": SignsForm(), "started": started_at(request.now)})

    def post(self, request: VisitorRequest, slug: str) -> HttpResponse:
        return self.send() if "send" in request.POST else self.signs()

    def signs(self) -> HttpResponse:
        """The first step's answer: what to do now, or the second step."""
        safety, form = self.warning(), SignsForm(self.request.POST)
        started = self.request.POST.get("started", "")
        if safety and safety.severity == 1:
            return self.stop(safety)
        if not form.is_valid() and not safety:
            return render(self.request, "public/trial_signs.html", {"form": form, "started": started})
        flags = form.cleaned_data.get("red_flags", [])
        initial = {"red_flags": flags, "started": started or started_at(self.request.now)}
        return self.second(TrialForm(clinic=self.clinic, initial=initial), safety)

    def send(self) -> HttpResponse:
        request = self.request
        form = TrialForm(request.POST, clinic=self.clinic)
        flags, safety = request.POST.getlist("red_flags"), self.warning()
        if form.is_valid() and not safety and too_quick(form.data.get("started", ""), request.now):
            form.add_error(None, _("That was very quick. Please look your answers over, and send them again."))
        if not form.is_valid() and not safety:
            return self.second(form, None)
        doubt = "honeypot" if request.POST.get("website") else ""
        try:
            asked = intake.request_trial(
                self.clinic,
                **form.answers(),
                red_flags=flags,
                visitor=visitor(request),
                doubt=doubt,
                actor=None,
                now=request.now,
            )
        except Refused as refusal:
            form.show(refusal)
            return self.second(form, None, status=429 if isinstance(refusal, intake.TooMany) else 200)
        if asked.safety is None:
            return redirect("intake:thanks", self.clinic.slug)
        if asked.safety.severity == 1 or form.is_valid():
            return self.stop(asked.safety, kept=asked.request is not None)
        return self.second(form, asked.safety)

    def stop(self, safety: Safety, *, kept: bool = False) -> HttpResponse:
        context = {"safety": safety, "kept": kept, "flags": self.request.POST.getlist("red_flags")}
        return render(self.request, "public/trial_warning.html", context)

    def second(self, form: TrialForm, safety: Safety | None, status: int = 200) -> HttpResponse:
        return render(self.request, "public/trial_form.html", {"form": form, "safety": safety}, status=status)


@login_not_required
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for everybody: it does not say whether an address is known."""
    clinic_of(request, slug)
    return render(request, "public/trial_thanks.html")
