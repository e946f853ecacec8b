"""Addresses of admin pages, and what a browser sends back from them."""

from django.urls import reverse

from programs.admin.fields import RowsField


def listing(name: str) -> str:
    return reverse(f"admin:programs_{name}_changelist")


def page(obj, name: str = "change") -> str:
    return reverse(f"admin:programs_{obj._meta.model_name}_{name}", args=[obj.pk])


def filled_in(response) -> dict[str, str]:
    """What a browser would send back from this admin page if nothing is touched."""
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(field.field, RowsField):
                data |= rows_of(field)
            elif value is not None and value is not False:
                data[field.html_name] = "on" if value is True else value
    return data


def rows_of(field) -> dict[str, str]:
    data = {}
    for number, row in enumerate([*field.value(), {}], start=1):
        for key, column in field.field.columns.items():
            value = column.prepare_value(row.get(key, column.initial))
            data[f"{field.html_name}-{number}-{key}"] = "" if value is None else str(value)
    return data
