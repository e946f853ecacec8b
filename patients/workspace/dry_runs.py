"""Dry runs: ask for one, watch it, stop it, and read what came of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property

from clinic import audit, doorbell
from clinic.access import can_open_patients, can_try_on_histories, can_try_out
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import dry_runs
from patients.models import DryRun, Patient
from patients.models.dry_run import DryRunQuerySet
from patients.simulation import results
from patients.workspace.dry_run_form import AskForm
from patients.workspace.page import StaffPage
from programs.models import ProgramVersion

MOST_SHOWN = 50
LONG = timedelta(minutes=1)


class DryRunPage(StaffPage):
    may = can_try_out

    def runs(self) -> DryRunQuerySet:
        return DryRun.objects.visible_to(self.request.user).of(self.request.clinic).select_related("asked_by")

    @cached_property
    def run(self) -> DryRun:
        return get_object_or_404(self.runs(), pk=self.kwargs["pk"])

    def draw(self, template: str, **context: Any) -> HttpResponse:
        sees_patients = can_open_patients(self.request.membership)
        return super().draw(f"workspace/dry_runs/{template}.html", sees_patients=sees_patients, **context)


class DryRuns(DryRunPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        latest = self.runs().without_results().order_by("-asked_at", "-pk")[:MOST_SHOWN]
        return self.draw("list", runs=list(latest), moves=any(run.is_unfinished for run in latest))


class AskDryRun(DryRunPage):
    """The form. `?version=` has that program chosen already: the way from the library, before publishing."""

    def form(self, data: Any = None) -> AskForm:
        versions = ProgramVersion.objects.visible_to(self.request.user).of(self.request.clinic)
        histories = can_try_on_histories(self.request.membership)
        chosen = self.request.GET.get("version", "")
        return AskForm(data, versions=versions, histories=histories, initial={"version": chosen})

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.draw("ask", form=self.form())

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                run = dry_runs.ask(request.clinic, **form.asked(), actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                doorbell.ring("patients.tasks.work_on_dry_runs")
                return redirect("workspace:dry_run", run.pk)
        return self.draw("ask", form=form)


class ShowDryRun(DryRunPage):
    """The progress while it runs, fetched again by itself; afterwards what came of it."""

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        run = self.run
        return self.draw(
            "run",
            run=run,
            result=self.result() if run.state == DryRun.State.DONE else None,
            changes=results.changes(run.numbers),
            waits_long=run.state == DryRun.State.QUEUED and run.asked_at < request.now - LONG,
        )

    def result(self) -> results.Result:
        if self.run.kind == DryRun.Kind.HISTORIES:
            audit.note("read", self.run, clinic=self.run.clinic_id, actor=self.request.user, now=self.request.now)
        patients = Patient.objects.visible_to(self.request.user).of(self.request.clinic).select_related("identity")
        return results.of(self.run, patients)


class CancelDryRun(DryRunPage):
    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        try:
            dry_runs.cancel(self.run, actor=self.request.user, now=self.request.now)
        except Refused as refusal:
            messages.info(request, str(refusal))
        return redirect("workspace:dry_run", pk)
