"""What was agreed to: the words in full, taken back and given again, and asked anew where the clinic changed them."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from clinic.requests import ClinicRequest
from patients.consent_texts import words_of
from patients.models import Consent, Patient
from patients.models.consent import ConsentKind
from patients.people import give_consent, withdraw_consent
from patients.portal.page import PortalPage

# The others are part of being treated: taking one back is a talk with the clinic, not a switch.
OWN_CHOICE = (ConsentKind.EMAIL, ConsentKind.REMINDERS, ConsentKind.MAIL_DETAIL, ConsentKind.MARKETING)


@dataclass(frozen=True)
class Line:
    """One kind of consent: what was given, if it was, the words of today, and whether the patient may switch it."""

    kind: ConsentKind
    given: Consent | None
    words: str
    own_choice: bool


def consent_lines(request: ClinicRequest, patient: Patient, *, only: set[str] | None = None) -> list[Line]:
    """Every kind that was given or may be, or `only` these."""
    mine = Consent.objects.visible_to(request.user).filter(patient=patient).given().select_related("text")
    given = {one.kind: one for one in mine}
    words = words_of(patient.clinic)
    kinds = [kind for kind in ConsentKind if kind in OWN_CHOICE or kind in given]
    wanted = [kind for kind in kinds if only is None or kind in only]
    return [Line(kind, given.get(kind), words[kind], kind in OWN_CHOICE) for kind in wanted]


class ShowConsent(PortalPage):
    """The words of one consent in full, also of one that was taken back."""

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        mine = Consent.objects.visible_to(request.user).filter(patient=self.patient).select_related("text")
        consent = get_object_or_404(mine, pk=pk)
        earlier = mine.filter(kind=consent.kind).exclude(pk=pk).order_by("-given_at")
        return self.draw("portal/consent.html", consent=consent, earlier=earlier)


class AskedAnew(PortalPage):
    """The words that have changed since they were agreed to. Nothing waits for the answer."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        lines = consent_lines(request, self.patient, only=reworded(request, self.patient))
        if not lines:
            return redirect("portal:settings")
        return self.draw("portal/asked_anew.html", lines=lines)


class ChangeConsent(PortalPage):
    def post(self, request: ClinicRequest) -> HttpResponse:
        kind = request.POST.get("kind", "")
        if "withdraw" in request.POST:
            if kind not in OWN_CHOICE:
                raise Http404
            withdraw_consent(self.patient, kind, actor=request.user, now=request.now)
            messages.success(request, _("Withdrawn. It counts from now on."))
        else:
            if kind not in OWN_CHOICE and kind not in reworded(request, self.patient):
                raise Http404
            give_consent(self.patient, kind, source="portal", actor=request.user, now=request.now)
            messages.success(request, _("Thank you. You may take it back at any time."))
        return redirect("portal:asked_anew" if "anew" in request.POST else "portal:settings")


def reworded(request: ClinicRequest, patient: Patient) -> set[str]:
    mine = Consent.objects.visible_to(request.user).filter(patient=patient).reworded()
    return set(mine.values_list("kind", flat=True))
