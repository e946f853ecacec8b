"""The patients of a clinic with what a therapist looks at first, read as values in one query."""

from typing import Any

from django.db.models import Count, FilteredRelation, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from patients.models import PainFlag, Session
from patients.models.patient import PatientQuerySet


def overview(patients: PatientQuerySet) -> QuerySet[Any, dict[str, Any]]:
    """Each patient with owner, running program, `last_log` (date), `open_flags` (count), `worst` (severity or None).

    Give patients the reader may see: what is added is about them alone.
    """
    logs = Session.objects.filter(patient=OuterRef("pk"), is_current=True)
    flags = PainFlag.objects.waiting().filter(patient=OuterRef("pk"))
    found: QuerySet[Any, dict[str, Any]] = patients.annotate(
        running=FilteredRelation("programs", condition=Q(programs__ended_on=None)),
        last_log=_one(logs, last=Max("local_date")),
        open_flags=Coalesce(_one(flags, count=Count("pk")), 0, output_field=IntegerField()),
        worst=_one(flags, worst=Min("severity")),
    ).values(
        *("pk", "created_at", "identity__name", "owner", "owner__name", "last_log", "open_flags", "worst"),
        *("running__pk", "running__started_on", "running__paused_until"),
        *("running__version__title", "running__phase__name"),
    )
    return found


def _one(rows: QuerySet[Session] | QuerySet[PainFlag], **figure: Max | Min | Count) -> Subquery:
    """One figure over the rows of a patient, as a subquery."""
    return Subquery(rows.order_by().values("patient").annotate(**figure).values(*figure))
