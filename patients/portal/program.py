"""The program: every exercise with its ladder, where the patient is on it, and how to do it; also on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.requests import ClinicRequest
from patients.equipment import more_of, owned_by
from patients.gates import gates_in_words
from patients.models import GateRecord, ProgramItem, Proposal
from patients.plan import TodayItem, today
from patients.portal.page import PortalPage
from patients.program_news import unread_news
from patients.program_sheet import as_pdf, log_address
from programs.equipment import lacking_for_step, thing_words
from programs.models import LevelVersion
from programs.rules import Dose
from programs.words import recorder_words


@dataclass(frozen=True)
class Opens:
    """A gate on the way of this patient, what it unlocks, and whether it is met."""

    text: str
    who: str
    unlocks: tuple[str, ...]
    record: GateRecord | None


@dataclass(frozen=True)
class Shown:
    """An exercise with the levels of its ladder in order. `step` is the place of the present one, from 1."""

    row: TodayItem
    lacks: tuple[tuple[str, str], ...]  # (code, words) of what the next level needs and is not there
    more: Dose | None  # offered instead, where the step was earned
    levels: tuple[LevelVersion, ...]
    step: int


class ShowProgram(PortalPage):
    template = "portal/program.html"

    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.no_program()
        plan = today(self.program, now=request.now)
        exercises = [self.shown(row) for row in plan.items]
        return self.draw(
            self.template,
            plan=plan,
            exercises=exercises,
            opens=self.opens(exercises),
            news=unread_news(self.program),
        )

    def opens(self, exercises: Sequence[Shown]) -> list[Opens]:
        """The gates that levels of these exercises ask for; two queries, and none where no level asks for one."""
        asked: dict[str, dict[str, None]] = {}  # two exercises may share a level: each is named once
        for exercise in exercises:
            for level in exercise.levels:
                for code in level.content["requires_gates"]:
                    asked.setdefault(code, {})[capfirst(level.name)] = None
        if not asked:
            return []
        user = self.request.user
        mine = GateRecord.objects.visible_to(user).filter(patient=self.patient, code__in=asked).standing()
        records = {record.code: record for record in mine.select_related("recorded_by")}
        return [
            Opens(gate.text, who_records(gate.recorded_by), tuple(asked[gate.code]), records.get(gate.code))
            for gate in gates_in_words(self.patient, asked)
        ]

    def shown(self, row: TodayItem) -> Shown:
        levels = tuple(self.ladders.get(row.item.pk, ()))
        step = next((number for number, level in enumerate(levels, 1) if level.pk == row.item.level_id), 1)
        lacks = self.lacks(row.item, levels[step] if step < len(levels) else None)
        earned = bool(lacks) and row.item.pk in self.earned
        more = more_of(row.item) if earned else None
        return Shown(row=row, lacks=lacks, more=more, levels=levels, step=step)

    def lacks(self, item: ProgramItem, above: LevelVersion | None) -> tuple[tuple[str, str], ...]:
        if above is None or (item.cap_id and item.cap_id == item.level_id):
            return ()
        above.ladder_version = item.level.ladder_version = item.ladder_version
        return tuple((code, thing_words(code)) for code in lacking_for_step(item.level, above, owned_by(self.patient)))

    @cached_property
    def earned(self) -> set[UUID]:
        """The exercises whose next level the rules have found earned, but for something that is missing."""
        mine = Proposal.objects.visible_to(self.request.user).filter(patient=self.patient, kind="gate_check")
        return set(mine.open().values_list("item_id", flat=True))

    @cached_property
    def ladders(self) -> dict[UUID, list[LevelVersion]]:
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program=self.program).current()
        items = mine.select_related("ladder_version").prefetch_related("ladder_version__levels")
        return {item.pk: sorted(item.ladder_version.levels.all(), key=lambda level: level.position) for item in items}


def who_records(code: str) -> str:
    """Who may record a gate, said to the patient."""
    own = {"log": _("your own log"), "therapist_or_self": _("a therapist or you")}
    return own.get(code) or recorder_words(code)


class PrintProgram(ShowProgram):
    template = "portal/program_print.html"

    def draw(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        return super().draw(template, status=status, log_address=log_address(), **context)


class ProgramPdf(PortalPage):
    """The same sheet as a file, to keep or to have printed elsewhere."""

    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.no_program()
        answer = HttpResponse(as_pdf(today(self.program, now=request.now)), content_type="application/pdf")
        answer["Content-Disposition"] = 'attachment; filename="program.pdf"'
        return answer
