"""Forms about an episode: what was found, exceptions, measures, and the program it gets."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from clinic.forms import DAY, VerbForm
from patients.models.episode import BodySide, Episode, Slump
from patients.workspace.forms import ReasonForm
from programs.measures import SCALES
from programs.models.exercise import Region


class FindingsForm(VerbForm):
    """What an examination asks: the nerve screen, and what rules exercises out."""

    slump = forms.ChoiceField(
        label=gettext_lazy("Slump screen"),
        choices=Slump.choices,
        initial=Slump.NOT_DONE,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A screen, not a diagnosis. Not done counts as a possible nerve."),
    )
    leg_tingling = forms.ChoiceField(
        label=gettext_lazy("Tingling or numbness below the knee"),
        choices=[("", gettext_lazy("Not asked")), ("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        required=False,
        widget=forms.RadioSelect,
    )
    contraindications = forms.MultipleChoiceField(
        label=gettext_lazy("Present today"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, askable: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["contraindications"].choices = askable  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        tingling = {"yes": True, "no": False}.get(self.cleaned_data["leg_tingling"])
        return self.cleaned_data | {"leg_tingling": tingling}


class EpisodeForm(FindingsForm):
    reason = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=240,
        help_text=gettext_lazy("One line, as in a letter of referral."),
    )
    region = forms.ChoiceField(label=gettext_lazy("Region"), choices=Region.choices, initial=Region.POSTERIOR_THIGH_HIP)
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=BodySide.choices, widget=forms.RadioSelect)
    usual_pain = forms.IntegerField(
        label=gettext_lazy("Usual pain on an ordinary day"),
        help_text=gettext_lazy("What this person lives with. Every limit is judged against it."),
    )
    field_order = ["reason", "region", "side", "usual_pain"]

    @staticmethod
    def of(episode: Episode) -> dict[str, Any]:
        """What a return starts from: the same place and usual pain; screens are asked anew."""
        return {
            "reason": episode.reason,
            "region": episode.region,
            "side": episode.side,
            "usual_pain": episode.usual_pain,
        }


class ExaminationForm(FindingsForm):
    """Starts from what was found last, so that only what has changed is typed."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("How it was tested, or what the person said."),
    )

    @staticmethod
    def of(episode: Episode) -> dict[str, Any]:
        return {
            "slump": episode.slump,
            "leg_tingling": {True: "yes", False: "no", None: ""}[episode.leg_tingling],
            "contraindications": episode.contraindications,
        }


class DischargeForm(VerbForm):
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("What was reached, what goes on at home, when to come back."),
    )


class WithoutForm(ReasonForm):
    """An exception to a gate."""

    review_on = forms.DateField(label=gettext_lazy("Look again on"), widget=DAY)


class ExceptionForm(WithoutForm):
    what = forms.ChoiceField(label=gettext_lazy("What is allowed although it is ruled out"), widget=forms.RadioSelect)
    field_order = ["what", "reason", "review_on"]

    def __init__(self, data: Any = None, *, possible: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["what"].choices = list(possible.items())  # type: ignore[attr-defined]


class MeasureForm(VerbForm):
    code = forms.ChoiceField(
        label=gettext_lazy("Measure"), choices=[(code, scale.name) for code, scale in SCALES.items()]
    )
    value = forms.DecimalField(label=gettext_lazy("Score"), decimal_places=1, max_digits=4)
    measured_on = forms.DateField(
        label=gettext_lazy("Measured on"),
        required=False,
        widget=DAY,
        help_text=gettext_lazy("Empty is today."),
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=240, required=False)


class UsualPainForm(ReasonForm):
    usual_pain = forms.IntegerField(
        label=gettext_lazy("Usual pain on an ordinary day"),
        help_text=gettext_lazy("What this person lives with. Every limit is judged against it."),
    )
    field_order = ["usual_pain", "reason"]


class AssignForm(VerbForm):
    version = forms.ChoiceField(label=gettext_lazy("Program"), widget=forms.RadioSelect)
    path = forms.ChoiceField(
        label=gettext_lazy("Path"),
        required=False,
        help_text=gettext_lazy("Only for programs that have paths."),
    )

    def __init__(self, data: Any = None, *, versions: Mapping[str, str], paths: Iterable[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["version"].choices = list(versions.items())  # type: ignore[attr-defined]
        self.fields["path"].choices = [("", "–")] + [(name, name.capitalize()) for name in paths]  # type: ignore[attr-defined]
