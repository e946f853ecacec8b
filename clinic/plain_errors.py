"""What a form says of a wrong value: the value and the rule. Django's own words name neither.

Words that a field or a form brings itself stay as they are.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SHOWN = 40  # of a value that was typed, so many letters are said back
Words = dict[type[forms.Field], Promise]

# The first kind that fits says it.
MISSING: Words = {
    forms.FileField: gettext_lazy("Choose a file."),
    forms.BooleanField: gettext_lazy("Tick this: without it nothing goes on."),
    forms.ModelMultipleChoiceField: gettext_lazy("Choose at least one."),
    forms.MultipleChoiceField: gettext_lazy("Choose at least one."),
    forms.ModelChoiceField: gettext_lazy("Choose one of these."),
    forms.ChoiceField: gettext_lazy("Choose one of these."),
    forms.DateField: gettext_lazy("Choose a day."),
    forms.DateTimeField: gettext_lazy("Choose a day and a time."),
    forms.TimeField: gettext_lazy("Enter a time, like 18:00."),
    forms.EmailField: gettext_lazy("Enter an e-mail address, like name@example.org."),
    forms.IntegerField: gettext_lazy("Enter a number."),
    forms.Field: gettext_lazy("This cannot stay empty."),
}
NOT_SUCH: Words = {
    forms.DecimalField: gettext_lazy("“%(given)s” is not a number."),
    forms.FloatField: gettext_lazy("“%(given)s” is not a number."),
    forms.IntegerField: gettext_lazy("“%(given)s” is not a whole number."),
    forms.DateField: gettext_lazy("“%(given)s” is not a day."),
    forms.DateTimeField: gettext_lazy("“%(given)s” is not a day and a time."),
    forms.TimeField: gettext_lazy("“%(given)s” is not a time, like 18:00."),
    forms.EmailField: gettext_lazy("“%(given)s” is not an e-mail address, like name@example.org."),
}
END = {"min_value": "low", "max_value": "high"}
DIGITS = ("max_digits", "max_whole_digits", "max_decimal_places")


class PlainErrors:
    """A form whose faults are said in plain words."""

    def add_error(self, field: str | None, error: Any) -> None:
        if field is None and hasattr(error, "error_dict"):  # what the model itself has to say
            for name, faults in error.error_dict.items():
                self.add_error(name if name in self.fields else None, ValidationError(faults))  # type: ignore[attr-defined]
            return
        if field and isinstance(error, ValidationError):
            known: Any = self.fields[field]  # type: ignore[attr-defined]
            given: Any = self[field].data  # type: ignore[index]
            error = ValidationError(plain(known, error, given))
        super().add_error(field, error)  # type: ignore[misc]


def plain(field: forms.Field, error: ValidationError, given: Any) -> list[str]:
    """What `error` says of `given` in the words of the house; in its own where it brings some."""
    return [_said(field, one, given) for one in error.error_list]


def _said(field: forms.Field, error: ValidationError, given: Any) -> str:
    words = _words(field, error) if _is_djangos_own(field, error) else None
    if words is None:
        return str(error.messages[0])
    params = error.params or {}
    said = str(params.get("value", given))
    limits = {"low": getattr(field, "min_value", None), "high": getattr(field, "max_value", None)}
    limits |= {END[error.code]: params.get("limit_value")} if error.code in END else {}
    length = {"length": params.get("show_value"), "limit": params.get("limit_value")}
    return str(words) % (limits | length | {"given": said if len(said) <= SHOWN else f"{said[:SHOWN]}…"})


def _is_djangos_own(field: forms.Field, error: ValidationError) -> bool:
    if error.code in field.error_messages:
        own = [kind.default_error_messages for kind in type(field).__mro__ if hasattr(kind, "default_error_messages")]
        return any(str(error.message) == str(one.get(error.code, "")) for one in own)
    return error.code != "invalid" or error.message == EmailValidator.message


def _words(field: forms.Field, error: ValidationError) -> str | Promise | None:
    if error.code == "required":
        return _of_its_kind(MISSING, field)
    if error.code == "invalid":
        return _of_its_kind(NOT_SUCH, field)
    if error.code in END:
        return _range(field, END[error.code])
    if error.code in DIGITS:
        return _("“%(given)s” has too many digits.")
    texts = {
        "max_length": _("%(length)s characters: at most %(limit)s fit here."),
        "min_length": _("%(length)s characters: at least %(limit)s are needed."),
        "invalid_choice": _("“%(given)s” is not one of the choices."),
    }
    return texts.get(error.code or "")


def _of_its_kind(words: Words, field: forms.Field) -> Promise | None:
    return next((text for kind, text in words.items() if isinstance(field, kind)), None)


def _range(field: Any, end: str) -> str:
    """The model may know the other end of a range the form field has only one of."""
    if end == "high" and field.min_value is None:
        return _("%(given)s: goes up to %(high)s.")
    if end == "low" and field.max_value is None:
        return _("%(given)s: begins at %(low)s.")
    return _("%(given)s: goes from %(low)s to %(high)s.")
