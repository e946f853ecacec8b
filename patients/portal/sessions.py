"""Logging a session, and what the rules made of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, time
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from uuid6 import uuid7

from clinic.forms import DAY
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zones import instant
from patients.corrections import OWN_WINDOW, may_change
from patients.models import Patient, Program, ProgramItem, Session
from patients.plan import TodayItem, rows_to_log, today, unlock_words
from patients.portal.page import PortalPage
from patients.portal.pain import send_warning_signs
from patients.program_items import locked_items_of
from patients.session_form import SKIPPED, SessionForm
from patients.sessions import Clash, Entry, log_session, result_of
from programs.dose import from_json
from programs.models.exercise import Region

LATER = "later"  # only this form's word: the exercise is not part of this session
NOON = time(12, 0)


class QuickLog(SessionForm):
    """The session as a patient types it: numbers filled in as planned, pain before asked once for each area."""

    on = forms.DateField(label=gettext_lazy("Day"), required=False, widget=DAY)
    at = forms.TimeField(
        label=gettext_lazy("Time, as well as you remember"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )

    def __init__(self, data: Any = None, *, rows: Sequence[TodayItem], **kwargs: Any) -> None:
        super().__init__(data, rows=rows, **kwargs)
        self.clashes = False  # with a session stored under the same id
        self.not_planned: set[UUID] = set()  # today, or any more today: done only if the patient says how it felt
        for row in rows:
            key = row.item.pk
            del self.fields[f"{key}-pain_before"]
            self.fields[f"before-{row.item.region}"] = forms.IntegerField(
                label=_("Pain before you began: %(area)s") % {"area": str(Region(row.item.region).label).lower()},
                required=False,
            )
            done, *reasons = SKIPPED.items()
            if not row.is_due or row.is_done:
                self.not_planned.add(key)
            self.fields[f"{key}-skipped"] = forms.ChoiceField(
                label=_("Did you do it?"),
                choices=[done, (LATER, _("Not in this session")), *reasons],
                required=False,
                initial=LATER if key in self.not_planned else "",
            )
            for name, field in self.fields.items():
                if name.startswith(f"{key}-") and "data-planned" in field.widget.attrs:
                    field.initial = field.widget.attrs["data-planned"]

    def clean(self) -> dict[str, Any]:
        """An exercise left out because it hurts is a pain report: it needs the number it is judged by."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for row in self.rows:
            key = row.item.pk
            if cleaned.get(f"{key}-skipped") == "hurts" and cleaned.get(f"{key}-pain_during") is None:
                self.add_error(f"{key}-pain_during", _("Say how much it hurt, from 0 to 10."))
        return cleaned

    def blocks(self) -> Iterator[dict[str, Any]]:
        """As the shared form gives them, with what stands open: `asked` the exercise, `says_more` its folded part."""
        for block in super().blocks():
            faults = any(field.errors for field in block["field"].values()) or block["errors"]
            asked = bool(faults) or block["field"]["skipped"].value() != LATER
            told = (block["field"][name].value() for name in ("cramp", "words", "strength_loss", "short_range", "note"))
            form = block["field"]["form"].value()
            yield block | {"asked": asked, "says_more": any(told) or form not in ("", "ok", None)}

    def before(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("before-")]

    def performed_at(self, *, zone: str, now: datetime) -> datetime | None:
        """When it was, if the patient said so: a day without a time is taken as its noon, or as now if it is today."""
        day, at = self.cleaned_data["on"], self.cleaned_data["at"]
        today_here = timezone.localtime(now).date()
        if day is None and at is None:
            return None
        if day in (None, today_here) and at is None:
            return None
        return instant(day or today_here, at or NOON, zone)

    def show(self, refusal: Refused) -> None:
        """The verb names pain before by exercise and the time by its own name: both stand elsewhere on this form."""
        moved = {}
        for name, text in refusal.errors.items():
            owner = next((row for row in self.rows if name == f"{row.item.pk}-pain_before"), None)
            moved[f"before-{owner.item.region}" if owner else "on" if name == "performed_at" else name] = text
        super().show(Refused(str(refusal), moved))
        for name in refusal.errors:
            key, found, side = name.partition("-sets")
            for cell, field in self.fields.items():
                if found and cell.startswith(f"{key}{side}-") and "data-planned" in field.widget.attrs:
                    field.widget.attrs |= {"aria-invalid": "true", "aria-describedby": f"id_{key}-sets"}

    def faults(self) -> list[tuple[str, str, str]]:
        """For the summary: where it is, what it is called with its exercise, and what is wrong."""
        found = []
        names = {str(row.item.pk): capfirst(row.name) for row in self.rows}
        for name, texts in self.refused.items():
            key = name.removesuffix("-sets")
            found.append((f"id_{name}", names.get(key, ""), " ".join(texts)))
        for name, errors in self.errors.items():
            owner = next((title for key, title in names.items() if name.startswith(key)), "")
            if name in self.fields:
                label = str(self.fields[name].label)
                # A cell's own label names its exercise already.
                title = f"{owner}: {label}" if owner and not label.startswith(owner) else label
                found.append((f"id_{name}", title, str(errors[0])))
        general = [str(text) for text in self.non_field_errors() if not self._is_of_a_set(str(text))]
        return found + [("", "", text) for text in general]

    def _is_of_a_set(self, text: str) -> bool:
        return any(text.endswith(told) for texts in self.refused.values() for told in texts)

    def _given(self, row: TodayItem) -> dict[str, Any]:
        given = super()._given(row) | {"pain_before": self.cleaned_data.get(f"before-{row.item.region}")}
        scored = given["pain_during"] is not None or given["pain_after"] is not None
        if given["skipped"] == LATER and scored and row.item.pk in self.not_planned:
            given["skipped"] = ""
        return given

    def _entry(self, row: TodayItem, *, as_planned: bool) -> Entry | None:
        if self._given(row)["skipped"] == LATER:
            return None
        return super()._entry(row, as_planned=as_planned)


