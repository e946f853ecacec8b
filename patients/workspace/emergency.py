"""The way to somebody else's patient in an emergency, where each therapist sees only their own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.access import sees_in_part
from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import emergency
from patients.emergency import Match
from patients.workspace.page import StaffPage


class EmergencyForm(VerbForm):
    """First whom, then which of those of this name, and why. By POST: a name does not belong in an address."""

    who = forms.CharField(
        label=gettext_lazy("Whole name, or number of the record"),
        max_length=120,
        help_text=gettext_lazy("As it is written in the record. Parts of a name find nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    patient = forms.TypedChoiceField(
        label=gettext_lazy("Whose record"), coerce=UUID, empty_value=None, required=False, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=gettext_lazy("Why you need it now"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("It stands in the access log."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def offer(self, found: Iterable[Match]) -> None:
        choices = [(str(one.pk), self.words(one)) for one in found]
        self.fields["patient"].choices = choices  # type: ignore[attr-defined]

    def words(self, match: Match) -> str:
        if match.birth_year is None:
            return _("%(name)s, year of birth not known") % {"name": match.name}
        return _("%(name)s, born %(year)d") % {"name": match.name, "year": match.birth_year}


class OpenInEmergency(StaffPage):
    may = sees_in_part

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(EmergencyForm(), [])

    def post(self, request: ClinicRequest) -> HttpResponse:
        """A search first; then, with the record chosen and a reason given, the deed."""
        self.note("find_patients")
        found = emergency.matches(request.clinic, request.POST.get("who", ""))
        given = request.POST.copy()
        if "open" not in given:
            given.pop("patient", None)  # chosen among those of the search before
        form = EmergencyForm(given)
        form.offer(found)
        if form.is_valid() and not found:
            form.add_error("who", _("Nobody in care here is called exactly that. Look at the spelling."))
        if form.is_valid() and "open" in given:
            try:
                return self.opened(form.cleaned_data)
            except Refused as refusal:
                form.show(refusal)
        return self.page(form, found)

    def opened(self, given: dict[str, Any]) -> HttpResponse:
        clinic, actor, now = self.request.clinic, self.request.user, self.request.now
        access = emergency.open_in_emergency(clinic, given["patient"], reason=given["reason"], actor=actor, now=now)
        messages.warning(self.request, _("The record is open to you for 12 hours. What you do in it is on record."))
        return redirect("workspace:patient", pk=access.patient_id)

    def page(self, form: EmergencyForm, found: list[Match]) -> HttpResponse:
        return self.draw("workspace/emergency.html", form=form, found=found)
