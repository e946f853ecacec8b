"""Rows with a place among others: levels of a ladder, phases of a version, exercises of a phase."""

from typing import Any, cast

from django import forms
from django.db.models import Model
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy

from clinic.plain_errors import PlainErrors

LAST = 999
MOVE = "_move"  # the name of the buttons that move a row a step: they save the page as it stands
MORE = "_more"  # the name of the button that saves the page and asks for an empty row


class InPlace(PlainErrors, forms.ModelForm[Any]):
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


class OneMore:
    """Rows that are added by Django's script: without one the page is asked for an empty row."""

    def get_extra(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> int:
        found: int = super().get_extra(request, obj, **kwargs)  # type: ignore[misc]
        return 1 if MORE in request.GET else found


class InOrder:
    """A page whose inline rows have places: they are numbered anew when it is saved."""

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Any], formset: BaseInlineFormSet[Any, Any, Any], change: bool
    ) -> None:
        formset.save()
        put_in_order(formset)
        if wish := request.POST.get(MOVE):
            step(formset, wish)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """A moved row stays in sight: the page comes again where its rows begin. So does an empty one."""
        if MOVE in request.POST:
            return HttpResponseRedirect(f"{request.path}#{request.POST[MOVE].partition(' ')[0]}")
        if MORE in request.POST:
            return HttpResponseRedirect(f"{request.path}?{MORE}#{request.POST[MORE]}")
        found: HttpResponse = super().response_change(request, obj)  # type: ignore[misc]
        return found


def step(formset: BaseInlineFormSet[Any, Any, Any], wish: str) -> None:
    """`wish`: the id of a row and "up" or "down". It changes places with its neighbour; at the end it stays."""
    rows = _rows_of(formset)
    pk, _space, way = wish.partition(" ")
    place = next((number for number, row in enumerate(rows) if str(row.pk) == pk), None)
    other = None if place is None else place - 1 if way == "up" else place + 1
    if place is None or other is None or not 0 <= other < len(rows):
        return
    rows[place].position, rows[other].position = rows[other].position, rows[place].position
    cast(type[Model], formset.model)._default_manager.bulk_update([rows[place], rows[other]], ["position"])


def _rows_of(formset: BaseInlineFormSet[Any, Any, Any]) -> list[Any]:
    siblings = cast(type[Model], formset.model)._default_manager
    return list(siblings.filter(**{formset.fk.name: formset.instance}).order_by("position", "pk"))


def put_in_order(formset: BaseInlineFormSet[Any, Any, Any]) -> None:
    """Number the saved rows 1, 2, 3 …: a row given a taken place stands before it when moved up, else after it."""
    moved = {}
    for form in formset.forms:
        before, after = form.initial.get("position"), form.instance.position
        moved[form.instance.pk] = 1 if before is None else (after > before) - (after < before)
    siblings, rows = cast(type[Model], formset.model)._default_manager, _rows_of(formset)
    rows.sort(key=lambda row: (row.position, moved.get(row.pk, 0), row.pk))
    for position, row in enumerate(rows, start=1):
        row.position = position
    siblings.bulk_update(rows, ["position"])
