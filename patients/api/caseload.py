"""GET caseload/: the patients of the clinic, with program, last log and open flags."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from clinic import audit
from patients.api.access import CLINIC_HEADER, ApiRequest, OpensPatients, clinic_of
from patients.api.base import ListView
from patients.api.fields import Strict
from patients.models import Patient
from patients.overview import with_overview


class CaseloadQuestion(Strict):
    mine = serializers.BooleanField(default=False, help_text="Only patients I am responsible for.")


class CaseloadOwner(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField()


class CaseloadProgram(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    title = serializers.CharField()
    phase = serializers.CharField(source="phase.name", default="")
    started_on = serializers.DateField()
    paused_until = serializers.DateField(allow_null=True)


class CaseloadRow(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="pk")
    name = serializers.CharField(source="identity.name")
    owner = CaseloadOwner(allow_null=True)
    program = serializers.SerializerMethodField()
    last_log = serializers.DateField(allow_null=True)
    open_flags = serializers.IntegerField()
    worst_severity = serializers.IntegerField(source="worst", allow_null=True)

    @extend_schema_field(CaseloadProgram(allow_null=True))
    def get_program(self, patient: Patient) -> dict[str, Any] | None:
        running = patient.running  # type: ignore[attr-defined]
        return CaseloadProgram(running[0]).data if running else None


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
        return self.page(with_overview(patients.filter(owner=request.user) if asked["mine"] else patients), CaseloadRow)
