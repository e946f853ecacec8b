"""Why an exercise stands where it stands: what its next level asks for, and every decision about it."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from clinic.access import can_treat
from clinic.requests import ClinicRequest
from patients.contraindication_words import in_plain_words
from patients.contraindications import excepted
from patients.ledger_lines import ledger_lines
from patients.models import Decision, ProgramItem
from patients.models.session import DecisionQuerySet
from patients.next_level import ways_up
from patients.workspace.page import PatientPage

A_PAGE = 25
VIEWS: dict[str, Promise] = {
    "advance": _("Steps forward"),
    "hold": _("Stays"),
    "repeat_lighter": _("Made lighter"),
    "regress": _("Steps back"),
    "stop_and_flag": _("Stops"),
    "person": _("By a person"),
}


class ExerciseDecisions(PatientPage):
    """Exercises that have ended keep their page: what was decided stays readable."""

    may = can_treat
    only_reads = True

    @cached_property
    def item(self) -> ProgramItem:
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program__patient=self.patient)
        found: ProgramItem = get_object_or_404(
            mine.select_related("level", "ladder_version", "episode", "program", "stopped_by", "cap"),
            pk=self.kwargs["item"],
        )
        found.program.patient = self.patient
        return found

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        item = self.item
        mine = Decision.objects.visible_to(request.user).filter(item__in=[one.pk for one in self.line])
        found = mine.select_related("item__ladder_version", "item__level", "actor")
        page = Paginator(self.shown(found), A_PAGE).get_page(request.GET.get("page"))
        ended = item.ended_on or item.program.ended_on
        return self.draw(
            "workspace/exercise_decisions.html",
            item=item,
            way=None if ended else ways_up(item.program, [item, *self.other_side], now=request.now)[item.pk],
            excepted=[in_plain_words(code) for code in excepted(item)],
            line=[one for one in self.line if one.pk != item.pk],
            views=VIEWS,
            view=self.view,
            page=page,
            ledger=ledger_lines(found.of_the_days_of(page)),
        )

    @cached_property
    def line(self) -> list[ProgramItem]:
        """The exercise with those of its line: equals it was swapped for, its sides; the latest first."""
        first = self.item.line_id
        mine = ProgramItem.objects.visible_to(self.request.user).filter(program__patient=self.patient)
        found = mine.filter(Q(pk=first) | Q(first=first)).select_related("level", "ladder_version", "cap", "episode")
        return list(found.order_by("-pk"))

    @property
    def other_side(self) -> list[ProgramItem]:
        return [one for one in self.line if one.ended_on is None and one.pk != self.item.pk]

    @cached_property
    def view(self) -> str:
        asked = self.request.GET.get("show", "")
        return asked if asked in VIEWS else ""

    def shown(self, decisions: DecisionQuerySet) -> DecisionQuerySet:
        """The last word on each day, the latest first; of those the ones asked for."""
        found = decisions.last_words().order_by("-decided_at", "-sequence")
        if self.view == "person":
            return found.by_person()
        return found.filter(outcome=self.view) if self.view else found
