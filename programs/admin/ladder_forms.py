"""Forms of gates, ladders and levels."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.plain_errors import PlainErrors
from programs.admin.fields import ByNameField, LinesField, RowsField, SetsField
from programs.admin.order import InPlace
from programs.admin.parts import NONE, WithParts, gate_choices, level_choices
from programs.drawings import NAMES, NO_DRAWING
from programs.entries import NAME
from programs.library_file import GATE_RECORDERS
from programs.library_ladders import LADDER_CODE
from programs.library_levels import LEVEL_CODE
from programs.models import Gate, Ladder, Level
from programs.publishing import LEVEL_CONTENT
from programs.rules import Lighter


class WithCode(PlainErrors, forms.ModelForm[Any]):
    """A row that others name by its code: given once, it stays."""

    code_shape: ClassVar[re.Pattern[str]] = NAME
    code_words: ClassVar[Any] = gettext_lazy("Letters, digits and underscores, 60 at most.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].error_messages["invalid"] = self.code_words
            self.fields["code"].disabled = not self.instance._state.adding

    def clean_code(self) -> str:
        code = str(self.cleaned_data["code"])
        if not self.code_shape.fullmatch(code):
            raise ValidationError(self.code_words)
        return code


class GateForm(WithCode):
    recorded_by = forms.ChoiceField(
        label=gettext_lazy("Who may record it"),
        choices=[(code, code.replace("_", " ")) for code in GATE_RECORDERS],
    )
    values = LinesField(label=gettext_lazy("Results to choose from"))

    class Meta:
        model = Gate
        fields = ("code", "text", "recorded_by", "overridable", "values", "source")


class WaysField(RowsField):
    """Ways to be ready for a ladder, one of which is enough: a level reached, with a thing at hand or without."""

    def __init__(self, **kwargs: Any) -> None:
        columns: dict[str, forms.Field] = {
            "ladder_level": forms.ChoiceField(label=gettext_lazy("Level reached"), choices=[NONE]),
            "equipment": forms.CharField(label=gettext_lazy("With this at hand"), required=False, max_length=60),
        }
        super().__init__(columns=columns, **kwargs)


class LadderForm(WithParts, WithCode):
    code_shape = LADDER_CODE
    code_words = gettext_lazy("Two to eight capital letters or digits, such as BRG.")
    parts: ClassVar = {
        **{f"equipment_{key}": ("equipment", key) for key in ("all", "any_of", "options", "optional", "alternatives")},
        **{f"requires_{key}": ("requires", key) for key in ("gates", "ladder_level", "equipment", "any_of")},
        **{
            key: ("details", key)
            for key in (
                "stop",
                "contraindications_at",
                "mistakes_from",
                "on_fault",
                "cease_if",
                "rule_24h",
                "precaution_codes",
                "overridable",
                "independent_sides",
                "notes",
            )
        },
        "regress_by": ("details", "regress", "by"),
        "regress_when": ("details", "regress", "when"),
        "cramp_do": ("details", "cramp", "do"),
        "cramp_counts": ("details", "cramp", "session_counts_as_success"),
    }

    how = LinesField(label=gettext_lazy("How to do it, a step a line"), rows=5)
    cues = LinesField(label=gettext_lazy("Cues, one a line"))
    mistakes = LinesField(label=gettext_lazy("Common mistakes, one a line"))
    mistakes_from = ByNameField(
        label=gettext_lazy("Mistakes that begin at a level"),
        help_text=gettext_lazy("A level a line: “SQT-4: loading before 30 clean reps, …”."),
        rows=2,
    )
    precautions = LinesField(label=gettext_lazy("Precautions, one a line"), rows=3)
    precaution_codes = LinesField(label=gettext_lazy("Conditions that ask for care, one code a line"), rows=2)
    contraindications = LinesField(
        label=gettext_lazy("Contraindications, one a line"),
        help_text=gettext_lazy("A code such as cannot_lie_flat, or “active NGL ladder” for a ladder it excludes."),
    )
    contraindications_at = ByNameField(
        label=gettext_lazy("Contraindications of one level"),
        help_text=gettext_lazy("A level a line: “HNG-1: cannot_kneel, …”."),
        rows=2,
    )
    overridable = LinesField(
        label=gettext_lazy("Contraindications a licensed therapist may overrule, one a line"),
        help_text=gettext_lazy("With a reason and a day to look again. Never a nerve sign."),
        rows=2,
    )
    independent_sides = forms.BooleanField(
        label=gettext_lazy("A therapist may put left and right on levels of their own"),
        help_text=gettext_lazy("Only where every level is for each side."),
        required=False,
    )
    stop = LinesField(label=gettext_lazy("Stop rules, one a line"), rows=6)
    on_fault = forms.CharField(label=gettext_lazy("When the form is lost"), required=False, max_length=240)
    cease_if = forms.CharField(label=gettext_lazy("Give it up if"), required=False, max_length=240)
    rule_24h = forms.CharField(label=gettext_lazy("Rule for the next day"), required=False, max_length=240)
    regress_by = forms.IntegerField(label=gettext_lazy("Levels back"), required=False, min_value=1, max_value=9)
    regress_when = LinesField(label=gettext_lazy("Back when, one a line"), rows=5)
    cramp_do = forms.CharField(label=gettext_lazy("On a cramp"), required=False, max_length=120)
    cramp_counts = forms.BooleanField(label=gettext_lazy("A session with a cramp counts as a success"), required=False)
    adjustments = LinesField(label=gettext_lazy("Adjustments, one a line"), rows=3)
    blocks = LinesField(label=gettext_lazy("Must not be combined with these ladders, one code a line"), rows=2)
    lighter = LinesField(
        label=gettext_lazy("Order in which a dose is made lighter"), among=[way.value for way in Lighter], rows=3
    )
    equipment_all = LinesField(label=gettext_lazy("Needs all of these, one a line"), rows=3)
    equipment_any_of = LinesField(label=gettext_lazy("Needs one of these, one a line"), rows=3)
    equipment_options = SetsField(
        label=gettext_lazy("Needs one of these sets"),
        help_text=gettext_lazy("A set a line, with commas between its things: “barbell, squat_rack”."),
        rows=2,
    )
    equipment_optional = LinesField(label=gettext_lazy("Good to have, one a line"), rows=2)
    equipment_alternatives = ByNameField(
        label=gettext_lazy("What may stand in"),
        help_text=gettext_lazy("“dowel: broom, stick”, a thing a line; or one stand-in a line, without a name."),
        bare=True,
        rows=2,
    )
    requires_gates = forms.MultipleChoiceField(
        label=gettext_lazy("Recorded before"), required=False, widget=forms.CheckboxSelectMultiple
    )
    requires_ladder_level = forms.ChoiceField(label=gettext_lazy("This level reached before"), required=False)
    requires_equipment = forms.CharField(label=gettext_lazy("This thing at home"), required=False, max_length=60)
    requires_any_of = WaysField(
        label=gettext_lazy("And one of these ways"),
        help_text=gettext_lazy("Clear a row to take it away; save for more rows."),
    )
    notes = LinesField(label=gettext_lazy("Notes for trainers, one a line"), rows=2)
    sources = LinesField(label=gettext_lazy("Sources, one a line"), rows=2)

    class Meta:
        model = Ladder
        fields = (
            "code",
            "title",
            "kind",
            "region",
            "target",
            "setup",
            "movement",
            "how",
            "cues",
            "mistakes",
            "precautions",
            "contraindications",
            "adjustments",
            "blocks",
            "lighter",
            "sources",
        )
        widgets: ClassVar = {
            "setup": forms.Textarea(attrs={"rows": 2, "cols": 60}),
            "movement": forms.Textarea(attrs={"rows": 2, "cols": 60}),
        }

    def offer(self) -> None:
        if one := self.instance.requires.get("gate"):
            self.initial["requires_gates"] = [one]
        levels = [NONE, *level_choices(self.clinic)]
        self.choose("requires_gates", gate_choices(self.clinic))
        self.choose("requires_ladder_level", levels)
        ways: Any = self.fields["requires_any_of"]
        ways.columns["ladder_level"].choices = levels

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "requires_gates" in self.changed_data:
            self.instance.requires.pop("gate", None)  # a single gate had a name of its own
        return cleaned


class LevelFormSet(forms.BaseInlineFormSet[Any, Any, Any]):
    def clean(self) -> None:
        """A level is named after its ladder: `BRG-8` stands on BRG and nowhere else."""
        super().clean()
        for form in self.forms:
            code = form.cleaned_data.get("code", "") if hasattr(form, "cleaned_data") else ""
            if code and code.rpartition("-")[0] != self.instance.code:
                text = _("It stands on ladder %(ladder)s: begin with %(ladder)s and a hyphen.")
                form.add_error("code", text % {"ladder": self.instance.code})


class LevelForm(WithParts, InPlace, WithCode):
    code_shape = LEVEL_CODE
    code_words = gettext_lazy("The code of the ladder and a number, such as BRG-8.")
    parts: ClassVar = {
        key: ("details", key) for key in ("drawing", "picture_text", "variants", "then", "equal", "notes")
    }

    drawing = forms.ChoiceField(
        label=gettext_lazy("Drawing"),
        required=False,
        choices=[
            ("", gettext_lazy("the level's own, else its ladder's")),
            (NO_DRAWING, gettext_lazy("no drawing")),
            *((name, name.upper()) for name in NAMES),
        ],
    )
    picture_text = forms.CharField(
        label=gettext_lazy("What the drawing shows"),
        help_text=gettext_lazy("Read out to those who cannot see it, in place of the level's name."),
        required=False,
        max_length=240,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    equipment = LinesField(label=gettext_lazy("Equipment, one a line"), rows=2)
    optional_if_missing = LinesField(label=gettext_lazy("May be skipped without, one a line"), rows=2)
    requires_gates = LinesField(label=gettext_lazy("Requires gates, one code a line"), rows=2)
    load_step_pct = LinesField(
        label=gettext_lazy("Load step in percent, from and to, a number a line"), whole=True, rows=2
    )
    seed = LinesField(label=gettext_lazy("Values the source fixes"), rows=2)
    equal = LinesField(
        label=gettext_lazy("Equal levels of other ladders, one code a line"),
        help_text=gettext_lazy("A patient may swap for these without asking: HRS-3."),
        rows=2,
    )
    variants = LinesField(label=gettext_lazy("Variants, one a line"), rows=2)
    then = LinesField(label=gettext_lazy("Ladders that may follow, one code a line"), rows=2)
    notes = LinesField(label=gettext_lazy("Notes for trainers, one a line"), rows=2)

    class Meta:
        model = Level
        fields = ("position", "code", "name", *(name for name in LEVEL_CONTENT if name != "details"))
