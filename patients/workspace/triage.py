"""One flag beside the queue: what was reported, and every step until it is closed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from clinic import audit
from clinic.access import can_treat
from clinic.forms import VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients import follow_up, plan
from patients.day_grid import day_grid, last_days
from patients.messages import send_message
from patients.models import ExerciseLog, FlagEvent, PainFlag, Program
from patients.swaps import substitutes
from patients.workspace.forms import MessageForm
from patients.workspace.queue import Queue
from patients.workspace.triage_forms import (
    CHANNEL_WORDS,
    OUTCOME_WORDS,
    ContactAttemptForm,
    ResolveForm,
    SnoozeForm,
)

PREVIOUS = 5


class FlagPage(Queue):
    """One flag beside the queue. The only place where a flag is fetched; it is a look at the patient, and noted."""

    @cached_property
    def flag(self) -> PainFlag:
        mine = PainFlag.objects.visible_to(self.request.user).of(self.request.clinic)
        found: PainFlag = get_object_or_404(
            mine.select_related(
                "patient__identity",
                "patient__clinic",
                "patient__owner",
                "owner",
                "resolved_by",
                "item__ladder_version",
                "item__level",
            ),
            pk=self.kwargs["pk"],
        )
        audit.note(
            "read",
            found.patient,
            clinic=found.clinic_id,
            actor=self.request.user,
            now=self.request.now,
            patient_id=found.patient_id,
        )
        return found

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page()

    def page(self, **bound: VerbForm) -> HttpResponse:
        """The whole page, or only the pane where htmx asks for it."""
        pane = self.pane(bound)
        if self.request.htmx and self.request.htmx.target == "pane":  # type: ignore[attr-defined]
            return self.draw("workspace/triage_pane.html", **pane)
        return self.draw("workspace/triage.html", **(self.queue() | pane))

    def pane(self, bound: dict[str, VerbForm]) -> dict[str, Any]:
        flag = self.flag
        may_close = follow_up.may_close(self.request.membership, flag)
        detail = follow_up.may_read(self.request.membership, flag)
        return {
            "flag": flag,
            "patient": flag.patient,
            "detail": detail,
            "is_open": flag.state != PainFlag.State.RESOLVED,
            "may_close": may_close,
            "why_not": "" if may_close else why_not(flag),
            "events": self.events(),
            "previous": self.previous(),
            "contact_form": bound.get("contact") or ContactAttemptForm(auto_id="id_contact_%s"),
            "resolve_form": bound.get("resolve") or self.resolve_form(),
            "snooze_form": bound.get("snooze") or SnoozeForm(auto_id="id_snooze_%s"),
            "message_form": bound.get("message") or MessageForm(auto_id="id_message_%s"),
            "bound": next(iter(bound), ""),
            **(self.clinical() if self.treats else {}),
        }

    def resolve_form(self, data: Any = None) -> ResolveForm:
        item = self.flag.item if self.flag.state != PainFlag.State.RESOLVED else None
        ladders = substitutes(item) if item and item.ended_on is None else []
        return ResolveForm(data, ladders=ladders, auto_id="id_resolve_%s")

    def clinical(self) -> dict[str, Any]:
        """The last 14 days and the program: what somebody needs to know before picking up the phone."""
        user, patient = self.request.user, self.flag.patient
        mine = Program.objects.visible_to(user).filter(patient=patient).active()
        program = mine.select_related("phase", "version", "episode").first()
        days = last_days(local_date(self.request.now, patient.zone))
        if program is not None:
            program.patient = patient
        today = plan.today(program, now=self.request.now) if program else None
        logs = (
            ExerciseLog.objects.visible_to(user)
            .current()
            .filter(session__patient=patient, session__local_date__gte=days[0])
        )
        found = logs.select_related("session", "level", "item__level", "item__ladder_version", "item__episode")
        items = [row.item for row in today.items] if today else []
        return {
            "program": program,
            "today": today,
            "days": days,
            "grid": day_grid(found.order_by("session__performed_at"), items, days=days),
            "holds": follow_up.holds_of(self.flag),
        }

    def events(self) -> Sequence[FlagEvent]:
        mine = FlagEvent.objects.visible_to(self.request.user).filter(flag=self.flag)
        found = list(mine.select_related("actor").order_by("-at", "-pk"))
        for event in found:
            event.words = contact_words(event)  # type: ignore[attr-defined]
        return found

    def previous(self) -> list[PainFlag]:
        mine = PainFlag.objects.visible_to(self.request.user).of(self.request.clinic)
        before = mine.filter(patient=self.flag.patient_id).exclude(pk=self.flag.pk)
        return list(before.order_by("-opened_at")[:PREVIOUS])


class FlagDeed(FlagPage):
    """A form of the pane. On a refusal the flag comes back with what was typed."""

    name: ClassVar[str] = ""
    form_class: ClassVar[type[VerbForm]]

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        assert self.flag
        form = self.form(request.POST)
        if form.is_valid():
            try:
                self.carry_out(form)
            except Refused as refusal:
                form.show(refusal)
            else:
                return self.onwards()
        return self.page(**{self.name: form})

    def onwards(self) -> HttpResponse:
        """The flag again; the queue, where only the open flag had shown the patient to this person."""
        mine = PainFlag.objects.visible_to(self.request.user).filter(pk=self.flag.pk)
        return redirect("workspace:flag", pk=self.flag.pk) if mine.exists() else redirect("workspace:triage")

    def form(self, data: Any) -> VerbForm:
        return self.form_class(data, auto_id=f"id_{self.name}_%s")

    def carry_out(self, form: Any) -> None:
        raise NotImplementedError


class TakeFlag(FlagPage):
    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        try:
            follow_up.take(self.flag, actor=request.user, now=request.now)
        except Refused as refusal:
            messages.info(request, str(refusal))
        else:
            messages.success(request, _("It is yours."))
        return redirect("workspace:flag", pk=self.flag.pk)


class LogContact(FlagDeed):
    name, form_class = "contact", ContactAttemptForm

    def carry_out(self, form: ContactAttemptForm) -> None:
        follow_up.log_contact(self.flag, **form.cleaned_data, actor=self.request.user, now=self.request.now)
        messages.success(self.request, _("The attempt is recorded."))


class ResolveFlag(FlagDeed):
    name = "resolve"

    def form(self, data: Any) -> VerbForm:
        return self.resolve_form(data)

    def carry_out(self, form: ResolveForm) -> None:
        follow_up.resolve(
            self.flag,
            **form.cleaned_data,
            membership=self.request.membership,
            actor=self.request.user,
            now=self.request.now,
        )
        messages.success(self.request, _("Closed."))


class SnoozeFlag(FlagDeed):
    name, form_class = "snooze", SnoozeForm

    def carry_out(self, form: SnoozeForm) -> None:
        follow_up.snooze(self.flag, **form.cleaned_data, actor=self.request.user, now=self.request.now)
        messages.success(self.request, _("Put aside. Anything more severe wakes it."))


class MessagePatient(FlagDeed):
    may = can_treat
    name, form_class = "message", MessageForm

    def carry_out(self, form: MessageForm) -> None:
        send_message(
            self.flag.patient,
            form.cleaned_data["body"],
            from_clinic=True,
            actor=self.request.user,
            now=self.request.now,
        )
        messages.success(self.request, _("Sent."))


def contact_words(event: FlagEvent) -> str:
    """How and with what outcome somebody tried: "Phone, no answer"."""
    how, outcome = event.data.get("channel", ""), event.data.get("outcome", "")
    return ", ".join(str(words) for words in (CHANNEL_WORDS.get(how), OUTCOME_WORDS.get(outcome)) if words)


def why_not(flag: PainFlag) -> str:
    if flag.severity <= 2:
        return _("Only a licensed therapist may close this flag.")
    return _("Only a therapist may close this flag.")
