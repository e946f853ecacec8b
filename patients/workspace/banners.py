"""What all staff must see above their work: an emergency nobody has taken, and reports that wait for their verdict.

The caseload and triage carry it; the other pages fetch it beside the page, and again while they stay open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Value
from django.http import HttpResponse

from clinic.models import Clinic, Membership, User
from clinic.requests import ClinicRequest
from patients.models import PainFlag, PainReport
from patients.worklist import count_for
from patients.workspace.page import StaffPage

LATE = timedelta(minutes=1)


@dataclass(frozen=True)
class Banners:
    emergency: UUID | None  # id of the oldest flag of severity 1 that nobody has taken
    waiting_since: datetime | None
    open_flags: int
    to_decide: int  # lines on this therapist's own list of proposals and reviews

    @classmethod
    def of(cls, user: User, membership: Membership, *, now: datetime) -> "Banners":
        """One query; a second for a therapist who is not licensed."""
        flags = PainFlag.objects.visible_to(user).reported().filter(clinic=OuterRef("pk"))
        emergencies = flags.filter(severity=1, state=PainFlag.State.OPEN).order_by("opened_at")
        counted = flags.waiting().order_by().values("clinic").annotate(count=Count("pk"))
        reports = PainReport.objects.visible_to(user).filter(patient__clinic=OuterRef("pk"))
        late = reports.waiting().filter(reported_at__lt=now - LATE).order_by("reported_at")
        found = (
            Clinic.objects.visible_to(user)
            .filter(pk=membership.clinic_id)
            .values_list(
                Subquery(emergencies.values("pk")[:1]),
                Subquery(late.values("reported_at")[:1]),
                Subquery(counted.values("count")),
                count_for(user, membership, now=now) if membership.therapist else Value(0),
            )
        )
        emergency, waiting_since, open_flags, to_decide = found.get()
        return cls(emergency=emergency, waiting_since=waiting_since, open_flags=open_flags or 0, to_decide=to_decide)


class ShowBanners(StaffPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        banners = Banners.of(request.user, request.membership, now=request.now)
        return self.draw("workspace/banners.html", banners=banners)
