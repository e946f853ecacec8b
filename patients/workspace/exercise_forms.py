"""Forms about a running program and its exercises: level, dose, limits, holds, and what the rules propose."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import DAY, VerbForm
from patients.models import PainFlag, ProgramItem
from patients.models.episode import BodySide
from patients.models.hold import HoldScope
from patients.workspace.forms import ReasonForm
from programs.dose import NUMBER_WORDS
from programs.models import LevelVersion


class LevelForm(ReasonForm):
    level = forms.ChoiceField(label=gettext_lazy("Level"))
    lock = forms.BooleanField(
        label=gettext_lazy("Keep it there"),
        required=False,
        help_text=gettext_lazy("The rules then leave the level alone. Comes up for review in two weeks."),
    )
    field_order = ["level", "reason", "lock"]

    def __init__(self, data: Any = None, *, levels: Iterable[LevelVersion], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["level"].choices = [(level.code, f"{level.code} {level.name}") for level in levels]  # type: ignore[attr-defined]


# The weight and the hold have boxes of their own.
DOSE_LABELS = {name: words for name, words in NUMBER_WORDS.items() if name not in ("load_grams", "hold_s")}


class DoseForm(ReasonForm):
    """The numbers this dose has. Only those that differ from today's are changed."""

    def __init__(self, data: Any = None, *, item: ProgramItem, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.item = item
        for name, label in DOSE_LABELS.items():
            if (value := item.dose.get(name)) is not None:
                self.fields[name] = forms.IntegerField(label=label, initial=value)
        content = item.level.content
        held = item.dose.get("hold_s")
        self.fields["hold_s"] = forms.IntegerField(
            label=_("Hold, seconds"), initial=(content["hold_s"] or 0) if held is None else held, required=False
        )
        self.fields["tempo"] = forms.CharField(
            label=_("Seconds down, pause, up"),
            initial=item.dose.get("tempo") or content["tempo"],
            max_length=8,
            required=False,
        )
        if (grams := item.dose.get("load_grams")) is not None:
            self.fields["load"] = forms.DecimalField(
                label=_("Weight in kg"), initial=grams / 1000, decimal_places=3, max_digits=7
            )
        self.order_fields([*(name for name in self.fields if name != "reason"), "reason"])

    def changes(self) -> dict[str, int | str]:
        given = {name: self.cleaned_data[name] for name in DOSE_LABELS if name in self.cleaned_data}
        if "load" in self.cleaned_data:
            given["load_grams"] = int(self.cleaned_data["load"] * 1000)
        changed = {name: value for name, value in given.items() if value != self.item.dose.get(name)}
        own = {name: self.cleaned_data[name] for name in ("hold_s", "tempo") if name in self.changed_data}
        return changed | {name: value for name, value in own.items() if value not in (None, "")}

    def show(self, refusal: Any) -> None:
        """The verb speaks of the dose as a whole: it stands above the numbers."""
        if "dose" in refusal.errors:
            self.add_error(None, refusal.errors.pop("dose"))
        if refusal.errors or not self.errors:
            super().show(refusal)


class SideForm(VerbForm):
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=BodySide.choices, widget=forms.RadioSelect)


class LimitsForm(ReasonForm):
    advance_max = forms.IntegerField(label=gettext_lazy("Next level only up to pain"), required=False)
    regress_at = forms.IntegerField(label=gettext_lazy("Step back from pain"), required=False)
    stop_at = forms.IntegerField(label=gettext_lazy("Stop from pain"), required=False)
    field_order = ["advance_max", "regress_at", "stop_at", "reason"]


class LockForm(ReasonForm):
    review_on = forms.DateField(label=gettext_lazy("Look again on"), required=False, widget=DAY)


class SwapForm(ReasonForm):
    substitute = forms.ChoiceField(label=gettext_lazy("In its place"), widget=forms.RadioSelect)
    field_order = ["substitute", "reason"]

    def __init__(self, data: Any = None, *, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["substitute"].choices = list(choices)  # type: ignore[attr-defined]


class HoldForm(ReasonForm):
    scope = forms.ChoiceField(
        label=gettext_lazy("What must stop"),
        choices=HoldScope.choices,
        widget=forms.RadioSelect,
        initial=HoldScope.ITEM,
    )
    field_order = ["scope", "reason"]


class ReleaseForm(VerbForm):
    effect = forms.ChoiceField(
        label=gettext_lazy("How the exercises go on"),
        choices=[one for one in PainFlag.Effect.choices if one[0] != PainFlag.Effect.NONE],
        widget=forms.RadioSelect,
        initial=PainFlag.Effect.LIGHTER,
    )


class PauseForm(ReasonForm):
    until = forms.DateField(
        label=gettext_lazy("Look again on"),
        required=False,
        widget=DAY,
        help_text=gettext_lazy("The program does not start again by itself."),
    )


class ChangeProposalForm(ReasonForm):
    """Another level than proposed, or other numbers at it. An empty number is the level's own."""

    level = forms.ChoiceField(label=gettext_lazy("Level"))
    sets = forms.IntegerField(label=gettext_lazy("Sets"), required=False)
    reps_low = forms.IntegerField(label=gettext_lazy("Repetitions from"), required=False)
    reps_high = forms.IntegerField(label=gettext_lazy("Repetitions to"), required=False)
    load = forms.DecimalField(label=gettext_lazy("Weight in kg"), required=False, decimal_places=3, max_digits=7)
    rom_pct = forms.IntegerField(label=gettext_lazy("Share of the range, percent"), required=False)
    field_order = ["level", "sets", "reps_low", "reps_high", "load", "rom_pct", "reason"]

    def __init__(self, data: Any = None, *, levels: Iterable[LevelVersion], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["level"].choices = [(level.code, f"{level.code} {level.name}") for level in levels]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, int | str]:
        given = {name: self.cleaned_data[name] for name in ("sets", "reps_low", "reps_high", "rom_pct")}
        if self.cleaned_data["load"] is not None:
            given["load_grams"] = int(self.cleaned_data["load"] * 1000)
        return {name: value for name, value in given.items() if value is not None}

    def show(self, refusal: Any) -> None:
        if "dose" in refusal.errors:
            self.add_error(None, refusal.errors.pop("dose"))
        if refusal.errors or not self.errors:
            super().show(refusal)


class ReviewForm(ReasonForm):
    until = forms.DateField(label=gettext_lazy("Look again on"), widget=DAY)
    field_order = ["until", "reason"]


class DeclineForm(VerbForm):
    note = forms.CharField(label=gettext_lazy("Why not"), max_length=240)
