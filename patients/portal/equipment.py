"""What the patient has at hand: their list, an equal exercise for what is missing, more of the same instead."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import equipment, swaps
from patients.equipment_form import EquipmentForm
from patients.models import ProgramItem
from patients.portal.page import PortalPage
from programs.equipment import thing_words


class OwnEquipment(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.draw("portal/equipment.html", form=EquipmentForm(patient=self.patient))

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = EquipmentForm(request.POST, patient=self.patient)
        if not form.is_valid():
            return self.draw("portal/equipment.html", form=form)
        codes = form.cleaned_data["things"]
        equipment.set_equipment(self.patient, codes, actor=request.user, now=request.now)
        messages.success(request, _("Your list is saved. Your clinic sees it too."))
        return redirect("portal:settings")


class ItemPage(PortalPage):
    """A page about one exercise of the running program."""

    def item(self, pk: UUID) -> ProgramItem:
        mine = ProgramItem.objects.visible_to(self.request.user).current().filter(program__patient=self.patient)
        related = mine.filter(program__ended_on=None).select_related("ladder_version", "level", "episode", "program")
        found = get_object_or_404(related, pk=pk)
        found.program.patient = self.patient
        return found


class Swap(ItemPage):
    """The second of two taps: the equal exercises, each with its button."""

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        item = self.item(pk)
        if not swaps.may_swap(item):
            return redirect("portal:today")
        rows = [
            {"equal": one, "lacks": [thing_words(code) for code in one.lacks]}
            for one in swaps.equals(item)
            if not one.blocked
        ]
        return self.draw("portal/swap.html", item=item, rows=rows)

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        item = self.item(pk)
        try:
            new = swaps.swap_for_equal(item, request.POST.get("level", ""), actor=request.user, now=request.now)
        except Refused as refusal:
            messages.error(request, " ".join([str(refusal), *refusal.errors.values()]))
        else:
            names = {"new": capfirst(new.level.name), "old": capfirst(item.name)}
            messages.success(request, _("Swapped: %(new)s takes the place of %(old)s.") % names)
        return redirect("portal:today")


class HaveIt(ItemPage):
    """The thing that the next level waits for is there now."""

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        code: Any = request.POST.get("thing", "")
        if code not in equipment.lacking_next(self.item(pk)):
            raise Http404
        equipment.add_equipment(self.patient, code, actor=request.user, now=request.now)
        messages.success(request, _("Noted. After the next clean day the next level can begin."))
        return redirect("portal:program")


class MoreInstead(ItemPage):
    """A fifth more repetitions instead of the level that waits for a thing."""

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        try:
            equipment.more_instead(self.item(pk), actor=request.user, now=request.now)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("Done: a fifth more from today. You can tell us any time when you have it."))
        return redirect("portal:program")
