"""The program: every exercise with its ladder, where the patient is on it, and how to do it; also on paper."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.utils.functional import cached_property

from clinic.requests import ClinicRequest
from patients.models import ProgramItem
from patients.plan import TodayItem, today
from patients.portal.page import PortalPage
from patients.program_news import unread_news
from programs.models import LevelVersion


@dataclass(frozen=True)
class Shown:
    """An exercise with the levels of its ladder in order. `step` is the place of the present one, from 1."""

    row: TodayItem
    levels: tuple[LevelVersion, ...]
    step: int


class ShowProgram(PortalPage):
    template = "portal/program.html"

    def get(self, request: ClinicRequest) -> HttpResponse:
        if self.program is None:
            return self.draw("portal/no_program.html", greeting="")
        plan = today(self.program, now=request.now)
        exercises = [self.shown(row) for row in plan.items]
        return self.draw(self.template, plan=plan, exercises=exercises, news=unread_news(self.program))

    def shown(self, row: TodayItem) -> Shown:
        levels = tuple(self.ladders.get(row.item.pk, ()))
        step = next((number for number, level in enumerate(levels, 1) if level.pk == row.item.level_id), 1)
        return Shown(row=row, levels=levels, step=step)

    @cached_property
    def ladders(self) -> dict[UUID, list[LevelVersion]]:
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program=self.program).current()
        items = mine.select_related("ladder_version").prefetch_related("ladder_version__levels")
        return {item.pk: sorted(item.ladder_version.levels.all(), key=lambda level: level.position) for item in items}


class PrintProgram(ShowProgram):
    template = "portal/program_print.html"
