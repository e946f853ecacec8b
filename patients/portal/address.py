"""A patient's own e-mail address: first the new one, then the code that was mailed there."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import sessions, sign_in, step_up
from clinic.access import is_staff
from clinic.forms import NO_ADDRESS, CodeForm, VerbForm
from clinic.refusals import Refused
from clinic.requests import ClinicRequest
from clinic.sign_in_pages import visitor
from patients import addresses
from patients.models import Patient
from patients.portal.page import PortalPage

# What a browser that asked for a code remembers: the row.
CODE_KEY = "address_code"


class NewAddressForm(VerbForm):
    email = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        error_messages=NO_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


def may_change_address(request: ClinicRequest, patient: Patient) -> bool:
    """Carers leave the patient's address alone, and who works in a clinic signs in to that with theirs."""
    return patient.user_id == request.user.pk and not is_staff(request.membership)


class OwnAddress(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.ask_first() or self.page(NewAddressForm())

    def post(self, request: ClinicRequest) -> HttpResponse:
        if elsewhere := self.ask_first():
            return elsewhere
        form = NewAddressForm(request.POST)
        if form.is_valid():
            try:
                row = addresses.ask_for_own(
                    request.user, form.cleaned_data["email"], visitor=visitor(request), now=request.now
                )
            except Refused as refusal:
                form.show(refusal)
            else:
                request.session[CODE_KEY] = str(row.pk)
                return redirect("portal:confirm_address")
        return self.page(form)

    def ask_first(self) -> HttpResponse | None:
        if not may_change_address(self.request, self.patient):
            raise Http404
        return None if step_up.is_fresh(self.request) else step_up.ask(self.request)

    def page(self, form: NewAddressForm) -> HttpResponse:
        return self.draw("portal/address.html", form=form)


class ConfirmAddress(PortalPage):
    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(CodeForm()) if CODE_KEY in request.session else redirect("portal:address")

    def post(self, request: ClinicRequest) -> HttpResponse:
        code_id = request.session.get(CODE_KEY)
        if not code_id:
            return redirect("portal:address")
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.page(form)
        try:
            addresses.take_own(request.user, code_id, form.cleaned_data["code"], now=request.now)
        except sign_in.WrongCode as refusal:
            form.add_error("code", str(refusal))
            return self.page(form)
        except sign_in.CodeIsOver as refusal:
            del request.session[CODE_KEY]
            messages.error(request, str(refusal))
            return redirect("portal:address")
        del request.session[CODE_KEY]
        sessions.go_on(request)
        messages.success(request, _("Your new address is in use. You are signed out everywhere else."))
        return redirect("portal:settings")

    def page(self, form: CodeForm) -> HttpResponse:
        address = addresses.asked_address(self.request.session[CODE_KEY])
        return self.draw("portal/confirm_address.html", form=form, address=address)
