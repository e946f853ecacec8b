"""Before a step that matters, who is signed in shows once more who they are, unless they did within ten minutes.

Staff by password or second factor, on allauth's pages; patients and carers by a fresh code in a mail. A session that
is open on a lost phone, or a cookie somebody copied, is not enough to take a record away or to change an address.
"""

import time
from datetime import datetime
from uuid import UUID

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from clinic import audit, sign_in
from clinic.access import is_staff
from clinic.models import SignInCode, User
from clinic.requests import ClinicRequest

Purpose = SignInCode.Purpose


def note_shown(request: HttpRequest, user: User, *, by: str) -> None:
    """`user` has just shown who they are: no page asks for it again for a while."""
    record_authentication(request, user, by, reauthenticated=True)


def is_fresh(request: ClinicRequest) -> bool:
    """Whether the person of this session has shown who they are within ACCOUNT_REAUTHENTICATION_TIMEOUT."""
    if is_staff(request.membership):
        return bool(did_recently_reauthenticate(request))
    shown = [one["at"] for one in get_authentication_records(request, request.user) if one.get("reauthenticated")]
    return bool(shown) and time.time() - shown[-1] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ask(request: ClinicRequest) -> HttpResponse:
    """To the page on which this person shows it, and from there back to this one."""
    page = "account_reauthenticate" if is_staff(request.membership) else "confirm_by_mail"
    return redirect(f"{reverse(page)}?{urlencode({'next': request.path})}")


def send_code(user: User, *, visitor: str, now: datetime) -> SignInCode:
    """Mail a fresh code to the address of `user`, counted like those of the sign-in. Raises TooManyTries."""
    sign_in.spend_mail(user.email, visitor=visitor, now=now)
    return sign_in.make_code(Purpose.CONFIRM, user, now=now)


def confirm(request: ClinicRequest, code_id: UUID | str, typed: str) -> None:
    """`typed` shows who is there. Raises WrongCode or CodeIsOver."""
    row = sign_in.use_code(Purpose.CONFIRM, code_id, typed, now=request.now)
    if row.user != request.user:
        raise sign_in.CodeIsOver(str(sign_in.OVER))
    note_shown(request, request.user, by="code")
    audit.note("confirm", request.user, clinic=None, actor=request.user, now=request.now)
