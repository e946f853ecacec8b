"""Forms of the admin: lists as lines of text, nested entries as checked JSON, publishing with its note."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.entries import (
    EQUIPMENT,
    EXIT,
    REQUIRES,
    WHEN,
    BadLibrary,
    Entry,
    read_equipment,
    read_exit,
    read_paths,
    read_requires,
    read_when,
    read_words_by_level,
)
from programs.library_file import GATE_RECORDERS, LADDER_CODE, LADDER_DETAILS, LEVEL_CODE, NAME
from programs.models import Gate, Ladder, Level, Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.publishing import LEVEL_CONTENT
from programs.rules import Lighter

Reader = Callable[[Entry], dict[str, Any]]
LAST = 999


class LinesField(forms.CharField):
    """A JSON list as text, one entry a line. `among`: the entries that are allowed, if not all are."""

    widget = forms.Textarea

    def __init__(self, *, among: Iterable[str] = (), whole: bool = False, rows: int = 4, **kwargs: Any) -> None:
        self.among, self.whole = tuple(among), whole
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows, "cols": 60}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(str(part) for part in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        for line in lines:
            if self.among and line not in self.among:
                choices = ", ".join(self.among)
                raise ValidationError(_("“%(line)s” is none of: %(choices)s.") % {"line": line, "choices": choices})
            if self.whole and not line.isdecimal():
                raise ValidationError(_("“%(line)s” is not a whole number.") % {"line": line})
        return [int(line) for line in lines] if self.whole else lines

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


class EntriesField(forms.JSONField):
    """Nested entries as JSON, with the same checks as a library file."""

    widget = forms.Textarea

    def __init__(self, *, known: Iterable[str] | None = None, reader: Reader | None = None, **kwargs: Any) -> None:
        self.known, self.reader = known, reader
        kwargs.setdefault("required", False)
        super().__init__(widget=forms.Textarea(attrs={"rows": 4, "cols": 60, "class": "entries"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dict | list):
            return json.dumps(value, indent=1, ensure_ascii=False)
        return super().prepare_value(value)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value) or {}
        try:
            entry = Entry(str(self.label or ""), cleaned, cleaned if self.known is None else self.known)
            return self.reader(entry) if self.reader else cleaned
        except BadLibrary as fault:
            raise ValidationError(fault.why) from None


def _read_ladder_details(entry: Entry) -> dict[str, Any]:
    for key in ("contraindications_at", "mistakes_from"):
        words = entry.mapping(key)
        read_words_by_level(entry.inside(key, words, words))
    for key in ("stop", "notes", "precaution_codes"):
        entry.lines(key)
    for key in ("regress", "cramp"):
        entry.mapping(key)
    return dict(entry.values)


class WithCode(forms.ModelForm[Any]):
    """A row that others name by its code: given once, it stays."""

    code_shape: ClassVar[re.Pattern[str]] = NAME
    code_words: ClassVar[Any] = gettext_lazy("Letters, digits and underscores, 60 at most.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
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
        fields = ("code", "text", "recorded_by", "values", "source")


class LadderForm(WithCode):
    code_shape = LADDER_CODE
    code_words = gettext_lazy("Two to eight capital letters or digits, such as BRG.")

    how = LinesField(label=gettext_lazy("How to do it, a step a line"), rows=5)
    cues = LinesField(label=gettext_lazy("Cues, one a line"))
    mistakes = LinesField(label=gettext_lazy("Common mistakes, one a line"))
    precautions = LinesField(label=gettext_lazy("Precautions, one a line"), rows=3)
    contraindications = LinesField(label=gettext_lazy("Contraindications, one a line"))
    adjustments = LinesField(label=gettext_lazy("Adjustments, one a line"), rows=3)
    blocks = LinesField(label=gettext_lazy("Must not be combined with these ladders, one code a line"), rows=2)
    lighter = LinesField(
        label=gettext_lazy("Order in which a dose is made lighter"), among=[way.value for way in Lighter], rows=3
    )
    sources = LinesField(label=gettext_lazy("Sources, one a line"), rows=2)
    equipment = EntriesField(label=gettext_lazy("Equipment"), known=EQUIPMENT, reader=read_equipment)
    requires = EntriesField(label=gettext_lazy("Requires"), known=REQUIRES, reader=read_requires)
    details = EntriesField(
        label=gettext_lazy("Stop rules and further entries"), known=LADDER_DETAILS, reader=_read_ladder_details
    )

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
            "equipment",
            "requires",
            "blocks",
            "lighter",
            "details",
            "sources",
        )
        widgets: ClassVar = {
            "setup": forms.Textarea(attrs={"rows": 2, "cols": 60}),
            "movement": forms.Textarea(attrs={"rows": 2, "cols": 60}),
        }


class InPlace(forms.ModelForm[Any]):
    """A row with a place among others. Rows are numbered anew when saved, so a taken number is no fault."""

    position = forms.IntegerField(
        label=gettext_lazy("Position"),
        help_text=gettext_lazy("Change it to move the row; leave it blank to put it last."),
        required=False,
        min_value=1,
        max_value=LAST,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """In a table the column head is no label: every field says its own name to a screen reader."""
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.label:
                field.widget.attrs.setdefault("aria-label", str(field.label).capitalize())

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or LAST


class LevelForm(InPlace, WithCode):
    code_shape = LEVEL_CODE
    code_words = gettext_lazy("The code of the ladder and a number, such as BRG-8.")

    equipment = LinesField(label=gettext_lazy("Equipment, one a line"), rows=2)
    optional_if_missing = LinesField(label=gettext_lazy("May be skipped without, one a line"), rows=2)
    requires_gates = LinesField(label=gettext_lazy("Requires gates, one code a line"), rows=2)
    load_step_pct = LinesField(
        label=gettext_lazy("Load step in percent, from and to, a number a line"), whole=True, rows=2
    )
    seed = LinesField(label=gettext_lazy("Values the source fixes"), rows=2)
    details = EntriesField(label=gettext_lazy("Further entries"))

    class Meta:
        model = Level
        fields = ("position", "code", "name", *LEVEL_CONTENT)


class TemplateForm(WithCode):
    sources = LinesField(label=gettext_lazy("Sources, one a line"), rows=2)

    class Meta:
        model = ProgramTemplate
        fields = ("code", "title", "sources")


class VersionForm(forms.ModelForm[ProgramVersion]):
    entry = EntriesField(label=gettext_lazy("Entry conditions"), known=WHEN, reader=read_when)
    blocked_ladders = LinesField(label=gettext_lazy("Blocked ladders, one code a line"), rows=2)
    education = LinesField(label=gettext_lazy("Advice, one a line"))
    paths = EntriesField(label=gettext_lazy("Paths chosen at assignment"), reader=read_paths)

    class Meta:
        model = ProgramVersion
        fields = (
            "title",
            "for_whom",
            "pain_policy",
            "max_active_items",
            "education",
            "entry",
            "blocked_ladders",
            "paths",
        )


class PhaseForm(forms.ModelForm[Phase]):
    exit = EntriesField(
        label=gettext_lazy("Exit"),
        known=EXIT,
        reader=read_exit,
        help_text=gettext_lazy(
            "“all” or “any” with a list of conditions: level, gate, therapist, green_days, "
            "measure with change, reps_per_set with ladder."
        ),
    )

    class Meta:
        model = Phase
        fields = ("name", "path", "day_from", "day_to", "choose_max", "exit")


class PhaseRowForm(InPlace):
    class Meta:
        model = Phase
        fields = ("position", "name", "path", "day_from", "day_to", "choose_max")


class PhaseItemForm(InPlace):
    class Meta:
        model = PhaseItem
        fields = ("position", "ladder", "start_code", "cap_code", "from_day")


class PublishForm(forms.Form):
    change_note = forms.CharField(
        label=gettext_lazy("What changed and why"),
        help_text=gettext_lazy("Therapists read this before they move a patient to the new version."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )
