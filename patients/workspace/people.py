"""Who a patient is, how to reach them, who looks after them, and what they signed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.access import can_open_patients, sees_in_part
from clinic.models import Clinic, Membership, User
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from patients import addresses, equipment, people
from patients.equipment_form import EquipmentForm
from patients.models import Consent, Proxy
from patients.models.consent import ConsentKind
from patients.workspace.merging import same_person
from patients.workspace.page import Deed, FormPage, StaffPage
from patients.workspace.people_forms import CarerForm, ConsentsForm, ContactForm, KnownContactForm, PatientAddressForm


class AddPatient(StaffPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        own = str(request.user.pk) if self.treats else ""
        return self.page(self.form(initial={"owner": own}))

    def post(self, request: ClinicRequest) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            try:
                patient = people.add_patient(request.clinic, **form.values(), actor=request.user, now=request.now)
            except Refused as refusal:
                form.show(refusal)
            else:
                if sees_in_part(request.membership) and patient.owner != request.user:
                    messages.success(request, _("The patient is added, and on the list of the therapist you chose."))
                    return redirect("workspace:caseload")
                if same_person(self, patient):
                    messages.warning(
                        request, _("The patient is added. Perhaps this person was here before: look below.")
                    )
                    return redirect("workspace:same_person", pk=patient.pk)
                messages.success(request, _("The patient is added. Open an episode next."))
                return redirect("workspace:patient", pk=patient.pk)
        return self.page(form)

    def form(self, data: Any = None, **kwargs: Any) -> ContactForm:
        clinic = self.request.clinic
        return ContactForm(data, therapists=therapists(self.request.user, clinic), zone=clinic.zone, **kwargs)

    def page(self, form: ContactForm) -> HttpResponse:
        return self.draw("workspace/patient_new.html", form=form)


class Contact(FormPage):
    may = can_open_patients
    title = gettext_lazy("Contact")
    done = gettext_lazy("The contact is changed.")

    def form(self, data: Any = None) -> KnownContactForm:
        known = therapists(self.request.user, self.patient.clinic)
        return KnownContactForm(
            data, therapists=known, zone=self.patient.zone, initial=KnownContactForm.of(self.patient)
        )

    def carry_out(self, form: KnownContactForm) -> None:
        people.change_contact(self.patient, **form.values(), actor=self.request.user, now=self.request.now)


class Address(FormPage):
    """The way into the portal."""

    may = can_open_patients
    asks_again = True
    title = gettext_lazy("E-mail address")
    lead = gettext_lazy("Make sure that it is the patient who asks. The old address loses the portal and is told so.")
    done = gettext_lazy("The address is changed. The old one no longer opens the portal.")

    def form(self, data: Any = None) -> PatientAddressForm:
        return PatientAddressForm(data, initial={"email": self.patient.identity.email})

    def carry_out(self, form: PatientAddressForm) -> None:
        addresses.change_address(self.patient, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class AddCarer(FormPage):
    may = can_open_patients
    title = gettext_lazy("Add a carer")
    lead = gettext_lazy("A carer or guardian opens the portal for the patient. They see everything the patient sees.")
    button = gettext_lazy("Add the carer")
    done = gettext_lazy("The carer may open the portal now.")

    def form(self, data: Any = None) -> CarerForm:
        return CarerForm(data)

    def carry_out(self, form: CarerForm) -> None:
        people.add_proxy(self.patient, **form.cleaned_data, actor=self.request.user, now=self.request.now)


class RevokeCarer(Deed):
    may = can_open_patients
    done = gettext_lazy("This person no longer opens the portal.")

    def do(self) -> None:
        mine = Proxy.objects.visible_to(self.request.user).filter(patient=self.patient).select_related("patient")
        people.revoke_proxy(
            get_object_or_404(mine, pk=self.kwargs["proxy"]), actor=self.request.user, now=self.request.now
        )


class Consents(FormPage):
    may = can_open_patients
    title = gettext_lazy("Consents on paper")
    done = gettext_lazy("The consents are recorded.")

    def given(self) -> set[str]:
        mine = Consent.objects.visible_to(self.request.user).filter(patient=self.patient).given()
        return set(mine.values_list("kind", flat=True))

    def form(self, data: Any = None) -> ConsentsForm:
        return ConsentsForm(data, initial={"kinds": sorted(self.given())})

    def carry_out(self, form: ConsentsForm) -> None:
        people.record_paper_consents(
            self.patient,
            kinds={ConsentKind(kind) for kind in form.cleaned_data["kinds"]},
            actor=self.request.user,
            now=self.request.now,
        )


def therapists(user: User, clinic: Clinic) -> list[User]:
    found = Membership.objects.visible_to(user).of(clinic).filter(left_at=None, therapist=True, user__is_active=True)
    return [one.user for one in found.select_related("user").order_by("user__name")]


class HomeEquipment(FormPage):
    """What the patient has at home; the same list the patient keeps in the portal."""

    may = can_open_patients
    title = gettext_lazy("Equipment at home")
    lead = gettext_lazy(
        "A level that needs something that is not there waits, and the patient is offered something else."
    )
    done = gettext_lazy("The list is saved.")

    def form(self, data: Any = None) -> EquipmentForm:
        return EquipmentForm(data, patient=self.patient)

    def carry_out(self, form: EquipmentForm) -> None:
        codes = form.cleaned_data["things"]
        equipment.set_equipment(self.patient, codes, actor=self.request.user, now=self.request.now)
