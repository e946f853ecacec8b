"""How long a session lives, and the list of one's own. Staff sit at shared desks: theirs are short."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clinic import second_factor
from clinic.models import User
from clinic.requests import ClinicRequest

SESSION_KEY = "times"
# Each note is a write: a page more or less in five minutes changes nothing.
NOTED_EVERY = timedelta(minutes=5)
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux")),
)


class SessionTimesMiddleware:
    """Ends a session nobody used for a while, and any session after its longest time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or not isinstance(request.user, User):
            return None
        if keep_alive(request, now=request.now):  # type: ignore[attr-defined]
            return None
        logout(request)
        messages.info(request, _("You were signed out after a while without use. Please sign in again."))
        return redirect(f"{settings.LOGIN_URL}?next={request.path}" if request.method == "GET" else settings.LOGIN_URL)


def keep_alive(request: HttpRequest, *, now: datetime) -> bool:
    """Note that the session is in use; False if it is over. The first use counts as its beginning."""
    at = now.timestamp()
    began, seen = request.session.get(SESSION_KEY) or (at, 0.0)
    idle, longest = limits_of(request)
    if seen and (at - seen > idle.total_seconds() or at - began > longest.total_seconds()):
        return False
    if at - seen > NOTED_EVERY.total_seconds():
        request.session[SESSION_KEY] = (began, at)
    return True


def begin(request: HttpRequest) -> None:
    """A new sign-in starts the times anew, also in a browser that was signed in before."""
    request.session.pop(SESSION_KEY, None)


def limits_of(request: HttpRequest) -> tuple[timedelta, timedelta]:
    """Longest pause and longest life. Who has not shown to be a patient or carer is held to the times of staff."""
    mark = request.session.get(second_factor.SESSION_KEY) or {}
    if mark.get("by") == second_factor.NOT_STAFF:
        return settings.PATIENT_SESSION_IDLE, settings.PATIENT_SESSION_LONGEST
    return settings.STAFF_SESSION_IDLE, settings.STAFF_SESSION_LONGEST


@dataclass(frozen=True, slots=True)
class OwnSession:
    pk: int
    browser: str
    since: datetime
    is_this_one: bool


def own(request: HttpRequest) -> list[OwnSession]:
    """The sessions of the signed-in person that are alive, the newest first."""
    rows = UserSession.objects.filter(user=request.user).order_by("-created_at")
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows],
            expire_date__gt=request.now,  # type: ignore[attr-defined]
        ).values_list("session_key", flat=True)
    )
    here = request.session.session_key
    return [
        OwnSession(row.pk, browser_of(row.user_agent), row.created_at, row.session_key == here)
        for row in rows
        if row.session_key in alive
    ]


def end_one(user: User, pk: int) -> bool:
    """End one session of `user`; False if there is none of that number."""
    row = UserSession.objects.filter(user=user, pk=pk).first()
    if row:
        row.end()
    return row is not None


def go_on(request: ClinicRequest) -> None:
    """All sessions of the signed-in person have ended; this one goes on."""
    request.user.refresh_from_db()
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)


def browser_of(user_agent: str) -> str:
    """ "Firefox on Android": as much as helps to know one's own again."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), _("A browser"))
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser
