"""The second factor of staff: whether a session has shown it, whether a person has one, whether a code is right.

The factors themselves (authenticator app, passkeys, recovery codes) are allauth's. A session is settled when its person
has shown a second factor in it, or was not on the staff when they signed in: who joins the staff is signed out first.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.utils import decrypt
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinic.limits import Limit, spend
from clinic.models import User
from clinic.sign_in import is_on_staff

View = Callable[..., Any]

SESSION_KEY = "second_factor"
NOT_STAFF = "not on the staff"
DEMO = "demo cast"
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
LIMITS = (
    Limit("second factor", 5, timedelta(minutes=15)),
    # Three codes are right at a time: this leaves a thief of the password one chance in ten thousand a day.
    Limit("second factor a day", 30, timedelta(days=1)),
)
# An app's code is right for a minute and a half: each works once in that time, on every machine and without a cache.
ONCE = Limit("app code", 1, timedelta(minutes=3))


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]
    """allauth's step between password and session; the demo cast of local mode walks past it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not is_settled(request, self.login.user) and super()._should_handle(request)


class SecondFactorMiddleware:
    """Leads staff to their second factor before any page. API views ask by themselves (patients/api/authentication)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        if is_settled(request, request.user) or settle_if_not_staff(request, request.user):
            return None
        if is_set_up(request.user):
            # Signed in before the factor was set up in another browser: only a new sign-in asks for it.
            logout(request)
            messages.info(request, _("Please sign in again: your account asks for a second step now."))
            return redirect("sign_in_staff")
        return None if getattr(view, "before_second_factor", False) else redirect("mfa_index")


def before_second_factor(view: View) -> View:
    """Marks a page on which a second factor is set up: staff may open it while they have none."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def is_settled(request: HttpRequest, user: User | None) -> bool:
    """Whether this session has shown the second factor of `user`, or needs none."""
    mark = request.session.get(SESSION_KEY) or {}
    return user is not None and mark.get("user") == str(user.pk)


def settle(request: HttpRequest, user: User, *, by: str) -> None:
    request.session[SESSION_KEY] = {"user": str(user.pk), "by": by}


def settle_if_not_staff(request: HttpRequest, user: User) -> bool:
    """Patients and carers need no second factor. Noted once, so that their pages pay no query for it."""
    if is_on_staff(user):
        return False
    settle(request, user, by=NOT_STAFF)
    return True


def is_set_up(user: User) -> bool:
    """An app or a passkey; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=user, type__in=STRONG).exists())


def may_try(user: User, *, now: datetime) -> bool:
    """Count one try at a code of `user`; False if there were too many. Nothing is compared then."""
    return all(spend(limit, str(user.pk), now=now) for limit in LIMITS)


def factor_of_code(user: User, code: str, *, now: datetime) -> Authenticator | None:
    """The factor whose code this is, used up by this call: an app's code or a recovery code. None if it is neither."""
    code = "".join(code.split())
    for factor in Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN):
        if factor.type == Authenticator.Type.TOTP:
            right = validate_totp_code(decrypt(factor.data["secret"]), code)
            if right and spend(ONCE, f"{user.pk}:{code}", now=now):
                return factor
        elif factor.wrap().validate_code(code):
            return factor
    return None


def remove_all(user: User) -> int:
    """How many factors and sets of codes are gone."""
    return int(Authenticator.objects.filter(user=user).delete()[0])
