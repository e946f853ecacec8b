"""Browsers in which somebody is signed in, without walking through the sign-in pages each time."""

from django.test import Client

from clinic import second_factor
from clinic.models import User


def signed_in(user: User, *, second_step: bool = True) -> Client:
    """A browser in which `user` is signed in; as staff they have shown their second step, unless told otherwise."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    if second_step:
        session = client.session
        session[second_factor.SESSION_KEY] = {"user": str(user.pk), "by": "totp"}
        session.save()
    return client
