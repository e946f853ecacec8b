"""Entries that the database keeps together and a trainer fills in one by one: a form field for each part."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, ClassVar, cast

from django import forms
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from clinic.models import Clinic
from clinic.plain_errors import PlainErrors
from clinic.requests import ClinicRequest
from programs.models import Gate, Ladder, Level

Choices = list[tuple[str, Any]]
NONE = ("", "---------")


class WithParts(PlainErrors, forms.ModelForm[Any]):
    """`parts`: form field → the model's field and the keys that lead to the part, such as ("entry", "gates").

    What the form does not show, and what its reader did not touch, stays as it is. `clinic` is set by the page.
    """

    clinic: ClassVar[Clinic | None] = None
    parts: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (field, *keys) in self.parts.items():
            self.initial.setdefault(name, _part(getattr(self.instance, field), keys))
        self.offer()

    def offer(self) -> None:
        """Fill the choices that depend on the clinic."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in set(self.parts) & set(self.changed_data) & set(cleaned):
            field, *keys = self.parts[name]
            entries = deepcopy(getattr(self.instance, field))
            _put(entries, keys, cleaned[name])
            setattr(self.instance, field, entries)
        return cleaned

    def choose(self, name: str, choices: Choices) -> None:
        """Offer `choices` for a field; what stands there already is kept even if nothing of that name exists now."""
        field: Any = self.fields[name]
        current = self.initial.get(name) or []
        known = set(values_of(choices))
        gone = [one for one in ([current] if isinstance(current, str) else current) if one not in known]
        field.choices = [*choices, *((one, _("%(name)s (not there any more)") % {"name": one}) for one in gone)]


def _part(entries: Mapping[str, Any], keys: list[str]) -> Any:
    found: Any = entries
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _put(entries: dict[str, Any], keys: list[str], value: Any) -> None:
    """Set one part; an empty one goes, and so does what held nothing else."""
    key, *deeper = keys
    if deeper:
        inside = dict(entries.get(key) or {})
        _put(inside, deeper, value)
        value = inside
    if value in ("", None, [], {}):
        entries.pop(key, None)
    else:
        entries[key] = value


def gate_choices(clinic: Clinic | None) -> Choices:
    return [(gate.code, gate.text) for gate in Gate.objects.filter(clinic=clinic).order_by("code")]


def ladder_choices(clinic: Clinic | None) -> Choices:
    return [(ladder.code, str(ladder)) for ladder in Ladder.objects.filter(clinic=clinic).order_by("code")]


def level_choices(clinic: Clinic | None) -> Choices:
    """The levels of every ladder of the clinic, grouped by ladder."""
    levels = Level.objects.filter(ladder__clinic=clinic).select_related("ladder")
    groups: dict[str, Choices] = {}
    for level in levels.order_by("ladder__code", "position", "pk"):
        groups.setdefault(str(level.ladder), []).append((level.code, str(level)))
    return list(groups.items())


def values_of(choices: Choices) -> Iterator[str]:
    """All values, also those within groups."""
    for value, label in choices:
        if isinstance(label, list):
            yield from values_of(label)
        else:
            yield value


class OfTheClinic:
    """A page whose form offers what the active clinic has."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        form.clinic = cast(ClinicRequest, request).clinic
        return form


def as_list(lines: Iterable[str]) -> SafeString | str:
    """What a reader may look at and not change, a line each."""
    rows = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html("<ul>{}</ul>", rows) if rows else "–"
