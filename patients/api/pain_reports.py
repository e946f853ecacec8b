"""POST pain-reports/: pain now, with or without an exercise. What must stop is in the answer."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from patients.api import shapes
from patients.api.access import ApiRequest, FollowsAPatient, patient_of
from patients.api.base import ApiView, checked
from patients.api.errors import ErrorBody
from patients.api.fields import OfPatient, note, some_of, warning_signs, whole
from patients.models import ProgramItem
from patients.reports import report_pain
from patients.sessions import NEURO, WORDS
from programs.models.exercise import Region
from programs.rules import RED_FLAGS


class NewReport(OfPatient):
    item = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="As in GET today/.")
    region = serializers.ChoiceField(choices=Region.choices, allow_blank=True, default="")
    pain = whole(0, 10)
    words = some_of(WORDS)
    strength_loss = serializers.BooleanField(default=False)
    red_flags = some_of(RED_FLAGS)
    neuro = some_of(NEURO)
    note = note()


class ReportResult(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="report.pk", default=None, allow_null=True)
    outcome = serializers.CharField()
    reason = serializers.CharField()
    holds = shapes.Hold(many=True)
    safety = shapes.Safety(allow_null=True)
    urgent_words = serializers.ListField(
        child=serializers.CharField(), help_text="Not empty: ask at once whether it is an emergency."
    )
    still_read = serializers.BooleanField(help_text="False: care has ended and nobody reads this any more.")


class PainReports(ApiView):
    permission_classes = [FollowsAPatient]

    @extend_schema(operation_id="pain_reports_send", request=NewReport, responses={201: ReportResult, 422: ErrorBody})
    def post(self, request: ApiRequest) -> Response:
        """Report pain now. A warning sign is never refused for something else being wrong in the body."""
        given = read(request.data)
        patient = patient_of(request, given.pop("patient"), even_restricted=True)
        mine = ProgramItem.objects.visible_to(request.user).current().filter(program__patient=patient)
        named, given["item"] = given["item"], mine.select_related("episode").filter(pk=given["item"]).first()
        if named and given["item"] is None and not given["red_flags"]:
            raise NotFound
        reported = report_pain(patient, **given, actor=request.user, now=request.now)
        return self.answer(ReportResult, reported, status.HTTP_201_CREATED)


def read(body: Any) -> dict[str, Any]:
    """The report, checked. If it names a warning sign, what is wrong with the rest is left out instead."""
    reader = NewReport(data=body)
    if reader.is_valid() or not isinstance(body, dict):
        return checked(reader)
    signs = warning_signs(body)
    if not signs or "patient" in reader.errors:
        return checked(reader)
    right = {name: value for name, value in body.items() if name not in reader.errors}
    return checked(NewReport(data={"pain": 0, **right, "red_flags": signs}))
