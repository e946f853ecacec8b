"""The program builder: exercises for one patient, from the library and from several programs, assigned in one act."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.access import can_treat
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import adjustments, builder, draft_checks, drafts, exercise_search
from patients.draft_checks import Plan
from patients.exercise_search import Wanted
from patients.models import Episode, ProgramDraft
from patients.workspace.exercise_forms import DOSE_LABELS
from patients.workspace.exercises import ItemPart
from patients.workspace.forms import ReasonForm
from patients.workspace.page import FormPage, PatientPage
from programs.models import LadderVersion, ProgramVersion

BOXES = DOSE_LABELS | {drafts.KILOGRAMS: gettext_lazy("Weight in kg")}
MOST_LETTERS = 200  # of a search: it goes into the address
FILTERS = ("q", "kind", "region", "equipment")
KEPT = (*FILTERS, "for")  # what the address carries on: nothing about the patient


class Builder(PatientPage):
    """One form holds everything, so that no button loses what was typed: each keeps it first, then does its own."""

    may = can_treat

    @cached_property
    def draft(self) -> ProgramDraft:
        return drafts.draft_of(self.patient, self.request.user, now=self.request.now)

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page()

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        deed, _colon, about = request.POST.get("do", "").partition(":")
        try:
            self.draft = drafts.edit(
                self.patient,
                request.POST.dict(),
                order=request.POST.getlist("order"),
                deed=deed,
                about=request.POST.get("program", "") if deed == "take" else about,
                actor=request.user,
                now=request.now,
            )
            if deed == "assign":
                seen = request.POST.get("seen", "")
                builder.assign_draft(self.draft, seen=seen, actor=request.user, now=request.now)
                messages.success(request, _("Assigned. It starts today, as the patient sees it on Today."))
                return redirect(self.back())
        except Refused as refusal:
            self.draft = drafts.draft_of(self.patient, request.user, now=request.now)
            return self.page(refusal=str(refusal))
        if deed == "preview":
            return redirect("workspace:builder_preview", self.patient.pk)
        return redirect(f"{request.path}?{urlencode(self.given(*KEPT))}#{self.place(deed)}")

    def given(self, *names: str) -> dict[str, str]:
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return {name: given[name][:MOST_LETTERS] for name in names if given.get(name)}

    def place(self, deed: str) -> str:
        return "library" if deed in ("find", "add") else "list"

    def page(self, *, refusal: str = "") -> HttpResponse:
        user, clinic = self.request.user, self.request.clinic
        judged = draft_checks.judge(self.draft, now=self.request.now)
        wanted = Wanted(**self.given(*FILTERS))
        ladders = exercise_search.newest(LadderVersion.objects.visible_to(user).of(clinic))
        opened = Episode.objects.visible_to(user).filter(patient=self.patient, ended_on=None).order_by("-started_on")
        others = ProgramDraft.objects.visible_to(user).filter(patient=self.patient).exclude(author=user)
        published = ProgramVersion.objects.visible_to(user).of(clinic).published().filter(template__retired_at=None)
        versions = {one.template_id: one for one in published.order_by("number")}
        return self.draw(
            "workspace/builder/builder.html",
            plan=judged,
            rows=[(line, self.fields(line)) for line in judged.lines],
            refusal=refusal,
            wanted=wanted,
            found=exercise_search.find(ladders, wanted, at_home=self.patient.equipment),
            choices=exercise_search.filters(ladders),
            taken={line.ladder.code for line in judged.lines} | {one.ladder_version.code for one in judged.running},
            episodes=list(opened),
            chosen_for=self.given("for").get("for", ""),
            versions=sorted(versions.values(), key=lambda one: one.title),
            paths=sorted({path for one in versions.values() for path in one.paths}),
            others=list(others.select_related("author").order_by("-updated_at")),
            back=self.back(),
        )

    def fields(self, line: draft_checks.Line) -> list[tuple[str, str, str, str]]:
        """Name, label, what stands in it and what is wrong with it, for each number this exercise has."""
        return [
            (name, str(BOXES[name]), value, line.errors.get(name, "")) for name, value in line.draft.numbers.items()
        ]


class BuilderPreview(PatientPage):
    """The draft as the patient will see it on the first day."""

    may = can_treat

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        draft = drafts.draft_of(self.patient, request.user, now=request.now)
        judged: Plan = draft_checks.judge(draft, now=request.now)
        return self.draw(
            "workspace/builder/preview.html",
            plan=judged,
            rows=draft_checks.rows_as_seen(judged, now=request.now),
            builder=reverse("workspace:builder", args=[self.patient.pk]),
        )


class TakeOff(FormPage, ItemPart):
    title = gettext_lazy("Take off the program")
    lead = gettext_lazy("The exercise ends today. What was logged stays, and no later phase brings it back.")
    button = gettext_lazy("Take it off")
    done = gettext_lazy("Taken off the program.")

    def form(self, data: Any = None) -> ReasonForm:
        assert self.item
        return ReasonForm(data)

    def carry_out(self, form: ReasonForm) -> None:
        reason = form.cleaned_data["reason"]
        adjustments.take_off(self.item, reason=reason, actor=self.request.user, now=self.request.now)
