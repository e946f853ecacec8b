"""What allauth does for us: the steps of a sign-in. What it must not do: sign up, and speak in its own words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from clinic import audit
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

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Here the last step of the sign-in is done, whatever the steps were."""
        audit.note("sign_in", user, clinic=None, actor=user, now=timezone.now())
        response: HttpResponse = super().post_login(request, user, **kwargs)
        return response
