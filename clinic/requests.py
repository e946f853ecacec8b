"""What a request carries when it reaches a view, for the type checker. clinic.access puts it there."""

from datetime import datetime

from django.http import HttpRequest

from clinic.models import Clinic, Membership, User


class VisitorRequest(HttpRequest):
    """A request of anybody, on a page that needs no sign-in."""

    now: datetime


class ClinicRequest(HttpRequest):
    """A request of a person who is signed in. `membership` and `clinic` are falsy for who works in no clinic."""

    user: User
    now: datetime
    memberships: list[Membership]
    membership: Membership
    clinic: Clinic
