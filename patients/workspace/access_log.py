"""Who looked, who changed, who was turned away: for owners, from the audit."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.access import can_run_clinic
from clinic.models import AuditEntry, Membership
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients.access_log import Kind, asked_for, lines
from patients.models import Identity
from patients.workspace.page import StaffPage

A_PAGE = 50
SHOWN_DAYS = 7
MOST_PATIENTS = 50  # that a typed name may mean
DAY = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class LogForm(forms.Form):
    person = forms.ChoiceField(label=_("Person"), required=False)
    patient = forms.CharField(label=_("Patient’s name"), max_length=120, required=False)
    kind = forms.ChoiceField(label=_("What"), choices=[("", _("Anything")), *Kind.choices], required=False)
    since = forms.DateField(label=_("From"), widget=DAY)
    until = forms.DateField(label=_("Until"), widget=DAY)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", gettext("Anybody")), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("This day lies before the first one."))
        return cleaned


class AccessLog(StaffPage):
    may = can_run_clinic

    def get(self, request: ClinicRequest) -> HttpResponse:
        self.note("list_audit")
        form = LogForm(self.asked(), people=self.people())
        page = None
        if form.is_valid():
            page = Paginator(self.entries(form.cleaned_data), A_PAGE).get_page(request.GET.get("page"))
        rows = lines(list(page), reader=request.user) if page else []
        return self.draw("workspace/access_log.html", form=form, page=page, rows=rows, zone=request.clinic.zone)

    def asked(self) -> dict[str, Any]:
        """What was asked for; the last week where no days are given."""
        today = local_date(self.request.now, self.request.clinic.zone)
        usual = {"since": today - timedelta(days=SHOWN_DAYS - 1), "until": today}
        return usual | {name: value for name, value in self.request.GET.items() if value}

    def people(self) -> list[tuple[str, str]]:
        """Who works here or did."""
        mine = Membership.objects.visible_to(self.request.user).of(self.request.clinic).select_related("user")
        return [(str(one.user_id), one.user.name) for one in mine.order_by("user__name", "pk")]

    def entries(self, asked: dict[str, Any]) -> Any:
        user, clinic = self.request.user, self.request.clinic
        patients = None
        if words := asked["patient"].strip().casefold():
            known = Identity.objects.visible_to(user).of(clinic).filter(search__contains=words)
            patients = known.values_list("pk", flat=True)[:MOST_PATIENTS]
        return asked_for(
            AuditEntry.objects.visible_to(user).of(clinic),
            clinic=clinic,
            person=asked["person"] or None,
            patients=patients,
            kind=asked["kind"],
            since=asked["since"],
            until=asked["until"],
        )
