"""The product's own map, and floors behind the same middleware: a view that does nothing, and rows as read."""

import json
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.access import can_open_patients, can_triage
from clinic.requests import ClinicRequest
from clinic.urls import urlpatterns as product
from patients.models import PainFlag, Patient
from patients.overview import overview


def empty(request: HttpRequest) -> HttpResponse:
    """Reads who is signed in, as every page does, and nothing else."""
    assert request.user.is_authenticated
    return HttpResponse("ok")


def caseload(request: ClinicRequest) -> HttpResponse:
    assert can_open_patients(request.membership)
    mine = Patient.objects.visible_to(request.user).of(request.clinic).active()
    return written(overview(mine).order_by("-created_at", "-pk")[:26])


def flags(request: ClinicRequest) -> HttpResponse:
    assert can_triage(request.membership)
    mine = PainFlag.objects.visible_to(request.user).of(request.clinic).waiting()
    names = ("patient__identity__name", "patient__identity__phone", "owner__name", "item__level__name")
    columns = [field.attname for field in PainFlag._meta.concrete_fields]
    return written(mine.most_urgent_first().values(*columns, *names)[:26])


def written(rows: QuerySet[Any, dict[str, Any]]) -> HttpResponse:
    return HttpResponse(json.dumps(list(rows), default=str), content_type="application/json")


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/caseload/", caseload),
    path("bench/flags/", flags),
    *product,
]
