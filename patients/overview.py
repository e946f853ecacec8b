"""The patients of a clinic with what a therapist looks at first, read in two queries however many there are."""

from django.db.models import Count, IntegerField, Max, Min, OuterRef, Prefetch, QuerySet, Subquery
from django.db.models.functions import Coalesce

from patients.models import PainFlag, Program, Session
from patients.models.patient import PatientQuerySet


def with_overview(patients: PatientQuerySet) -> PatientQuerySet:
    """Adds `last_log` (date), `open_flags` (count), `worst` (severity or None) and `running` (list of one program).

    Give patients the reader may see: what is added is about them alone.
    """
    logs = Session.objects.filter(patient=OuterRef("pk"), is_current=True)
    flags = PainFlag.objects.waiting().filter(patient=OuterRef("pk"))
    running = Program.objects.active().select_related("version", "phase")
    found = patients.select_related("identity", "owner").annotate(
        last_log=_one(logs, last=Max("local_date")),
        open_flags=Coalesce(_one(flags, count=Count("pk")), 0, output_field=IntegerField()),
        worst=_one(flags, worst=Min("severity")),
    )
    return found.prefetch_related(Prefetch("programs", running, to_attr="running"))


def _one(rows: QuerySet[Session] | QuerySet[PainFlag], **figure: Max | Min | Count) -> Subquery:
    """One figure over the rows of a patient, as a subquery."""
    return Subquery(rows.order_by().values("patient").annotate(**figure).values(*figure))
