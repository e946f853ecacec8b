"""An owner changes what a member does here, or ends their work: nobody's patients are left without somebody."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from clinic.forms import RolesForm
from clinic.models import Membership
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.team_pages import OwnerPage
from patients import leaving
from patients.workspace.people import therapists
from patients.workspace.people_forms import HandOverForm


class MemberPage(OwnerPage):
    def member(self, pk: UUID) -> Membership:
        return get_object_or_404(self.members(), pk=pk)

    def hand_over_form(self, member: Membership, data: object = None) -> HandOverForm | None:
        """Asks who takes over, if there is something to take over."""
        if not leaving.must_hand_over(member):
            return None
        others = [one for one in therapists(self.request.user, self.request.clinic) if one != member.user]
        return HandOverForm(data, therapists=others)

    def draw(self, template: str, member: Membership, **context: object) -> HttpResponse:
        counts = {
            "patients": leaving.caseload_of(member).count(),
            "flags": leaving.open_flags_of(member).count(),
        }
        return render(self.request, template, {"member": member} | counts | context)


class Member(MemberPage):
    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        member = self.member(pk)
        return self.page(member, RolesForm(initial=RolesForm.of(member)), self.hand_over_form(member))

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        member = self.member(pk)
        form, hand_over = RolesForm(request.POST), self.hand_over_form(member, request.POST)
        if form.is_valid():
            to = hand_over.chosen() if hand_over else None
            try:
                leaving.change_role(member, **form.cleaned_data, to=to, actor=request.user, now=request.now)
            except Refused as refusal:
                (hand_over if hand_over and "to" in refusal.errors else form).show(refusal)
            else:
                messages.success(request, _("The roles are changed. They hold from the next sign-in."))
                return redirect("team")
        return self.page(member, form, hand_over)

    def page(self, member: Membership, form: RolesForm, hand_over: HandOverForm | None) -> HttpResponse:
        return self.draw("registration/member.html", member, form=form, hand_over=hand_over)


class MemberLeaves(MemberPage):
    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        """Asks first."""
        member = self.member(pk)
        return self.page(member, self.hand_over_form(member))

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        member = self.member(pk)
        form = self.hand_over_form(member, request.POST)
        try:
            leaving.leave(member, to=form.chosen() if form else None, actor=request.user, now=request.now)
        except Refused as refusal:
            if form and "to" in refusal.errors:
                form.show(refusal)
                return self.page(member, form)
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("This person no longer works here and is signed out everywhere."))
        return redirect("team")

    def page(self, member: Membership, form: HandOverForm | None) -> HttpResponse:
        return self.draw("registration/member_leaves.html", member, form=form)
