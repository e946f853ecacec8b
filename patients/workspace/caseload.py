"""The list of all patients, most urgent first, and the box that finds one of them by name."""

from urllib.parse import urlencode

from django import forms
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from clinic.requests import ClinicRequest
from patients.caseload import VIEWS, case_rows, in_view
from patients.models import Identity, Patient
from patients.models.patient import PatientQuerySet
from patients.workspace.banners import Banners
from patients.workspace.caseload_rows import rows_as_html
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
    "no-therapist": _("No therapist"),
    "no-program": _("No program"),
}


class Search(forms.Form):
    q = forms.CharField(required=False)  # refuses null bytes, which PostgreSQL cannot hold


def words_of(request: ClinicRequest) -> str:
    """What was typed. It comes in the body: a name belongs into no address and no server's log."""
    form = Search(request.POST)
    if not form.is_valid():
        raise BadRequest("no text to search for")
    return str(form.cleaned_data["q"])


class Caseload(StaffPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(view=request.GET.get("view", "all"), number=request.GET.get("page"))

    def post(self, request: ClinicRequest) -> HttpResponse:
        words, view = words_of(request), request.POST.get("view", "all")
        return self.page(words=words, view=view) if words else redirect(f"{request.path}?{urlencode({'view': view})}")

    def page(self, *, words: str = "", view: str = "all", number: str | None = None) -> HttpResponse:
        view = view if view in VIEWS else "all"
        self.note("list_patients")
        request = self.request
        banners = Banners.of(request.user, request.membership, now=request.now)
        rows = case_rows(self.patients(words), viewer=request.user, now=request.now)
        tabs = [
            {
                "name": name,
                "label": VIEW_NAMES[name],
                "count": len(in_view(rows, name, viewer=request.user)),
                "is_current": name == view,
            }
            for name in VIEWS
        ]
        page = Paginator(in_view(rows, view, viewer=request.user), A_PAGE).get_page(number)
        return self.draw(
            "workspace/caseload.html",
            tabs=tabs,
            view=view,
            words=words,
            total=len(rows),
            flagged=sum(bool(row.flags) for row in rows),
            covering=sorted({row.owner for row in rows if row.is_covered and row.owner}),
            away=request.membership if request.membership.is_away(request.now) else None,
            page=page,
            rows=rows_as_html(page.object_list, treats=self.treats),
            banners=banners,
        )

    def patients(self, words: str) -> PatientQuerySet:
        mine = Patient.objects.visible_to(self.request.user).of(self.request.clinic).active()
        return mine.filter(identity__search__contains=words.casefold()) if words else mine


class Find(StaffPage):
    """What the command box shows under itself while somebody types."""

    def post(self, request: ClinicRequest) -> HttpResponse:
        words = words_of(request)
        if words:
            self.note("find_patients")
        return self.draw("workspace/matches.html", words=words, matches=self.matches(words) if words else ())

    def matches(self, words: str) -> QuerySet[Identity]:
        mine = Identity.objects.visible_to(self.request.user).of(self.request.clinic)
        found = mine.filter(patient__closed_at=None, search__contains=words.casefold())
        return found.order_by("search")[:MATCHES]
