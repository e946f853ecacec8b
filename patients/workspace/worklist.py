"""The list of what waits for a therapist's word: proposals of the rules, and reviews whose day has come."""

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from clinic.access import can_treat
from clinic.requests import ClinicRequest
from patients.worklist import answers_for, for_whom, is_on_duty, waiting
from patients.workspace.banners import Banners
from patients.workspace.page import StaffPage

TABS = {"mine": _("Mine"), "all": _("The whole clinic")}


class Worklist(StaffPage):
    may = can_treat

    def get(self, request: ClinicRequest) -> HttpResponse:
        tab = "all" if request.GET.get("tab") == "all" else "mine"
        every = waiting(request.user, request.clinic, now=request.now)
        on_duty = is_on_duty(request.membership)
        therapists = answers_for(request.user, request.clinic, now=request.now)
        mine = [one for one in every if for_whom(one, therapists, is_on_duty=on_duty)]
        counts = {"mine": len(mine), "all": len(every)}
        banners = Banners.of(request.user, request.membership, now=request.now)
        return self.draw(
            "workspace/worklist.html",
            tabs=[{"name": name, "label": label, "count": counts[name]} for name, label in TABS.items()],
            tab=tab,
            lines=mine if tab == "mine" else every,
            banners=banners,
        )
