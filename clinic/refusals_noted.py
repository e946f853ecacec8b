"""Refusals in the audit: pages that were not opened, and sign-ins that failed."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic import audit
from clinic.models import User

VERBS = {403: "not_allowed", 404: "not_found"}
USER = User._meta.label_lower


class NoteRefusalsMiddleware:
    """Notes who was turned away from what: a wrong role, or the id of something that is not theirs.

    Only for people who are signed in, and a 404 only where the address names an object: strangers who try
    addresses would fill the table.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code in VERBS and request.user.is_authenticated:
            note_refusal(request, response.status_code)
        return response


def note_refusal(request: HttpRequest, status: int) -> None:
    match = request.resolver_match
    if match is None:
        return
    wanted = next((value for value in match.kwargs.values() if isinstance(value, UUID)), None)
    if status == 403 or wanted:
        audit.write(
            VERBS[status],
            label=match.view_name[:60],
            object_id=wanted,
            clinic=request.clinic or None,  # type: ignore[attr-defined]
            actor=cast(User, request.user),
            now=request.now,  # type: ignore[attr-defined]
        )


@receiver(user_login_failed)
def note_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    """The typed address is not kept, only whose it is: people type passwords into the wrong field."""
    email = str(credentials.get("username") or credentials.get("email") or "").strip().lower()
    known = User.objects.filter(email=email).values_list("pk", flat=True).first()
    audit.write("sign_in_failed", label=USER, object_id=known, clinic=None, actor=None, now=timezone.now())


@receiver(user_logged_out)
def note_sign_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.note("sign_out", user, clinic=None, actor=user, now=timezone.now())
