"""Which role opens which part of the API, and whose data a request is about."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request

from clinic.access import can_open_patients, can_treat, can_triage
from clinic.models import Clinic, Membership, User
from patients.api.errors import NotReady, Restricted
from patients.models import Patient

CLINIC_HEADER = OpenApiParameter(
    "X-Clinic", UUID, OpenApiParameter.HEADER, description="The clinic to work in. Without it: the oldest membership."
)


class ApiRequest(Request):
    """What a request carries when it reaches a view, for the type checker."""

    user: User
    now: datetime
    memberships: list[Membership]
    membership: Membership


def membership_of(request: Request) -> Membership | None:
    """The place in a clinic this request speaks for: the one X-Clinic names, else as on the pages.

    A device has no session to choose in: without the header it works in the clinic its owner joined first.
    """
    asked = cast(ApiRequest, request)
    named = asked.headers.get("X-Clinic")
    if named is None:
        return asked.membership or None
    for membership in asked.memberships:
        if str(membership.clinic_id) == named.strip().lower():
            return membership
    raise NotFound(_("X-Clinic names no clinic you work in."))


def clinic_of(request: Request) -> Clinic:
    membership = membership_of(request)
    assert membership is not None, "only behind a permission that asks for a role"
    return membership.clinic


class Triages(IsAuthenticated):
    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and can_triage(membership_of(request))


class Treats(IsAuthenticated):
    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and can_treat(membership_of(request))


class OpensPatients(IsAuthenticated):
    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and can_open_patients(membership_of(request))


class FollowsAPatient(IsAuthenticated):
    """Patients and those who look after one."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return super().has_permission(request, view) and bool(followed(request))


class SignedInByHand(BasePermission):
    """Not by a token: a stolen one could otherwise make itself successors, or find out about other devices."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.successful_authenticator, SessionAuthentication)


def followed(request: Request) -> list[Patient]:
    """The patients whose portal this person may open, their own first; read once a request."""
    asked: Any = request._request
    user = cast(User, request.user)
    if not hasattr(asked, "followed_patients"):
        mine = Patient.objects.followed_by(user).with_a_portal().select_related("clinic", "user")
        asked.followed_patients = sorted(mine, key=lambda one: (one.user_id != user.pk, one.created_at))
    return cast(list[Patient], asked.followed_patients)


def patient_of(request: Request, pk: UUID | None, *, even_restricted: bool = False) -> Patient:
    """The patient a request is about: the one it names, else the signed-in patient, else the only one cared for."""
    own = [one for one in followed(request) if one.user_id == request.user.pk]
    found = own or followed(request) if pk is None else [one for one in followed(request) if one.pk == pk]
    if not found:
        raise NotFound
    if pk is None and len(found) > 1:
        raise ValidationError({"patient": [_("Say for which patient: you follow several.")]})
    if not found[0].clinic.is_ready:
        raise NotReady
    if found[0].restricted and not even_restricted:
        raise Restricted
    return found[0]
