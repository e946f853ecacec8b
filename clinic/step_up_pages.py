"""The page on which patients and carers show by a mailed code who they are. Staff have theirs: second_factor_pages."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from clinic import sign_in, step_up
from clinic.access import is_staff
from clinic.forms import CodeForm
from clinic.requests import ClinicRequest
from clinic.sign_in_pages import asked_for, next_page, visitor

# What a browser that asked for a code remembers: the row.
CODE_KEY = "confirm_code"


class ConfirmByMail(View):
    """First a button that sends the code (a GET sends no mail), then the field for it, then back to `next`."""

    request: ClinicRequest

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if is_staff(self.request.membership):
            return redirect("account_reauthenticate")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: ClinicRequest) -> HttpResponse:
        return self.page(CodeForm())

    def post(self, request: ClinicRequest) -> HttpResponse:
        if "send" in request.POST:
            return self.send()
        code_id = request.session.get(CODE_KEY)
        form = CodeForm(request.POST)
        if not code_id or not form.is_valid():
            return self.page(form)
        try:
            step_up.confirm(request, code_id, form.cleaned_data["code"])
        except sign_in.WrongCode as refusal:
            form.add_error("code", str(refusal))
            return self.page(form)
        except sign_in.CodeIsOver as refusal:
            del request.session[CODE_KEY]
            messages.error(request, str(refusal))
            return self.again()
        del request.session[CODE_KEY]
        messages.success(request, _("Thank you. You can go on now."))
        return redirect(next_page(request))

    def send(self) -> HttpResponse:
        request = self.request
        try:
            row = step_up.send_code(request.user, visitor=visitor(request), now=request.now)
        except sign_in.TooManyTries as refusal:
            return self.page(CodeForm(), refusal=str(refusal), status=429)
        request.session[CODE_KEY] = str(row.pk)
        return self.again()

    def again(self) -> HttpResponse:
        wanted = asked_for(self.request)
        return redirect(f"{self.request.path}?{urlencode({'next': wanted})}" if wanted else self.request.path)

    def page(self, form: CodeForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
        sent = CODE_KEY in self.request.session
        context = {"form": form, "next": asked_for(self.request), "sent": sent, "refusal": refusal}
        return render(self.request, "registration/confirm_by_mail.html", context, status=status)
