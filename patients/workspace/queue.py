"""The queue of flags: who needs a call, by when, and whose it is. One row a patient."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.access import can_triage
from clinic.requests import ClinicRequest
from clinic.staffed_hours import last_close
from clinic.zones import instant, local_date
from patients import follow_up
from patients.models import PainFlag
from patients.models.triage import FlagGroup
from patients.workspace.banners import Banners
from patients.workspace.page import StaffPage
from patients.workspace.triage_forms import CloseSeveralForm

TABS = {
    "new": gettext_lazy("New"),
    "mine": gettext_lazy("Mine"),
    "waiting": gettext_lazy("Waiting"),
    "since": gettext_lazy("Since the last evening"),
    "snoozed": gettext_lazy("Snoozed"),
    "closed": gettext_lazy("Closed today"),
}
MOST = 200  # flags on a page: a clinic with more has another problem than paging


@dataclass(frozen=True)
class Row:
    """A patient in the queue: the flag to open first, and what else of them is in the same tab."""

    flag: PainFlag
    others: tuple[PainFlag, ...]
    detail: bool
    late: bool


class Queue(StaffPage):
    """The list alone, and the base of the page with a flag beside it."""

    may = can_triage

    @cached_property
    def tab(self) -> str:
        asked = self.request.GET.get("tab", "")
        return asked if asked in TABS else ""

    @cached_property
    def all_flags(self) -> list[PainFlag]:
        """Everything open and what was closed today, in one query: the tabs and figures are counted from it."""
        mine = PainFlag.objects.visible_to(self.request.user).of(self.request.clinic)
        return list(mine.waiting_or_closed_since(self.midnight).with_names().most_urgent_first()[:MOST])

    @property
    def midnight(self) -> datetime:
        clinic = self.request.clinic
        return instant(local_date(self.request.now, clinic.zone), time(), clinic.zone)

    @cached_property
    def evening(self) -> datetime | None:
        """When the clinic was last left: what came since then nobody has seen come."""
        clinic = self.request.clinic
        return last_close(self.request.now, clinic.staffed_hours, clinic.zone)

    def rows_of(self, name: str) -> list[Row]:
        """The most urgent flag of each patient stands for all of theirs in this tab."""
        by_patient: dict[Any, list[PainFlag]] = {}
        for flag in self.all_flags:
            if self.belongs(flag, name):
                by_patient.setdefault(flag.patient_id, []).append(flag)
        return [self.row(flags) for flags in by_patient.values()]

    def row(self, flags: list[PainFlag]) -> Row:
        # An escalation says that another flag is late: that one is to be opened, where it stands in the same tab.
        first, *others = sorted(flags, key=lambda flag: (flag.severity, flag.group == FlagGroup.ESCALATION))
        late = any(flag.group == FlagGroup.ESCALATION for flag in flags)
        return Row(first, tuple(others), follow_up.may_read(self.request.membership, first), late)

    def belongs(self, flag: PainFlag, name: str) -> bool:
        if flag.state == PainFlag.State.RESOLVED:
            return name == "closed"
        if name == "since":
            return self.evening is not None and flag.last_event_at >= self.evening
        if flag.snoozed_until is not None and flag.snoozed_until > self.request.now:
            return name == "snoozed"
        if name == "new":
            return flag.owner_id is None
        if name == "mine":
            return flag.owner_id == self.request.user.pk
        return name == "waiting" and flag.owner_id is not None

    def queue(self) -> dict[str, Any]:
        rows = {name: self.rows_of(name) for name in TABS}
        tab = self.tab or next((name for name in TABS if rows[name]), "new")
        reported = [
            flag
            for flag in self.all_flags
            if flag.state != PainFlag.State.RESOLVED and flag.group != FlagGroup.ESCALATION
        ]
        banners = Banners.of(self.request.user, self.request.membership, now=self.request.now)
        return {
            "current": str(self.kwargs.get("pk") or self.request.GET.get("open", "")),
            "tab": tab,
            "tabs": [
                {"name": name, "label": self.label(name), "count": len(found)}
                for name, found in rows.items()
                if name != "since" or self.evening
            ],
            "rows": rows[tab],
            "routine": sum(flag.severity >= follow_up.ROUTINE for flag in reported),
            "by_severity": sorted(Counter(flag.severity for flag in reported).items()),
            "overdue": sum(flag.is_late(self.request.now) for flag in reported),
            "banners": banners,
        }

    def label(self, name: str) -> str:
        """ "Since Friday" on a Monday: the day on which the clinic was last left."""
        if name != "since" or self.evening is None:
            return str(TABS[name])
        day = local_date(self.evening, self.request.clinic.zone)
        return _("Since %(weekday)s") % {"weekday": WEEKDAYS[day.weekday()]}

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            self.note("list_flags")  # not for each time the page refreshes itself
        return self.draw("workspace/triage.html", **self.queue())


class CloseRoutine(Queue):
    """Flags of severity 4 and 5, closed several at a time."""

    @cached_property
    def routine(self) -> list[PainFlag]:
        mine = PainFlag.objects.visible_to(self.request.user).of(self.request.clinic).waiting().reported()
        found = mine.filter(severity__gte=follow_up.ROUTINE).select_related("patient__identity", "owner")
        return list(found.order_by("code", "opened_at", "pk")[:MOST])

    def get(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        self.note("list_flags")
        return self.page(CloseSeveralForm(flags=self.routine), {})

    def post(self, request: ClinicRequest, **ids: Any) -> HttpResponse:
        form = CloseSeveralForm(request.POST, flags=self.routine)
        if not form.is_valid():
            return self.page(form, {})
        refused = follow_up.close_routine(
            form.chosen,
            code=form.cleaned_data["code"],
            note=form.cleaned_data["note"],
            membership=request.membership,
            actor=request.user,
            now=request.now,
        )
        if closed := len(form.chosen) - len(refused):
            text = ngettext("%(count)d flag closed.", "%(count)d flags closed.", closed)
            messages.success(request, text % {"count": closed})
        if not refused:
            return redirect("workspace:triage")
        del self.routine  # those closed just now are gone from the list
        return self.page(form, refused)

    def page(self, form: CloseSeveralForm, refused: dict[Any, str]) -> HttpResponse:
        chosen = form["flags"].value() or []
        rows = [
            {"flag": flag, "chosen": str(flag.pk) in chosen, "refused": refused.get(flag.pk, "")}
            for flag in self.routine
        ]
        return self.draw("workspace/triage_routine.html", form=form, rows=rows)
