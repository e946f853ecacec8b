"""For owners: the privacy notice and the words patients agree to."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from clinic.models import Clinic
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.team_pages import OwnerPage
from patients import consent_texts
from patients.models.consent import ConsentKind


class TextsForm(VerbForm):
    """A field for each kind; for the privacy box the notice."""

    def __init__(self, data: Any = None, *, clinic: Clinic) -> None:
        super().__init__(data)
        words = consent_texts.words_of(clinic) | {ConsentKind.PRIVACY: clinic.privacy_notice}
        for kind in sorted(ConsentKind, key=lambda one: one != ConsentKind.PRIVACY):
            is_notice = kind == ConsentKind.PRIVACY
            self.fields[kind] = forms.CharField(
                label=gettext_lazy("Privacy notice") if is_notice else kind.label,
                initial=words[kind],
                required=not is_notice,
                max_length=20_000,
                widget=forms.Textarea(attrs={"rows": 8 if is_notice else 2}),
            )


class ConsentTexts(OwnerPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(TextsForm(clinic=request.membership.clinic))

    def post(self, request: ClinicRequest) -> HttpResponse:
        clinic = request.membership.clinic
        form = TextsForm(request.POST, clinic=clinic)
        if not form.is_valid():
            return self.page(form)
        try:
            changed = consent_texts.change(clinic, form.cleaned_data, actor=request.user, now=request.now)
        except Refused as refusal:
            form.show(refusal)
            return self.page(form)
        done = _("The new words are in place. Patients are asked anew at their next visit.")
        messages.success(request, done if changed else _("Nothing has changed."))
        return redirect("workspace:consent_texts")

    def page(self, form: TextsForm) -> HttpResponse:
        return render(self.request, "workspace/consent_texts.html", {"form": form})
