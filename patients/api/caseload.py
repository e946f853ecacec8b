"""GET caseload/: the patients of the clinic, with program, last log and open flags."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from clinic import audit
from patients.api.access import CLINIC_HEADER, ApiRequest, OpensPatients, clinic_of
from patients.api.base import ListView
from patients.api.fields import Strict
from patients.models import Patient
from patients.models.assignment import by_hand
from patients.overview import overview


class CaseloadQuestion(Strict):
    mine = serializers.BooleanField(default=False, help_text="Only patients I am responsible for.")


class CaseloadOwner(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()


class CaseloadProgram(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    phase = serializers.CharField()
    started_on = serializers.DateField()
    paused_until = serializers.DateField(allow_null=True)


class CaseloadRow(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    owner = CaseloadOwner(allow_null=True)
    program = CaseloadProgram(allow_null=True)
    last_log = serializers.DateField(allow_null=True)
    open_flags = serializers.IntegerField()
    worst_severity = serializers.IntegerField(allow_null=True)


def program_in(found: Mapping[str, Any]) -> dict[str, Any] | None:
    if not found["running__pk"]:
        return None
    return {
        "id": found["running__pk"],
        "title": found["running__version__title"] or by_hand(),
        "phase": found["running__phase__name"] or "",
        "started_on": found["running__started_on"],
        "paused_until": found["running__paused_until"],
    }


class Caseload(ListView):
    permission_classes = [OpensPatients]
    # Not by name: the cursor stands in the address, and an address holds nothing personal.
    ordering = ("-created_at", "-pk")

    @extend_schema(
        operation_id="caseload_list", parameters=[CaseloadQuestion, CLINIC_HEADER], responses=CaseloadRow(many=True)
    )
    def get(self, request: ApiRequest) -> Response:
        """The patients in care, the newest first."""
        asked = self.asked(CaseloadQuestion)
        clinic = clinic_of(request)
        audit.note("list_patients", clinic, clinic=clinic, actor=request.user, now=request.now)
        patients = Patient.objects.visible_to(request.user).of(clinic).active()
        return self.page(overview(patients.filter(owner=request.user) if asked["mine"] else patients), CaseloadRow)

    def row(self, found: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "id": found["pk"],
            "name": found["identity__name"],
            "owner": {"id": found["owner"], "name": found["owner__name"]} if found["owner"] else None,
            "program": program_in(found),
            "last_log": found["last_log"],
            "open_flags": found["open_flags"],
            "worst_severity": found["worst"],
        }
