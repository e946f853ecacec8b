"""What all staff must see above their work: an emergency nobody has taken, and reports that wait for their verdict.

The caseload, triage and the worklist carry it; every page fetches it beside itself, and again while it stays open.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, Subquery
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

    @classmethod
    def of(cls, user: User, membership: Membership, *, now: datetime) -> "Banners":
        """One query."""
        flags = PainFlag.objects.visible_to(user).reported().filter(clinic=OuterRef("pk"))
        emergencies = flags.filter(severity=1, state=PainFlag.State.OPEN).order_by("opened_at")
        reports = PainReport.objects.visible_to(user).filter(patient__clinic=OuterRef("pk"))
        late = reports.waiting().filter(reported_at__lt=now - LATE).order_by("reported_at")
        clinic = Clinic.objects.visible_to(user).filter(pk=membership.clinic_id)
        return cls(
            *clinic.values_list(Subquery(emergencies.values("pk")[:1]), Subquery(late.values("reported_at")[:1])).get()
        )


class ShowBanners(StaffPage):
    """What is fetched beside every page: the banners, and the numbers of the rail."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        user, membership, now = request.user, request.membership, request.now
        return self.draw(
            "workspace/banners_beside.html",
            banners=Banners.of(user, membership, now=now),
            open_flags=PainFlag.objects.visible_to(user).of(request.clinic).reported().waiting().count(),
            to_decide=count_for(user, membership, now=now) if membership.therapist else 0,
        )
