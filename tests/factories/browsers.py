"""Browsers in which somebody is signed in, without walking through the sign-in pages each time."""

import time

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.test import Client

from clinic import second_factor, sessions
from clinic.models import User

# Months go by in tests while a page stays open: by these times the session was last used at the end of all tests.
ENDLESS = (2**40, 2**40)


def shown_again(browser: Client, user: User) -> Client:
    """The same browser, in which `user` has just shown once more who they are."""
    session = browser.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "code", "at": time.time(), "reauthenticated": True}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return browser


def signed_in(user: User, *, second_step: bool = True) -> Client:
    """A browser in which `user` is signed in; as staff they have shown their second step, unless told otherwise.

    The session does not end by itself: what ends one is tried in tests/clinic/test_sessions.py.
    """
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[sessions.SESSION_KEY] = ENDLESS
    if second_step:
        session[second_factor.SESSION_KEY] = {"user": str(user.pk), "by": "totp"}
    session.save()
    return client
