"""Who is asking: a device with its token, or a browser that is signed in, for staff with its second factor shown."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic import device_tokens, second_factor, sessions
from clinic.models import DeviceToken, User

LONGEST_TOKEN = 200


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`. A token that does not work is refused, never passed on to the session."""

    def authenticate(self, request: Request) -> tuple[User, DeviceToken] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        device = device_tokens.holder_of(token.strip()[:LONGEST_TOKEN], now=request.now)  # type: ignore[attr-defined]
        if device is None:
            raise AuthenticationFailed(_("This token does not work. Make a new one on a signed-in page."))
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class BrowserAuthentication(SessionAuthentication):
    """The session of a browser. Middleware leaves API views alone: here staff without a second factor are refused."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        found = super().authenticate(request)
        if found and not sessions.keep_alive(request._request, now=request.now):  # type: ignore[attr-defined]
            raise AuthenticationFailed(_("You were signed out after a while without use. Please sign in again."))
        if found is None or second_factor.is_settled(request._request, found[0]):
            return found
        if not second_factor.settle_if_not_staff(request._request, found[0]):
            raise AuthenticationFailed(_("Set up your second step on the pages first."))
        return found


class BrowserScheme(SessionScheme):  # type: ignore[no-untyped-call]
    target_class = BrowserAuthentication  # type: ignore[assignment]


class DeviceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = DeviceAuthentication
    name = "device"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from POST /api/v1/devices/."}
