"""What is asked of a dry run: on whom, which program, which numbers."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.forms import VerbForm
from patients import dry_runs
from patients.models import DryRun
from programs.clinical_numbers import NUMBERS, ClinicalNumber
from programs.models import ProgramVersion
from programs.models.template import VersionQuerySet
from programs.rulebook import current_rules


class AskForm(VerbForm):
    """A clinical number keeps its name as field; left empty it stays as it is. Bounds are the verb's to judge."""

    kind = forms.ChoiceField(label=gettext_lazy("Try it on"), widget=forms.RadioSelect)
    version = forms.ChoiceField(label=gettext_lazy("Program"), required=False)
    weeks = forms.IntegerField(
        label=gettext_lazy("Weeks"),
        initial=12,
        help_text=gettext_lazy("As long as they train, or as far back as histories are read."),
    )
    each = forms.IntegerField(
        label=gettext_lazy("Made-up patients of each kind"),
        initial=4,
        help_text=gettext_lazy("Steady, flaring, forgetful, eager and one-sided. The same people every time."),
    )

    def __init__(self, *args: Any, versions: VersionQuerySet, histories: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.versions = versions
        kinds = [kind for kind in DryRun.Kind if histories or kind == DryRun.Kind.PEOPLE]
        self._choice("kind").choices = [(kind.value, kind.label) for kind in kinds]
        self.initial.setdefault("kind", DryRun.Kind.PEOPLE.value)
        programs = self._programs()
        self._choice("version").choices = [("", _("None: only the numbers")), *programs]
        if wanted := self.initial.get("version"):
            self.initial["version"] = next((way for way, _label in programs if way.startswith(wanted)), "")
        self._bounds("weeks", 1, dry_runs.MOST_WEEKS)
        self._bounds("each", 1, dry_runs.MOST_EACH)
        for number in NUMBERS:
            self.fields[number.name] = _number_field(number)

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _bounds(self, name: str, low: int, high: int) -> None:
        self.fields[name].widget.attrs.update(min=low, max=high)

    def _programs(self) -> list[tuple[str, str]]:
        """The draft and the newest published version of each program, once for each way through it."""
        rows = self.versions.filter(template__retired_at=None).exclude(state=ProgramVersion.State.RETIRED)
        wanted: dict[tuple[object, str], ProgramVersion] = {
            (one.template_id, one.state): one for one in rows.order_by("number")
        }
        found = sorted(wanted.values(), key=lambda one: (str(one.title), one.number))
        return [choice for version in found for choice in _ways(version)]

    def asked(self) -> dict[str, Any]:
        """What `dry_runs.ask` is given."""
        cleaned = self.cleaned_data
        version, _colon, path = cleaned["version"].partition(":")
        return {
            "kind": cleaned["kind"],
            "version": self.versions.get(pk=version) if version else None,
            "path": path,
            "weeks": cleaned["weeks"],
            "each": cleaned["each"],
            "numbers": self._changed(),
        }

    def _changed(self) -> dict[str, float]:
        now = current_rules().params
        given = {number.name: self.cleaned_data[number.name] for number in NUMBERS}
        return {name: value for name, value in given.items() if value is not None and value != getattr(now, name)}

    def number_fields(self) -> list[forms.BoundField]:
        return [self[number.name] for number in NUMBERS]

    @property
    def has_numbers(self) -> bool:
        return any(field.errors or field.value() not in (None, "") for field in self.number_fields())


def _number_field(number: ClinicalNumber) -> forms.Field:
    hint = _("now %(now)s; goes from %(low)s to %(high)s") % {
        "now": f"{getattr(current_rules().params, number.name):g}",
        "low": number.low,
        "high": number.high,
    }
    attrs = {"min": number.low, "max": number.high, "step": 1 if number.whole else 0.05}
    kind = forms.IntegerField if number.whole else forms.FloatField
    return kind(label=str(number.label), required=False, help_text=hint, widget=forms.NumberInput(attrs=attrs))


def _ways(version: ProgramVersion) -> list[tuple[str, str]]:
    label = _("%(title)s, version %(number)s") % {"title": version.title, "number": version.number}
    if version.state == ProgramVersion.State.DRAFT:
        label = _("%(version)s (draft)") % {"version": label}
    if not version.paths:
        return [(str(version.pk), label)]
    return [(f"{version.pk}:{path}", f"{label}, {path}") for path in version.paths]
