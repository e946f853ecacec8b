"""Pages for owners: who works here, a lost second step, the clinic's settings. Roles and leaving: the workspace."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views import View

from clinic import accounts, house
from clinic.access import can_run_clinic, require
from clinic.forms import ClinicForm, InviteForm, ReasonForm
from clinic.models import Membership
from clinic.refusals import Refused
from clinic.requests import ClinicRequest


class OwnerPage(View):
    request: ClinicRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(can_run_clinic(self.request.membership))
        return super().dispatch(request, *args, **kwargs)

    def members(self) -> QuerySet[Membership]:
        """Who works in the clinic that is active on this page."""
        mine = Membership.objects.visible_to(self.request.user).of(self.request.clinic)
        return mine.filter(left_at=None).select_related("user", "clinic", "substitute").order_by("user__name", "pk")


class Team(OwnerPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(request, InviteForm())

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                accounts.invite_member(request.clinic, **form.cleaned_data, actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("Invited. A mail with a link to set a password is on its way."))
                return redirect("team")
        return self.page(request, form)

    def page(self, request: ClinicRequest, form: InviteForm) -> HttpResponse:
        return render(request, "registration/team.html", {"form": form, "members": self.members()})


class ResetSecondFactor(OwnerPage):
    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        return self.page(request, ReasonForm(), get_object_or_404(self.members(), pk=pk))

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        member = get_object_or_404(self.members(), pk=pk)
        form = ReasonForm(request.POST)
        if form.is_valid():
            try:
                accounts.reset_second_factor(member, **form.cleaned_data, actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, _("The second step is reset. They set up a new one at the next sign-in."))
                return redirect("team")
        return self.page(request, form, member)

    def page(self, request: ClinicRequest, form: ReasonForm, member: Membership) -> HttpResponse:
        return render(request, "registration/member_second_factor.html", {"form": form, "member": member})


class ClinicSettings(OwnerPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(request, ClinicForm(instance=request.membership.clinic))

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = ClinicForm(request.POST, instance=request.membership.clinic)
        if form.is_valid():
            house.change_settings(
                form.instance, staffed_hours=form.staffed_hours(), actor=request.user, now=request.now
            )
            messages.success(request, _("The settings are saved."))
            return redirect("team_clinic")
        return self.page(request, form)

    def page(self, request: ClinicRequest, form: ClinicForm) -> HttpResponse:
        return render(request, "registration/clinic.html", {"form": form})