class LogSession(PortalPage):
    """The quick log: a plain form that keeps everything typed until the verb takes it."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return redirect("portal:today")
        key = id_of(request.GET.get("id", ""))
        if key and Session.objects.visible_to(request.user).filter(patient=self.patient, pk=key).exists():
            return redirect("portal:session_result", pk=key)  # the way back in the browser leads here
        plan = today(self.program, now=request.now)
        rows = due_first(row for row in plan.items if not row.why_held)
        if not plan.may_log or not rows:
            return redirect("portal:today")
        rows = only_asked(rows, request.GET.get("only", ""))
        if "earlier" in request.GET and not any(row.is_due and not row.is_done for row in rows):
            rows = [replace(row, is_due=True, bouts_done=0) for row in rows]  # it is about a day that is over
        return self.page(QuickLog(rows=rows, initial={"client_id": key or uuid7()}))

    def post(self, request: ClinicRequest) -> HttpResponse:
        with transaction.atomic():  # nobody moves an exercise between the form and the verb
            items = locked_items_of(self.patient)
            sent = rows_to_log(items, self.patient.zone, now=request.now)
            if not sent:
                return redirect("portal:today")
            program = items[0].program
            program.patient = self.patient  # known already: the verb asks for its zone and clinic
            rows = due_first(row for row in sent if f"{row.item.pk}-skipped" in request.POST)
            form = QuickLog(request.POST, rows=rows)
            self.log(program, form, items)
        answer = self.answer(form)
        if answer.status_code == HTTPStatus.FOUND:
            return answer
        then = as_logged(rows, self.patient, request)
        if then is None:
            return answer
        form = QuickLog(request.POST, rows=then)
        self.log(program, form)
        return self.answer(form)

    def log(self, program: Program, form: QuickLog, items: list[ProgramItem] | None = None) -> None:
        """Save what the form says, or put on the form why not."""
        if not form.is_valid():
            return
        request, given = self.request, form.cleaned_data
        try:
            log_session(
                program,
                client_id=given["client_id"],
                entries=form.entries(),
                performed_at=form.performed_at(zone=self.patient.zone, now=request.now),
                effort=given["effort"],
                note=given["note"],
                red_flags=given["red_flags"],
                neuro=given["neuro"],
                items=items,
                actor=request.user,
                now=request.now,
            )
        except Refused as refusal:
            form.show(refusal)
            form.clashes = isinstance(refusal, Clash)

    def answer(self, form: QuickLog) -> HttpResponse:
        if form.errors:
            return self.page(form)
        return redirect("portal:session_result", pk=form.cleaned_data["client_id"])

    def page(self, form: QuickLog) -> HttpResponse:
        safety = None
        clash = form.cleaned_data["client_id"] if form.clashes else None
        if form.errors and clash is None:
            safety = send_warning_signs(self.patient, form, actor=self.request.user, now=self.request.now)
        asks_when = bool(form["on"].value() or form["at"].value() or "earlier" in self.request.GET)
        return self.draw(
            "portal/session.html",
            form=form,
            blocks=list(form.blocks()),
            clash=clash,
            safety=safety,
            asks_when=asks_when,
        )


class SessionResult(PortalPage):
    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        session = session_of(self.patient, request, pk)
        logged = result_of(session)
        counts = session.is_current
        results = [(one, unlock_words(one.item)) for one in logged.results] if counts else []
        skipped = [log for log in session.exercises.all() if log.skipped]
        return self.draw(
            "portal/session_result.html",
            session=session,
            logged=logged,
            results=results,
            skipped=skipped,
            words=SKIPPED,
            newer=session.corrections.values_list("pk", flat=True).first(),
            may_change=may_change(session, by_staff=False, now=request.now),
            until=session.saved_at + OWN_WINDOW,
        )


def id_of(text: str) -> UUID | None:
    """The id a form was given, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def due_first(rows: Iterable[TodayItem]) -> list[TodayItem]:
    """What is asked for now, and below it what is not: in the same order when the form comes back with a fault."""
    return sorted(rows, key=lambda row: not row.is_due or row.is_done)


