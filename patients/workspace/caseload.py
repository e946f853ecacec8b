"""The list of all patients, most urgent first, and the box that finds one of them by name."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic.requests import ClinicRequest
from patients.caseload import VIEWS, case_rows, in_view
from patients.models import Identity, Patient
from patients.models.patient import PatientQuerySet
from patients.workspace.banners import Banners
from patients.workspace.page import StaffPage

A_PAGE = 50
MATCHES = 8
VIEW_NAMES = {
    "all": _("All"),
    "mine": _("Mine"),
    "attention": _("Needs attention"),
    "on-track": _("On track"),
    "stalled": _("Stalled"),
    "trials": _("Trials"),
    "unassigned": _("Unassigned"),
}


class Caseload(StaffPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        self.note("list_patients")
        words = request.GET.get("q", "").strip()
        view = request.GET.get("view", "all")
        banners = Banners.of(request.user, request.membership, now=request.now)
        rows = case_rows(self.patients(words), now=request.now)
        shown = in_view(rows, view, viewer=request.user)
        tabs = [
            {
                "name": name,
                "label": VIEW_NAMES[name],
                "count": len(in_view(rows, name, viewer=request.user)),
                "is_current": name == view,
            }
            for name in VIEWS
        ]
        return self.draw(
            "workspace/caseload.html",
            tabs=tabs,
            view=view,
            words=words,
            total=len(rows),
            flagged=sum(bool(row.flags) for row in rows),
            page=Paginator(shown, A_PAGE).get_page(request.GET.get("page")),
            banners=banners,
            open_flags=banners.open_flags,
            to_decide=banners.to_decide,
        )

    def patients(self, words: str) -> PatientQuerySet:
        mine = Patient.objects.visible_to(self.request.user).of(self.request.clinic).active()
        return mine.filter(identity__search__contains=words.casefold()) if words else mine


class Find(StaffPage):
    """What the command box shows under itself while somebody types."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()
        if words:
            self.note("find_patients")
        return self.draw("workspace/matches.html", words=words, matches=self.matches(words) if words else ())

    def matches(self, words: str) -> QuerySet[Identity]:
        mine = Identity.objects.visible_to(self.request.user).of(self.request.clinic)
        found = mine.filter(patient__closed_at=None, search__contains=words.casefold())
        return found.order_by("search")[:MATCHES]
