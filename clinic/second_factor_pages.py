"""The pages of the second factor, for staff only: allauth's views, behind our access and on our record."""

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from clinic import accounts, demo_cast, second_factor
from clinic.access import is_staff, require
from clinic.models import AccountEvent
from clinic.requests import ClinicRequest

Kind = AccountEvent.Kind


class StaffOnly:
    request: ClinicRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require(is_staff(self.request.membership))
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def was_set_up(self, by: str) -> None:
        """A factor that was just set up has also been shown."""
        second_factor.settle(self.request, self.request.user, by=by)
        self.note(Kind.SECOND_FACTOR_ADDED)

    def note(self, kind: AccountEvent.Kind) -> None:
        accounts.note_own_change(kind, self.request.user, now=self.request.now)


class Overview(StaffOnly, IndexView):  # type: ignore[misc]
    """What is set up; for who has nothing yet, the choice."""


class SetUpApp(StaffOnly, ActivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.was_set_up(Authenticator.Type.TOTP)
        return answer


class RemoveApp(StaffOnly, DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.note(Kind.SECOND_FACTOR_REMOVED)
        return answer


class AddPasskey(StaffOnly, AddWebAuthnView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        self.was_set_up(Authenticator.Type.WEBAUTHN)
        return answer


class RemovePasskey(StaffOnly, RemoveWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.get_object()):
            messages.error(self.request, _("This is your only second step. Set up another one first."))
            return redirect("mfa_index")
        answer: HttpResponse = super().form_valid(form)
        self.note(Kind.SECOND_FACTOR_REMOVED)
        return answer


class RecoveryCodes(StaffOnly, ViewRecoveryCodesView):  # type: ignore[misc]
    """Shown once, right after they were made."""


class NewRecoveryCodes(StaffOnly, GenerateRecoveryCodesView):  # type: ignore[misc]
    pass


class SecondStep(AuthenticateView):  # type: ignore[misc]
    """Between the password and the session."""

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        user = self.stage.login.user
        second_factor.settle(self.request, user, by="second step")
        answer: HttpResponse = self.stage.exit()
        return answer


class PasswordAgain(StaffOnly, ReauthenticateView):  # type: ignore[misc]
    """Before a step that matters, who is signed in shows once more who they are."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        is_cast = settings.LOCAL_MODE and demo_cast.users().filter(pk=self.request.user.pk).exists()
        return context | {"is_cast": is_cast}


class CodeAgain(StaffOnly, CodeAgainView):  # type: ignore[misc]
    pass


class PasskeyAgain(StaffOnly, ReauthenticateWebAuthnView):  # type: ignore[misc]
    def form_invalid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return answer
