"""Fields and the base of everything that is read: unknown names are refused, sizes are bounded."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from patients.sessions import NEURO
from programs.rules import RED_FLAGS

LONGEST_NOTE = 2000
# What a column can hold. What makes sense is for the verb to say, with the value and the limit.
COLUMN = 2**31 - 1


class Strict(serializers.Serializer[Any]):
    """Refuses names it does not know: a typing slip in `pain_afer` must not become "no pain"."""

    def to_internal_value(self, data: Any) -> Any:
        strange = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        errors: dict[str, Any] = {str(name)[:60]: [ErrorDetail(str(_("Unknown name.")), "unknown")] for name in strange}
        try:
            values = super().to_internal_value(data)
        except ValidationError as fault:
            if isinstance(fault.detail, dict):
                raise ValidationError({**errors, **fault.detail}) from None
            raise
        if errors:
            raise ValidationError(errors)
        return values


def whole(low: int, high: int, **given: Any) -> serializers.IntegerField:
    """A whole number documented as `low` to `high`. The verb refuses what lies outside, in its own words."""

    @extend_schema_field({"type": "integer", "minimum": low, "maximum": high})
    class Whole(serializers.IntegerField):
        def to_internal_value(self, data: Any) -> int:
            if isinstance(data, bool):
                self.fail("invalid")
            return super().to_internal_value(data)

    return Whole(min_value=-COLUMN, max_value=COLUMN, **given)


def note(**given: Any) -> serializers.CharField:
    return serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, default="", **given)


def some_of(choices: tuple[str, ...], **given: Any) -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=choices), max_length=len(choices), default=list, **given
    )


def warning_signs(body: Any) -> list[str]:
    """The known warning signs a body names, whatever else is wrong with it."""
    return _known(body, "red_flags", RED_FLAGS)


def new_nerve_signs(body: Any) -> list[str]:
    """New weakness or numbness a body names: a sign of its own, beside the red flags."""
    return _known(body, "neuro", NEURO)


def _known(body: Any, name: str, codes: Collection[str]) -> list[str]:
    said = body.get(name) if isinstance(body, Mapping) else None
    return sorted(set(codes) & {sign for sign in said if isinstance(sign, str)}) if isinstance(said, list) else []


class Moment(serializers.DateTimeField):
    """An instant with its offset. A bare wall time is refused: nobody here knows whose wall it hung on."""

    default_error_messages = {
        "naive": _("Give the time with its offset, as in 2026-03-02T19:00:00+00:00."),
        "far": _("This is not a time at which anybody trained."),
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        if not 2000 <= value.year <= 2200:
            self.fail("far")
        return super().enforce_timezone(value)


class OfPatient(Strict):
    """`patient` is for who looks after somebody; patients leave it out."""

    patient = serializers.UUIDField(required=False, allow_null=True, default=None)
