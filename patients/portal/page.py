"""What every page of the portal has in common: whose portal it is, in whose time zone, and whether it is open."""

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from clinic.requests import ClinicRequest
from clinic.zones import local_date, zone
from patients.consent_texts import agreed_to_other_words
from patients.messages import unread_from_clinic
from patients.models import Patient, Program, Trial
from patients.plan import active_program, ended_program
from patients.reports import read_until

CHOSEN_KEY = "portal_patient"


class PortalPage(View):
    """A page of the patient chosen in this session: one's own, or of somebody one looks after.

    A user who follows nobody gets a 403; one who follows several chooses first. The portal of a clinic that has
    not said whom to call in an emergency stays closed.
    """

    request: ClinicRequest
    while_restricted: ClassVar[bool] = False  # whether it works while the record is restricted
    patient: Patient
    followed: list[Patient]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.followed = _followed_by(self.request)
        if not self.followed:
            return self.nobody()
        patient = self.chosen()
        if patient is None:
            return self.ask_whose()
        self.patient = patient
        self.request.clinic = patient.clinic
        with timezone.override(zone(patient.zone)):
            if not patient.clinic.is_ready:
                # 503: nothing is wrong with the request, and later the same one will do.
                return render(self.request, "portal/closed.html", {"clinic": patient.clinic}, status=503)
            if patient.restricted and not self.while_restricted:
                return self.draw("portal/restricted.html", status=200 if request.method == "GET" else 403)
            return super().dispatch(request, *args, **kwargs)

    def nobody(self) -> HttpResponse:
        """Whose account is closed reads whom to call; everybody else has no portal at all."""
        left = Patient.objects.followed_by(self.request.user).select_related("clinic").order_by("-closed_at").first()
        if left is None:
            raise PermissionDenied
        self.request.clinic = left.clinic
        context = {"clinic": left.clinic, "closed_at": left.closed_at}
        return render(self.request, "portal/account_closed.html", context, status=403)

    def chosen(self) -> Patient | None:
        key = self.request.session.get(CHOSEN_KEY)
        if len(self.followed) == 1:
            return self.followed[0]
        return next((one for one in self.followed if str(one.pk) == key), None)

    def ask_whose(self) -> HttpResponseBase:
        return render(self.request, "portal/choose.html", {"followed": self.followed, "next": self.request.path})

    @cached_property
    def program(self) -> Program | None:
        found = active_program(self.patient)
        if found:
            found.patient = self.patient  # known already: the plan asks for its zone and clinic
        return found

    def no_program(self, greeting: str = "") -> HttpResponse:
        """What stands in the place of a program: what comes before the first one, what is left after the last."""
        booked = Trial.objects.visible_to(self.request.user).filter(patient=self.patient, audited_at=None)
        return self.draw(
            "portal/no_program.html",
            greeting=greeting,
            ended=ended_program(self.patient),
            read_until=read_until(self.patient),
            reports_are_read=self.reports_are_read(),
            visit=booked.filter(audit_at__gt=self.request.now, ended_at=None).select_related("audit_with").first(),
        )

    def reports_are_read(self) -> bool:
        """False once the care ended so long ago that a pain report reaches nobody."""
        last = None if self.program else read_until(self.patient)
        return last is None or local_date(self.request.now, self.patient.zone) <= last

    def draw(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        mine = self.patient.user_id == self.request.user.pk
        own = Patient.objects.followed_by(self.request.user).filter(pk=self.patient.pk)
        unread, asked_anew = own.values_list(unread_from_clinic(), agreed_to_other_words()).get()
        always = {
            "patient": self.patient,
            "clinic": self.patient.clinic,
            "several": len(self.followed) > 1,
            "looks_after": "" if mine else self.patient.identity.first_name,
            "asked_anew": asked_anew,
            "unread_messages": unread,
        }
        return render(self.request, template, always | context, status=status)


class Choose(PortalPage):
    """Whose portal: asked of who looks after somebody, or is a patient of two clinics."""

    def chosen(self) -> Patient | None:
        return None

    def ask_whose(self) -> HttpResponseBase:
        if self.request.method != "POST":
            return super().ask_whose()
        patient = next((one for one in self.followed if str(one.pk) == self.request.POST.get("patient")), None)
        if patient is None:
            return super().ask_whose()
        self.request.session[CHOSEN_KEY] = str(patient.pk)
        target = self.request.POST.get("next", "")
        safe = url_has_allowed_host_and_scheme(target, allowed_hosts={self.request.get_host()})
        return redirect(target if safe and target != self.request.path else "portal:today")


def _followed_by(request: ClinicRequest) -> list[Patient]:
    """Everybody whose portal the signed-in person may open, in one query, their own first."""
    found = Patient.objects.followed_by(request.user).with_a_portal().select_related("identity", "clinic")
    return sorted(found, key=lambda one: (one.user_id != request.user.pk, one.created_at))
