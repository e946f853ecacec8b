"""Who is asking: a device with its token. A browser that is signed in is let in by DRF's own session check."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from clinic import device_tokens
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


class DeviceScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = DeviceAuthentication
    name = "device"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token from POST /api/v1/devices/."}
