"""Programs of the clinic, who runs on an older version of one, and moving them: one, some or all."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.access import can_treat
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zones import local_date
from patients import version_moves
from patients.models import Program
from patients.version_changes import Changes, change_notes, changes, on_older_versions, whole
from patients.version_moves import Outcome
from patients.workspace.page import Deed, PatientPage, StaffPage
from programs.models import ProgramVersion


@dataclass(frozen=True)
class TemplateLine:
    """A template's newest published version, and how many patients run on it and on older ones."""

    newest: ProgramVersion
    current: int
    older: int


class Programs(StaffPage):
    may = can_treat

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.draw("workspace/versions/programs.html", lines=self.lines())

    def lines(self) -> list[TemplateLine]:
        user, clinic = self.request.user, self.request.clinic
        published = ProgramVersion.objects.visible_to(user).of(clinic).published().select_related("template")
        newest = {one.template_id: one for one in published.order_by("number") if one.template.retired_at is None}
        running = Program.objects.visible_to(user).active().filter(patient__clinic=clinic)
        counted = running.order_by().values("version__template", "version__number").annotate(n=Count("pk"))
        numbers: dict[UUID, dict[int, int]] = defaultdict(dict)
        for row in counted.values_list("version__template", "version__number", "n"):
            numbers[row[0]][row[1]] = row[2]
        return [
            TemplateLine(
                one,
                current=numbers[template].get(one.number, 0),
                older=sum(n for number, n in numbers[template].items() if number < one.number),
            )
            for template, one in sorted(newest.items(), key=lambda pair: str(pair[1].title))
        ]


class Moves(StaffPage):
    """Who runs on an older version of one template, with what the newest would change; moves those that are ticked."""

    may = can_treat

    @cached_property
    def newest(self) -> ProgramVersion:
        found = ProgramVersion.objects.visible_to(self.request.user).of(self.request.clinic).published()
        found = found.filter(template=self.kwargs["pk"], template__retired_at=None).order_by("-number")
        return get_object_or_404(found.select_related("template")[:1])

    def programs(self) -> list[Program]:
        mine = Program.objects.visible_to(self.request.user).active().filter(patient__clinic=self.request.clinic)
        return list(on_older_versions(mine, self.newest).order_by("patient__identity__search", "pk"))

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        return self.page()

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        ticked = set(request.POST.getlist("program"))
        chosen = [one for one in self.programs() if "all" in request.POST or str(one.pk) in ticked]
        if not chosen:
            return self.page(error=_("Nobody was moved. Tick at least one patient, or choose “Move all”."))
        return self.page(version_moves.move_all(chosen, self.newest, actor=request.user, now=request.now))

    def page(self, outcomes: list[Outcome] | None = None, *, error: str = "") -> HttpResponse:
        phases = whole(self.newest)
        why_not = {outcome.program.pk: outcome.why_not for outcome in outcomes or ()}
        rows = [(self.changes_of(one, phases), why_not.get(one.pk, "")) for one in self.programs()]
        moved = [outcome.program for outcome in outcomes or () if not outcome.why_not]
        return self.draw(
            "workspace/versions/moves.html", newest=self.newest, rows=rows, moved=moved, error=error, tried=outcomes
        )

    def changes_of(self, program: Program, phases: Any) -> Changes:
        today = local_date(self.request.now, program.patient.zone)
        return changes(program, self.newest, phases, record=None, today=today)


class OneProgram(PatientPage):
    @cached_property
    def program(self) -> Program:
        mine = Program.objects.visible_to(self.request.user).filter(patient=self.patient).active()
        found: Program = get_object_or_404(mine.select_related("version__template", "phase"))
        found.patient = self.patient
        return found


class MoveVersion(OneProgram):
    """What the newest version changes for one patient today, and the button that does it."""

    may = can_treat

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        return self.page()

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        newest = version_moves.newest_of(self.program.version)
        if newest is None:
            return self.page()
        try:
            version_moves.move(self.program, newest, actor=request.user, now=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return self.page()
        words = _("The program runs on version %(number)s from today. The patient is told once what changed and why.")
        messages.success(request, words % {"number": newest.number})
        return redirect(self.back())

    def page(self) -> HttpResponse:
        newest = version_moves.newest_of(self.program.version)
        found = version_moves.preview(self.program, newest, now=self.request.now) if newest else None
        notes = change_notes(self.program, newest) if newest else []
        return self.draw(
            "workspace/versions/move.html",
            program=self.program,
            newest=newest,
            changes=found,
            notes=notes,
            back=self.back(),
        )


class UndoMove(OneProgram, Deed):
    done = gettext_lazy("Taken back: the program runs on the version it had before.")

    def do(self) -> None:
        version_moves.undo(self.program, actor=self.request.user, now=self.request.now)
