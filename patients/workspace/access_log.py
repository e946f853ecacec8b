"""Who looked, who changed, who was turned away: for owners, from the audit."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.access import can_run_clinic
from clinic.forms import DAY
from clinic.models import AuditEntry, Membership
from clinic.plain_errors import PlainErrors
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients.access_log import Kind, asked_for, lines
from patients.models import Identity
from patients.workspace.page import StaffPage

A_PAGE = 50
SHOWN_DAYS = 7
MOST_NAMES = 20  # offered when what was typed fits several


class LogForm(PlainErrors, forms.Form):
    person = forms.ChoiceField(label=_("Person"), required=False)
    name = forms.CharField(label=_("Patient’s name"), max_length=120, required=False)
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
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
    """Asked by POST, since a name belongs into no address; answered at an address that holds ids and days."""

    may = can_run_clinic

    def get(self, request: ClinicRequest) -> HttpResponse:
        self.note("list_audit")
        form = LogForm(self.asked(request.GET), people=self.people())
        if not form.is_valid():
            return self.page(form)
        entries = self.entries(form.cleaned_data)
        page = Paginator(entries, A_PAGE).get_page(request.GET.get("page"))
        patient = form.cleaned_data["patient"]
        about = self.identities().filter(pk=patient).first() if patient else None
        return self.page(form, page=page, rows=lines(list(page), reader=request.user), about=about)

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = LogForm(self.asked(request.POST), people=self.people())
        if not form.is_valid():
            return self.page(form)
        if not (words := form.cleaned_data["name"].strip().casefold()):
            return redirect(self.answer_to(form))
        found = list(self.identities().filter(search__contains=words).order_by("search")[:MOST_NAMES])
        if len(found) == 1:
            return redirect(self.answer_to(form, patient=found[0].pk))
        if not found:
            form.add_error("name", gettext("No patient of this clinic has these letters in their name."))
        return self.page(form, choices=[(one.name, self.answer_to(form, patient=one.pk)) for one in found])

    def page(self, form: LogForm, **found: Any) -> HttpResponse:
        return self.draw("workspace/access_log.html", form=form, zone=self.request.clinic.zone, **found)

    def asked(self, typed: QueryDict) -> dict[str, Any]:
        """What was asked for; the last week where no days are given."""
        today = local_date(self.request.now, self.request.clinic.zone)
        usual = {"since": today - timedelta(days=SHOWN_DAYS - 1), "until": today}
        return usual | {name: value for name, value in typed.items() if value}

    def answer_to(self, form: LogForm, **more: UUID) -> str:
        kept = {name: value for name, value in form.cleaned_data.items() if value and name != "name"}
        return f"{self.request.path}?{urlencode(kept | more)}"

    def people(self) -> list[tuple[str, str]]:
        """Who works here or did."""
        mine = Membership.objects.visible_to(self.request.user).of(self.request.clinic).select_related("user")
        return [(str(one.user_id), one.user.name) for one in mine.order_by("user__name", "pk")]

    def identities(self) -> QuerySet[Identity]:
        return Identity.objects.visible_to(self.request.user).of(self.request.clinic)

    def entries(self, asked: dict[str, Any]) -> Any:
        return asked_for(
            AuditEntry.objects.visible_to(self.request.user).of(self.request.clinic),
            clinic=self.request.clinic,
            person=asked["person"] or None,
            patient=asked["patient"],
            kind=asked["kind"],
            since=asked["since"],
            until=asked["until"],
        )
