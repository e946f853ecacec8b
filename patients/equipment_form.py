"""The form of what a patient has at home, the same in the portal and for staff."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from patients.models import Patient
from programs.equipment import thing_words, things


class EquipmentForm(VerbForm):
    """Everything the clinic's exercises may use, and what stands on the list and nobody asks for any more."""

    things = forms.MultipleChoiceField(
        label=gettext_lazy("At home, or wherever the exercises are done"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any = None, *, patient: Patient, **kwargs: Any) -> None:
        super().__init__(data, **({"initial": {"things": patient.equipment}} | kwargs))
        codes = sorted({*things(patient.clinic), *patient.equipment})
        choices = [(code, thing_words(code).capitalize()) for code in codes]
        self.fields["things"].choices = choices  # type: ignore[attr-defined]
