"""Forms of triage: the attempt to call, putting aside, closing one flag or several."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from clinic.forms import LONG, MOMENT, VerbForm
from patients.follow_up import CHANNELS, OUTCOMES
from patients.models import PainFlag
from patients.workspace.forms import ReasonForm
from programs.models import LadderVersion

MOST_LETTERS = 2000  # of a note
CHANNEL_WORDS = {
    "phone": gettext_lazy("Phone"),
    "sms": gettext_lazy("Text message"),
    "email": gettext_lazy("E-mail"),
    "in_person": gettext_lazy("In person"),
    "message": gettext_lazy("Portal message"),
}
OUTCOME_WORDS = {
    "reached": gettext_lazy("Reached"),
    "no_answer": gettext_lazy("No answer"),
    "left_message": gettext_lazy("Left a message"),
    "wrong_number": gettext_lazy("Wrong number"),
}
EFFECTS = {
    "resume": gettext_lazy("Resume as it was: same level, same dose. Counting towards the next level starts again."),
    "lighter": gettext_lazy("Resume lighter: same level, one step less. The first good day brings the full dose back."),
    "step_back": gettext_lazy("Resume one level down. On the lowest level the dose is made lighter instead."),
    "swap": gettext_lazy("Swap: another exercise takes its place today. Others that this flag held go on lighter."),
    "stop": gettext_lazy("Stop for good: what is named above leaves the program. The rest goes on."),
    "none": gettext_lazy("No change: what is on hold stays on hold until somebody lifts it on the patient’s page."),
}
CODES = [("", gettext_lazy("Choose")), *PainFlag.Resolution.choices]


class ContactAttemptForm(VerbForm):
    channel = forms.ChoiceField(
        label=gettext_lazy("How"), choices=[(name, CHANNEL_WORDS[name]) for name in CHANNELS], initial="phone"
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("What came of it"),
        choices=[(name, OUTCOME_WORDS[name]) for name in OUTCOMES],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=MOST_LETTERS, widget=forms.Textarea(attrs={"rows": 2})
    )


class ResolveForm(VerbForm):
    code = forms.ChoiceField(label=gettext_lazy("What came of it"), choices=CODES)
    effect = forms.ChoiceField(
        label=gettext_lazy("What becomes of the exercises"), choices=list(EFFECTS.items()), widget=forms.RadioSelect
    )
    substitute = forms.ChoiceField(
        label=gettext_lazy("Swap for"),
        required=False,
        help_text=gettext_lazy("Only for a swap. It starts on the level reached before, or on the lowest."),
    )
    note = forms.CharField(label=gettext_lazy("What was said or found"), max_length=MOST_LETTERS, widget=LONG)

    def __init__(self, data: Any = None, *, ladders: Iterable[LadderVersion], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offered = [(one.code, one.title) for one in ladders]
        self.fields["substitute"].choices = [("", gettext_lazy("Choose")), *offered]  # type: ignore[attr-defined]
        if not offered:  # about no exercise, or no other one to give
            del self.fields["substitute"]
            effects = [one for one in EFFECTS.items() if one[0] != PainFlag.Effect.SWAP]
            self.fields["effect"].choices = effects  # type: ignore[attr-defined]


class CloseSeveralForm(VerbForm):
    flags = forms.MultipleChoiceField(
        label=gettext_lazy("Flags"), error_messages={"required": gettext_lazy("Choose at least one flag.")}
    )
    code = forms.ChoiceField(label=gettext_lazy("What came of them"), choices=CODES)
    note = forms.CharField(label=gettext_lazy("What was said or found"), max_length=MOST_LETTERS, widget=LONG)

    def __init__(self, data: Any = None, *, flags: Iterable[PainFlag], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.offered = {str(flag.pk): flag for flag in flags}
        self.fields["flags"].choices = [(pk, pk) for pk in self.offered]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[PainFlag]:
        return [self.offered[pk] for pk in self.cleaned_data["flags"]]


class SnoozeForm(ReasonForm):
    until = forms.DateTimeField(
        label=gettext_lazy("Until"),
        widget=MOMENT,
        help_text=gettext_lazy("At most 72 hours. Anything more severe wakes it."),
    )
    field_order = ["until", "reason"]
