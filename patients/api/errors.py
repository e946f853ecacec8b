"""One shape for everything that goes wrong: {type, errors: [{code, detail, attr}]}.

400 the body or a parameter has the wrong shape · 401 nobody is signed in · 403 a wrong role · 404 not there, or not
theirs · 409 it clashes with what is stored · 413 too big · 422 a verb refused, with the field and the value · 429.
"""

from collections.abc import Mapping

from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import ExceptionHandler
from rest_framework import serializers
from rest_framework.exceptions import APIException, ErrorDetail, PermissionDenied, ValidationError

from clinic.refusals import Refused
from patients.api.parsing import TooBig
from patients.corrections import ChangedMeanwhile
from patients.follow_up import AlreadyTaken, NotAllowed, NotOpen
from patients.proposals import AlreadyDecided
from patients.safety import Safety
from patients.sessions import Clash


class Refusal(ValidationError):
    """A verb's refusal that names fields."""

    status_code = 422


class PlainRefusal(APIException):
    """A verb's refusal that is about the whole request."""

    status_code = 422
    default_code = "refused"


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class NotReady(PermissionDenied):
    """Nobody logs pain where no one can be told whom to call."""

    default_code = "not_ready"
    default_detail = _("This clinic has not said yet whom to call in an emergency. Please call the clinic.")


class Restricted(PermissionDenied):
    """Kept as it is, at the person's wish: only pain is still reported."""

    default_code = "restricted"
    default_detail = _("This record is restricted: nothing is changed in it. Pain can still be reported.")


class ErrorHandler(ExceptionHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        if isinstance(exc, Refused):
            return as_answer(exc)
        if isinstance(exc, RequestDataTooBig):
            # The check against forgery reads the body first, with Django's own limit.
            return TooBig()
        return super().convert_known_exceptions(exc)


def as_answer(refusal: Refused) -> APIException:
    """The answer a refusal becomes: the field names stay, a fault of no field keeps the sentence alone."""
    if isinstance(refusal, Clash):
        return Conflict(str(refusal), code="clash")
    if isinstance(refusal, ChangedMeanwhile):
        return Conflict(str(refusal), code="changed")
    if isinstance(refusal, AlreadyTaken | NotOpen):
        return Conflict(str(refusal), code="already_taken" if isinstance(refusal, AlreadyTaken) else "not_open")
    if isinstance(refusal, AlreadyDecided):
        return Conflict(str(refusal), code="already_decided")
    if isinstance(refusal, NotAllowed):
        return PermissionDenied(str(refusal))
    if refusal.errors:
        fields = {name or "non_field_errors": [ErrorDetail(text, "refused")] for name, text in refusal.errors.items()}
        return Refusal(fields)
    return PlainRefusal(str(refusal))


def with_safety(fault: ValidationError | Refused, safety: Safety) -> ValidationError:
    """The same refusal, with what the person must read now under the name `safety`."""
    answer = as_answer(fault) if isinstance(fault, Refused) else fault
    found = answer.detail if isinstance(answer.detail, dict) else {"non_field_errors": [answer.detail]}
    told = Refusal({"safety": [ErrorDetail(f"{safety.heading}. {safety.text}", "safety")], **found})
    told.status_code = answer.status_code
    return told


def renamed(refusal: Refused, names: Mapping[str, str]) -> Refused:
    """The same refusal with the fields as this door calls them: `names` maps the beginning of a name."""

    def rename(name: str) -> str:
        known = next((start for start in names if start and name.startswith(start)), None)
        return name if known is None else names[known] + name.removeprefix(known).replace("-", ".")

    return type(refusal)(str(refusal), {rename(name): text for name, text in refusal.errors.items()})


class ErrorItem(serializers.Serializer[object]):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="A sentence for the person who reads it.")
    attr = serializers.CharField(allow_null=True, help_text="The field at fault, as in exercises.0.pain_after.")


class ErrorBody(serializers.Serializer[object]):
    type = serializers.ChoiceField(choices=["validation_error", "client_error", "server_error"])
    errors = ErrorItem(many=True)  # type: ignore[assignment]  # a field, as the shape is named
