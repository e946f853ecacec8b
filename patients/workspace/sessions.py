"""The sessions of one patient as they were told: every version of each, put right or taken back with a reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from clinic.access import can_treat
from clinic.requests import ClinicRequest
from clinic.zones import instant, zone
from patients.corrections import correct, take_back
from patients.models import Session
from patients.plan import rows_logged
from patients.session_form import typed_before
from patients.workspace.forms import ReasonForm
from patients.workspace.log_forms import CorrectionForm
from patients.workspace.on_behalf import BehalfPage
from patients.workspace.page import FormPage, PatientPage

A_PAGE = 20


@dataclass(frozen=True)
class Told:
    """A session with the versions it replaced, the latest first."""

    session: Session
    before: tuple[Session, ...]


class Sessions(PatientPage):
    may = can_treat
    only_reads = True

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        mine = Session.objects.visible_to(request.user).filter(patient=self.patient)
        mine = mine.select_related("logged_by", "taken_back_by").prefetch_related("exercises__level")
        latest = mine.filter(corrections=None).order_by("-performed_at", "-pk")
        page = Paginator(latest, A_PAGE).get_page(request.GET.get("page"))
        replaced = mine.filter(corrections__isnull=False)
        return self.draw("workspace/sessions.html", page=page, told=list(told(page, replaced)))


def told(latest: Iterable[Session], replaced: Iterable[Session]) -> Iterable[Told]:
    by_id = {one.pk: one for one in replaced}
    for session in latest:
        chain, older = [], session.corrects_id
        while older in by_id:
            chain.append(by_id[older])
            older = by_id[older].corrects_id
        yield Told(session, tuple(chain))


class SessionPart(PatientPage):
    @cached_property
    def session(self) -> Session:
        mine = Session.objects.visible_to(self.request.user).filter(patient=self.patient)
        found: Session = get_object_or_404(mine.select_related("program"), pk=self.kwargs["session"])
        found.patient = found.program.patient = self.patient
        return found

    def back(self) -> str:
        return reverse("workspace:sessions", args=[self.patient.pk])


class CorrectSession(SessionPart, BehalfPage):
    may = can_treat
    template = "workspace/log.html"
    done = gettext_lazy("Corrected. The days since are judged again.")

    def form(self, data: Any = None) -> CorrectionForm:
        rows = rows_logged(self.session)
        wall = timezone.localtime(self.session.performed_at, zone(self.session.zone))
        said = typed_before(self.session, rows) | {"performed_at": wall.replace(tzinfo=None)}
        return CorrectionForm(data, rows=rows, initial=said)

    def carry_out(self, form: CorrectionForm) -> None:
        given = form.cleaned_data
        made = correct(
            self.session,
            client_id=given["client_id"],
            entries=form.entries(),
            performed_at=self.performed_at(given["performed_at"]),
            effort=given["effort"],
            note=given["note"],
            red_flags=given["red_flags"],
            neuro=given["neuro"],
            reason=given["reason"],
            by_staff=True,
            actor=self.request.user,
            now=self.request.now,
        )
        self.read_out(made.safety)

    def performed_at(self, typed: datetime | None) -> datetime | None:
        """The form's time is a wall time in the patient's zone; one that was not touched stays to the second."""
        if typed is None:
            return None
        wall = timezone.localtime(typed)
        given = instant(wall.date(), wall.time(), self.session.zone)
        return None if given == self.session.performed_at.replace(second=0, microsecond=0) else given

    def page(self, form: Any) -> HttpResponse:
        return self.draw(self.template, form=form, back=self.back(), corrects=self.session)


class TakeBackSession(SessionPart, FormPage):
    title = gettext_lazy("Take a session back")
    lead = gettext_lazy("It stays on record and counts no more. Flags and holds that came from it stay.")
    button = gettext_lazy("Take back")
    done = gettext_lazy("Taken back. The days since are judged again.")

    def form(self, data: Any = None) -> ReasonForm:
        assert self.session
        return ReasonForm(data)

    def carry_out(self, form: ReasonForm) -> None:
        reason = form.cleaned_data["reason"]
        take_back(self.session, reason=reason, by_staff=True, actor=self.request.user, now=self.request.now)
