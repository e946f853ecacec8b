"""The product's own map, and a view that does nothing behind the same middleware."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from clinic.urls import urlpatterns as product


def empty(request: HttpRequest) -> HttpResponse:
    """Reads who is signed in, as every page does, and nothing else."""
    assert request.user.is_authenticated
    return HttpResponse("ok")


urlpatterns = [path("bench/empty/", empty), *product]
