"""Addresses with a null byte in them: no text of ours has one, and PostgreSQL can hold none."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class NoNullBytesMiddleware:
    """Refuses them before a search or a filter meets the database. What forms and the API read is checked there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "\x00" in asked or "%00" in asked:
            raise BadRequest("a null byte in the address")
        return self.get_response(request)
