"""Forms of templates, versions, phases and their exercises, and of publishing."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.plain_errors import PlainErrors
from programs.admin.fields import LinesField, RowsField, WordsField
from programs.admin.ladder_forms import WithCode
from programs.admin.order import InPlace
from programs.admin.parts import NONE, Choices, WithParts, gate_choices, ladder_choices, level_choices, values_of
from programs.entries import SLUMP, TRIAL, is_condition
from programs.measures import SCALES
from programs.models import Phase, PhaseItem, ProgramTemplate, ProgramVersion
from programs.words import ADVANCE_WORDS, SLUMP_WORDS, plain

SLUMP_CHOICES: Choices = [NONE, *((result, SLUMP_WORDS[result]) for result in SLUMP)]


class TemplateForm(WithCode):
    sources = LinesField(label=gettext_lazy("Sources, one a line"), rows=2)

    class Meta:
        model = ProgramTemplate
        fields = ("code", "title", "sources")


class PathsField(RowsField):
    """The ways through a program, one of which is chosen at assignment: a row each."""

    def __init__(self, **kwargs: Any) -> None:
        columns: dict[str, forms.Field] = {
            "name": forms.CharField(label=gettext_lazy("Path"), max_length=20),
            "slump": forms.ChoiceField(label=gettext_lazy("Slump screen"), choices=SLUMP_CHOICES, required=False),
            "gates": WordsField(label=gettext_lazy("Gates recorded before"), required=False),
            "exclude": WordsField(label=gettext_lazy("Not with"), required=False),
            "equipment": WordsField(label=gettext_lazy("Needs"), required=False),
            "auto_advance": forms.ChoiceField(
                label=gettext_lazy("Moves on"), choices=list(ADVANCE_WORDS.items()), initial="within_cap"
            ),
        }
        super().__init__(columns=columns, **kwargs)

    def rows_of(self, value: Any) -> list[dict[str, Any]]:
        rows = []
        for name, path in value.items():
            when = path.get("when", {})
            slump = when.get("screen", {}).get("SLUMP", "")
            rows.append({**when, "name": name, "slump": slump, "auto_advance": path.get("auto_advance", "within_cap")})
        return rows

    def read(self, row: dict[str, Any]) -> Any:
        when = {key: row[key] for key in ("gates", "exclude", "equipment") if row[key]}
        if row["slump"]:
            when["screen"] = {"SLUMP": row["slump"]}
        return row["name"], {"when": when, "auto_advance": row["auto_advance"]}

    def gather(self, entries: list[Any]) -> Any:
        if len(dict(entries)) < len(entries):
            raise ValidationError(_("Two paths have the same name."))
        return dict(entries)


class VersionForm(WithParts):
    parts: ClassVar = {
        "entry_slump": ("entry", "screen", "SLUMP"),
        **{f"entry_{key}": ("entry", key) for key in ("gates", "exclude", "equipment", "trial")},
    }

    entry_slump = forms.ChoiceField(label=gettext_lazy("Slump screen"), choices=SLUMP_CHOICES, required=False)
    entry_gates = forms.MultipleChoiceField(
        label=gettext_lazy("Recorded before"), required=False, widget=forms.CheckboxSelectMultiple
    )
    entry_exclude = LinesField(
        label=gettext_lazy("Not with, one a line"), help_text=gettext_lazy("A code such as red_flag."), rows=2
    )
    entry_equipment = LinesField(label=gettext_lazy("Needs at home, one a line"), rows=2)
    entry_trial = forms.ChoiceField(
        label=gettext_lazy("Trial"), choices=[NONE, *((state, plain(state)) for state in TRIAL)], required=False
    )
    blocked_ladders = LinesField(label=gettext_lazy("Blocked ladders, one code a line"), rows=2)
    education = LinesField(label=gettext_lazy("Advice, one a line"))
    paths = PathsField(
        label=gettext_lazy("Paths chosen at assignment"),
        help_text=gettext_lazy("Several gates or things have commas between. Clear a row to take it away."),
    )

    class Meta:
        model = ProgramVersion
        fields = ("title", "for_whom", "pain_policy", "max_active_items", "education", "blocked_ladders", "paths")

    def offer(self) -> None:
        gates = gate_choices(self.clinic)
        self.choose("entry_gates", gates)
        paths: Any = self.fields["paths"]
        paths.columns["gates"].among = [code for code, _text in gates]


class ConditionsField(RowsField):
    """What ends a phase: a row a condition, each for all or for one of several."""

    def __init__(self, **kwargs: Any) -> None:
        columns: dict[str, forms.Field] = {
            "group": forms.ChoiceField(
                label=gettext_lazy("Must hold"),
                choices=[("all", gettext_lazy("always")), ("any", gettext_lazy("one of these is enough"))],
                initial="all",
            ),
            "what": forms.ChoiceField(label=gettext_lazy("Condition"), choices=[NONE]),
            "number": forms.IntegerField(
                label=gettext_lazy("Number"), required=False, min_value=1, max_value=365, widget=forms.NumberInput
            ),
        }
        super().__init__(columns=columns, **kwargs)

    def offer(self, *, levels: Choices, gates: Choices, ladders: Choices) -> None:
        what: Any = self.columns["what"]
        what.choices = [
            NONE,
            ("therapist", _("A therapist signs it off")),
            ("green_days", _("Quiet days in a row (number)")),
            (
                _("A measure has changed by (number)"),
                [(f"measure:{code}", scale.name) for code, scale in SCALES.items()],
            ),
            (_("A gate is recorded"), [(f"gate:{code}", text) for code, text in gates]),
            (_("Repetitions in every set (number)"), [(f"reps_per_set:{code}", text) for code, text in ladders]),
            *((_("Level of %(ladder)s") % {"ladder": name}, _prefixed("level:", found)) for name, found in levels),
        ]

    def keep(self, value: Mapping[str, Any]) -> None:
        """A condition that names what is not there any more can still be chosen, so that lint may speak of it."""
        what: Any = self.columns["what"]
        known = set(values_of(what.choices))
        gone = sorted({str(row["what"]) for row in self.rows_of(value)} - known)
        what.choices = [*what.choices, *((one, _("%(name)s (not there any more)") % {"name": one}) for one in gone)]

    def rows_of(self, value: Any) -> list[dict[str, Any]]:
        return [
            {"group": group, **_as_row(condition)}
            for group in ("all", "any")
            for condition in value.get(group, [])
            if is_condition(condition)
        ]

    def read(self, row: dict[str, Any]) -> Any:
        kind, _colon, name = row["what"].partition(":")
        number = row["number"]
        if kind in ("green_days", "measure", "reps_per_set") and number is None:
            raise ValidationError(_("This condition needs a number."))
        if kind in ("level", "gate", "therapist") and number is not None:
            raise ValidationError(_("This condition has no number."))
        condition: dict[str, Any] = {
            "therapist": {"therapist": True},
            "green_days": {"green_days": number},
            "measure": {"measure": name, "change": number},
            "reps_per_set": {"reps_per_set": number, "ladder": name},
        }.get(kind, {kind: name})
        return row["group"], condition

    def gather(self, entries: list[Any]) -> Any:
        exit: dict[str, list[Any]] = {}
        for group, condition in entries:
            exit.setdefault(group, []).append(condition)
        return exit


def _prefixed(prefix: str, choices: Choices) -> Choices:
    return [(f"{prefix}{value}", label) for value, label in choices]


def _as_row(condition: Mapping[str, Any]) -> dict[str, Any]:
    match dict(condition):
        case {"measure": measure, "change": change}:
            return {"what": f"measure:{measure}", "number": change}
        case {"reps_per_set": reps, "ladder": ladder}:
            return {"what": f"reps_per_set:{ladder}", "number": reps}
        case {"green_days": days}:
            return {"what": "green_days", "number": days}
        case {"therapist": True}:
            return {"what": "therapist"}
    kind, name = next(iter(condition.items()))
    return {"what": f"{kind}:{name}"}


class PhaseForm(WithParts):
    exit = ConditionsField(
        label=gettext_lazy("It ends when"),
        help_text=gettext_lazy("Clear the condition of a row to take it away; save for more rows."),
    )

    class Meta:
        model = Phase
        fields = ("name", "path", "day_from", "day_to", "choose_max", "exit")

    def offer(self) -> None:
        field: Any = self.fields["exit"]
        field.offer(
            levels=level_choices(self.clinic), gates=gate_choices(self.clinic), ladders=ladder_choices(self.clinic)
        )
        field.keep(self.instance.exit)


class PhaseRowForm(InPlace):
    class Meta:
        model = Phase
        fields = ("position", "name", "path", "day_from", "day_to", "choose_max")


class PhaseItemForm(InPlace):
    class Meta:
        model = PhaseItem
        fields = ("position", "ladder", "start_code", "cap_code", "from_day")


class PublishForm(PlainErrors, forms.Form):
    change_note = forms.CharField(
        label=gettext_lazy("What changed and why"),
        help_text=gettext_lazy("Therapists read this before they move a patient to the new version."),
        error_messages={"required": gettext_lazy("Change note: say what changed and why.")},
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
    )
