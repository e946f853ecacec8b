"""What every page of the workspace has in common: who may open it, and the one place where a patient is fetched."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View

from clinic import audit, step_up
from clinic.access import can_open_patients, can_treat, require, sees_in_part
from clinic.forms import VerbForm
from clinic.models import Membership
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients.models import Patient


class StaffPage(View):
    """A page for those who care for patients. `may` is asked before anything is fetched."""

    request: ClinicRequest
    may: ClassVar[Callable[[Membership | None], bool]] = can_open_patients

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(type(self).may(self.request.membership))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def treats(self) -> bool:
        """Therapists decide, and only they read pain, findings and notes: the desk works with names and phones."""
        return can_treat(self.request.membership)

    def note(self, verb: str) -> None:
        """A look at many patients at once leaves one row in the audit, about the clinic."""
        clinic, actor, now = self.request.clinic, self.request.user, self.request.now
        audit.note(verb, clinic, clinic=clinic, actor=actor, now=now)

    def draw(self, template: str, **context: Any) -> HttpResponse:
        words = {"treats": self.treats, "sees_in_part": sees_in_part(self.request.membership)}
        return render(self.request, template, words | context)


class VerbPage(StaffPage):
    """A form with one verb behind it. What the verb refuses stands at its field; what was typed stays."""

    may = can_treat
    template: ClassVar[str] = "workspace/form.html"
    title: ClassVar[str | Promise] = ""
    lead: ClassVar[str | Promise] = ""
    button: ClassVar[str | Promise] = _("Save")
    done: ClassVar[str | Promise] = _("Saved.")

    def form(self, data: Any = None) -> VerbForm:
        raise NotImplementedError

    def carry_out(self, form: Any) -> None:
        raise NotImplementedError

    def back(self) -> str:
        raise NotImplementedError

    def get(self, request: ClinicRequest, **ids: UUID) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: ClinicRequest, **ids: UUID) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                self.carry_out(form)
            except Refused as refusal:
                form.show(refusal)
            else:
                if self.done:
                    messages.success(request, str(self.done))
                return redirect(self.back())
        return self.page(form)

    def page(self, form: VerbForm) -> HttpResponse:
        words = {"title": self.title, "lead": self.lead, "button": self.button}
        return self.draw(self.template, form=form, back=self.back(), **words)


class PatientPage(StaffPage):
    """A page about one patient of the active clinic. Whoever opens it leaves a row in the audit.

    `asks_again` is for what takes a record away or changes who may open it: staff show first that it is still them.
    """

    asks_again: ClassVar[bool] = False
    # A closed or restricted record: whether the page still opens, and whether its deed works too.
    only_reads: ClassVar[bool] = False
    while_closed: ClassVar[bool] = False

    @cached_property
    def patient(self) -> Patient:
        mine = Patient.objects.visible_to(self.request.user).of(self.request.clinic)
        found = get_object_or_404(mine.select_related("identity", "owner", "clinic", "user"), pk=self.kwargs["pk"])
        audit.note(
            "read",
            found,
            clinic=found.clinic_id,
            actor=self.request.user,
            now=self.request.now,
            patient_id=found.pk,
        )
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(type(self).may(self.request.membership))
        # A foreign id is a 404 before a form is read; that of a merged record leads to the one that was kept.
        if self.patient.merged_into_id:
            return redirect("workspace:patient", pk=self.patient.merged_into_id)
        if self.is_shut and (request.method == "POST" or not self.only_reads):
            return self.shut()
        if self.asks_again and not step_up.is_fresh(self.request):
            return step_up.ask(self.request)
        return super().dispatch(request, *args, **kwargs)

    @property
    def is_shut(self) -> bool:
        return bool(self.patient.closed_at) and not self.while_closed

    def shut(self) -> HttpResponse:
        messages.error(self.request, gettext("This record is closed or restricted: nothing is changed in it."))
        return redirect("workspace:patient", pk=self.patient.pk)

    def draw(self, template: str, **context: Any) -> HttpResponse:
        return super().draw(template, **({"patient": self.patient} | context))

    def back(self) -> str:
        """Where the page was come from: the list of what waits, else the patient."""
        if "to-decide" in self.request.GET:
            return reverse("workspace:worklist")
        if sees_in_part(self.request.membership) and self.patient.owner_id != self.request.user.pk:
            return self.still_open()
        return reverse("workspace:patient", args=[self.patient.pk])

    def still_open(self) -> str:
        """The patient's page, or the caseload for who has just given the patient to somebody else."""
        mine = Patient.objects.visible_to(self.request.user).filter(pk=self.patient.pk)
        return reverse("workspace:patient", args=[self.patient.pk]) if mine.exists() else reverse("workspace:caseload")


class Deed(PatientPage):
    """A button: does one thing, says so, and goes back to the patient."""

    may = can_treat
    done: ClassVar[str | Promise] = ""

    def post(self, request: ClinicRequest, **ids: UUID) -> HttpResponse:
        try:
            self.do()
        except Refused as refusal:
            messages.error(request, " ".join([str(refusal), *refusal.errors.values()]))
        else:
            messages.success(request, str(self.done))
        return redirect(self.back())

    def do(self) -> None:
        raise NotImplementedError


class FormPage(PatientPage, VerbPage):
    """A form about one patient."""