def only_asked(rows: list[TodayItem], key: str) -> list[TodayItem]:
    """The one exercise a link on Today was about, asked for as done; else all of them."""
    mine = [row for row in rows if str(row.item.pk) == key]
    return [replace(mine[0], is_due=True, bouts_done=0)] if mine else rows


def as_logged(rows: Sequence[TodayItem], patient: Patient, request: ClinicRequest) -> list[TodayItem] | None:
    """`rows` with level and dose as a session stored under the same id found them, so that a repeat reads alike.

    None where no such session is stored. A hold or a lighter dose may have come since it was.
    """
    key = id_of(request.POST.get("client_id", ""))
    if key is None:
        return None
    known = Session.objects.visible_to(request.user).filter(patient=patient, pk=key)
    logs = {
        log.item_id: log for session in known.prefetch_related("exercises__level") for log in session.exercises.all()
    }
    return [_then(row, logs[row.item.pk]) if row.item.pk in logs else row for row in rows] if logs else None


def _then(row: TodayItem, log: Any) -> TodayItem:
    row.item.level = log.level
    return replace(row, dose=from_json(log.prescribed), sides=row.item.sides_asked(log.level.content["sides"]))


def session_of(patient: Patient, request: ClinicRequest, pk: UUID) -> Session:
    mine = Session.objects.visible_to(request.user).filter(patient=patient)
    found = get_object_or_404(mine.select_related("program").prefetch_related("exercises__item__level"), pk=pk)
    found.patient = found.program.patient = patient
    return found
