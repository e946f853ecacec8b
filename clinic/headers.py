"""Response headers that every page carries."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# What no page of ours uses, so that injected text cannot either. Passkeys are for our own pages alone.
PERMISSIONS = ", ".join(
    [
        *(f"{power}=()" for power in ("accelerometer", "autoplay", "camera", "display-capture", "geolocation")),
        *(f"{power}=()" for power in ("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb")),
        *(f"{power}=(self)" for power in ("publickey-credentials-create", "publickey-credentials-get")),
    ]
)


class PrivateResponsesMiddleware:
    """Keep pages out of every cache unless the view says otherwise: nearly all of them are about one person.

    Static files do not pass here: WhiteNoise answers them before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


def forget_this_site(response: HttpResponse) -> HttpResponse:
    """Tell the browser to drop what it kept of us: nothing is behind the back button of a shared computer.

    Not its storage: a session logged without a network waits there to be sent, and is never thrown away unasked.
    """
    response.headers["Clear-Site-Data"] = '"cache", "cookies"'
    return response
