"""A session put right or taken back by the patient, in the day after it was saved."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.corrections import OWN_WINDOW, correct, may_change, take_back
from patients.models import Session
from patients.plan import rows_logged
from patients.portal.page import PortalPage
from patients.portal.pain import send_warning_signs
from patients.portal.sessions import QuickLog, session_of
from patients.session_form import typed_before


class Correction(QuickLog):
    """The quick log as it was saved. A time that was not touched stays to the second."""

    def __init__(self, data: Any = None, *, session: Session, **kwargs: Any) -> None:
        rows = rows_logged(session)
        wall = timezone.localtime(session.performed_at)
        said = typed_before(session, rows) | {"on": wall.date(), "at": wall.time()}
        super().__init__(data, rows=rows, **({"initial": said} | kwargs))
        self.before_it = wall.replace(second=0, microsecond=0)

    def performed_at(self, *, zone: str, now: datetime) -> datetime | None:
        given = super().performed_at(zone=zone, now=now)
        return None if given is None or given == self.before_it else given


class OwnChange(PortalPage):
    """Leads to the session itself once it cannot be changed here any more: there it says why."""

    session: Session

    def answer(self) -> HttpResponse:
        raise NotImplementedError

    def open(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        self.session = session_of(self.patient, request, pk)
        if not may_change(self.session, by_staff=False, now=request.now):
            return redirect("portal:session_result", pk=pk)
        return self.answer()

    get = post = open


class CorrectSession(OwnChange):
    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.page(Correction(session=self.session))
        form = Correction(self.request.POST, session=self.session)
        return self.save(form) if form.is_valid() else self.page(form)

    def save(self, form: Correction) -> HttpResponse:
        given, now = form.cleaned_data, self.request.now
        try:
            made = correct(
                self.session,
                client_id=given["client_id"],
                entries=form.entries(),
                performed_at=form.performed_at(zone=self.patient.zone, now=now),
                effort=given["effort"],
                note=given["note"],
                red_flags=given["red_flags"],
                neuro=given["neuro"],
                actor=self.request.user,
                now=now,
            )
        except Refused as refusal:
            form.show(refusal)
            return self.page(form)
        return redirect("portal:session_result", pk=made.session.pk)

    def page(self, form: Correction) -> HttpResponse:
        safety = None
        if form.errors:
            safety = send_warning_signs(self.patient, form, actor=self.request.user, now=self.request.now)
        return self.draw(
            "portal/session.html",
            form=form,
            blocks=list(form.blocks()),
            safety=safety,
            asks_when=True,
            corrects=self.session,
            until=self.session.saved_at + OWN_WINDOW,
        )


class TakeBackSession(OwnChange):
    def answer(self) -> HttpResponse:
        if self.request.method != "POST":
            return self.draw("portal/session_take_back.html", session=self.session)
        try:
            take_back(self.session, actor=self.request.user, now=self.request.now)
        except Refused as refusal:
            messages.error(self.request, str(refusal))
        else:
            messages.success(self.request, _("Taken back. It does not count any more."))
        return redirect("portal:session_result", pk=self.session.pk)
