"""What allauth does for us: the steps of a sign-in, the second factor. What it must not: sign up, use its own words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic import audit, sealing, second_factor, sessions
from clinic.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Every mail of ours leaves through the outbox."""
        raise NotImplementedError("allauth sends no mail here.")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say what they have to say themselves."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_login"))

    def get_login_stages(self) -> list[str]:
        usual: list[str] = super().get_login_stages()
        ours = {"allauth.mfa.stages.AuthenticateStage": "clinic.second_factor.SecondFactorStage"}
        return [ours.get(stage, stage) for stage in usual]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Here the last step of the sign-in is done, whatever the steps were."""
        second_factor.is_settled(request, user) or second_factor.settle_if_not_staff(request, user)
        sessions.begin(request)
        audit.note("sign_in", user, clinic=None, actor=user, now=timezone.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keys of authenticator apps are kept sealed; nobody on the staff removes their last second factor."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That is not the right code. Codes change every half a minute: type the newest one."),
        "cannot_delete_authenticator": _("This is your only second step. Set up another one first."),
    }
    purpose = "second factor"

    def encrypt(self, text: str) -> str:
        return sealing.seal(text, purpose=self.purpose)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text, purpose=self.purpose)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user=authenticator.user, type__in=second_factor.STRONG)
        return bool(others.exclude(pk=authenticator.pk).exists())

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return str(_("Passkey"))
