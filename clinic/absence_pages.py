"""The page on which a therapist, or an owner for them, says when they are away and who stands in."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from clinic import absence
from clinic.access import can_run_clinic, is_staff, require
from clinic.forms import DAY, VerbForm
from clinic.models import Membership, User
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.zones import local_date


class AbsenceForm(VerbForm):
    first = forms.DateField(label=_("First day away"), widget=DAY)
    last = forms.DateField(label=_("Last day away"), widget=DAY)
    substitute = forms.ChoiceField(
        label=_("Who stands in"),
        required=False,
        help_text=_("Gets the new flags, their mails and what waits for a word. Without one: everybody on duty."),
    )

    def __init__(self, *args: Any, therapists: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {str(user.pk): user for user in therapists}
        names = [(pk, user.name) for pk, user in self.known.items()]
        self.fields["substitute"].choices = [("", gettext("Everybody on duty")), *names]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"substitute": self.known.get(self.cleaned_data["substitute"])}


class Absence(View):
    """Of oneself, or of any therapist for an owner."""

    request: ClinicRequest

    @cached_property
    def member(self) -> Membership:
        mine = Membership.objects.visible_to(self.request.user).of(self.request.clinic).therapists()
        return get_object_or_404(mine.select_related("user", "clinic", "substitute"), pk=self.kwargs["pk"])

    @property
    def is_own(self) -> bool:
        return self.member.pk == self.request.membership.pk

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(is_staff(self.request.membership))
        require(self.is_own or can_run_clinic(self.request.membership))
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: ClinicRequest, pk: UUID) -> HttpResponse:
        if "back" in request.POST:
            absence.end_absence(self.member, actor=request.user, now=request.now)
            messages.success(request, gettext("The days away are taken back."))
            return self.done()
        form = self.form(request.POST)
        if form.is_valid():
            try:
                absence.set_absence(self.member, **form.values(), actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                messages.success(request, gettext("The days are set."))
                self.warn()
                return self.done()
        return self.page(form)

    def warn(self) -> None:
        """Nobody puts off being ill because they stand in for somebody: it is said, and duty takes over."""
        text = gettext(
            "%(away)s is away too, %(days)s, and has %(name)s as substitute. While both are away, what is theirs goes"
            " to everybody on duty: choose another substitute if there is one."
        )
        for one in absence.left_alone(self.member):
            names = {"away": one.user.name, "name": self.member.user.name}
            messages.warning(self.request, text % {**names, "days": absence.days_in_words(one)})

    def form(self, data: Any = None) -> AbsenceForm:
        member = self.member
        others = Membership.objects.visible_to(self.request.user).of(member.clinic).therapists()
        others = others.exclude(pk=member.pk).select_related("user").order_by("user__name", "pk")
        initial: dict[str, Any] = {"substitute": str(member.substitute_id or "")}
        if member.away_from:
            initial |= {"first": local_date(member.away_from, member.clinic.zone), "last": member.last_day_away}
        return AbsenceForm(data, therapists=[one.user for one in others], initial=initial)

    def done(self) -> HttpResponse:
        return redirect("account" if self.is_own else "team")

    def page(self, form: AbsenceForm) -> HttpResponse:
        context = {"form": form, "member": self.member, "is_own": self.is_own}
        return render(self.request, "registration/absence.html", context)
