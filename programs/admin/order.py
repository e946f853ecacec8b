"""Rows with a place among others: levels of a ladder, phases of a version, exercises of a phase."""

from typing import Any, cast

from django import forms
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

LAST = 999


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


class InOrder:
    """A page whose inline rows have places: they are numbered anew when it is saved."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Any], formset: BaseInlineFormSet[Any, Any, Any], change: bool
    ) -> None:
        formset.save()
        put_in_order(formset)


def put_in_order(formset: BaseInlineFormSet[Any, Any, Any]) -> None:
    """Number the saved rows 1, 2, 3 …: a row given a taken place stands before it when moved up, else after it."""
    moved = {}
    for form in formset.forms:
        before, after = form.initial.get("position"), form.instance.position
        moved[form.instance.pk] = 1 if before is None else (after > before) - (after < before)
    siblings = cast(type[Model], formset.model)._default_manager
    rows: list[Any] = list(siblings.filter(**{formset.fk.name: formset.instance}))
    rows.sort(key=lambda row: (row.position, moved.get(row.pk, 0), row.pk))
    for position, row in enumerate(rows, start=1):
        row.position = position
    siblings.bulk_update(rows, ["position"])
