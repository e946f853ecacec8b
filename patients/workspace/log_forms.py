"""Forms of what patients tell by phone or on paper: sessions, corrections, answers and pain."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import MOMENT
from patients.models import ProgramItem
from patients.models.session import Source
from patients.session_form import SessionForm
from patients.told_forms import PainForm

BEHALF = [
    (Source.PHONE.value, gettext_lazy("By phone")),
    (Source.PAPER.value, gettext_lazy("On paper")),
]


class BehalfSessionForm(SessionForm):
    source = forms.ChoiceField(
        label=gettext_lazy("How it reached us"), choices=BEHALF, widget=forms.RadioSelect, initial=Source.PHONE
    )
    performed_at = forms.DateTimeField(
        label=gettext_lazy("When it was done"),
        required=False,
        widget=MOMENT,
        help_text=gettext_lazy("In the patient's time. Leave it empty for just now."),
    )


class CorrectionForm(SessionForm):
    """A stored session, with what staff say when they change what somebody else told."""

    performed_at = forms.DateTimeField(
        label=gettext_lazy("When it was done"),
        required=False,
        widget=MOMENT,
        help_text=gettext_lazy("In the patient's time."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"), max_length=240, help_text=gettext_lazy("The next person will ask.")
    )


class BehalfPainForm(PainForm):
    """A phoned pain report. Nothing but the pain is required: a warning sign must never wait for another field."""

    item = forms.ChoiceField(label=gettext_lazy("During which exercise"), required=False)

    field_order = ["red_flags", "neuro", "pain", "item"]

    def __init__(self, data: Any = None, *, items: Iterable[ProgramItem], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["pain"].required = False
        self.items = {str(item.pk): item for item in items}
        none = [("", _("None: outside the exercises"))]
        self.fields["item"].choices = none + [(pk, item.name) for pk, item in self.items.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("pain") is None and "pain" not in self.errors and not cleaned.get("red_flags"):
            self.add_error("pain", _("Choose a number from 0 to 10."))
        return cleaned
