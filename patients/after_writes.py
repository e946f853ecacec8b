"""Rings the flag workers after a write in any door: somebody may have reported pain. Verbs send no tasks themselves."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from clinic import doorbell

READS = {"GET", "HEAD", "OPTIONS"}


class AfterWritesMiddleware:
    """The ring is a hint: without it the flags are raised by the next tick, within 15 seconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method not in READS and response.status_code < 400:
            doorbell.ring("patients.tasks.raise_flags")
        return response
