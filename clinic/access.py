"""Who may see what: role predicates, and the base of every `visible_to(user)`. Closed unless a model opens it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from uuid6 import uuid7

from clinic.request_id import request_id

if TYPE_CHECKING:
    from clinic.models import Clinic, Membership, User

    Ids = models.QuerySet[Membership, UUID] | list[UUID]

M = TypeVar("M", bound=models.Model)

CARE_ROLES = ("therapist", "desk", "owner")  # who may open a patient; trainers never


class ScopedQuerySet(models.QuerySet[M]):
    """A queryset that shows nothing until its model says who may see it."""

    clinic_path: ClassVar[str] = "clinic"

    def visible_to(self, user: User) -> Self:
        return self.none()

    def of(self, clinic: Clinic) -> Self:
        """Only what belongs to the clinic that is active on this page."""
        return self.filter(**{self.clinic_path: clinic})


def clinics_of(user: User, *roles: str) -> Ids:
    """Ids of the clinics in which `user` holds one of `roles` today (any role if none is named): as the request has
    looked them up already, else as a subquery.
    """
    if (posts := _looked_up(user)) is not None:
        return [post.clinic_id for post in posts if not roles or post.roles.intersection(roles)]
    wanted = models.Q()
    for role in roles:
        wanted |= models.Q(**{role: True})
    return _held_by(user).filter(wanted).values_list("clinic_id", flat=True)


def clinics_seen_whole(user: User) -> Ids:
    """Ids of the clinics all of whose patients `user` may open: not of those that show a therapist only their own."""
    if (posts := _looked_up(user)) is not None:
        return [post.clinic_id for post in posts if can_open_patients(post) and not sees_in_part(post)]
    treats = models.Q(therapist=True, clinic__caseload_only=False)
    whole = models.Q(owner=True) | models.Q(desk=True, therapist=False) | treats
    return _held_by(user).filter(whole).values_list("clinic_id", flat=True)


def clinics_seen_in_part(user: User) -> Ids:
    """Ids of the clinics in which `user` sees only their own patients, and what an emergency opens."""
    if (posts := _looked_up(user)) is not None:
        return [post.clinic_id for post in posts if sees_in_part(post)]
    part = _held_by(user).filter(therapist=True, owner=False, clinic__caseload_only=True)
    return part.values_list("clinic_id", flat=True)


def clinics_on_duty(user: User) -> Ids:
    """Ids of the clinics in which `user` takes over what others left: licensed, or a therapist where nobody is."""
    membership = apps.get_model("clinic", "Membership")
    licensed = membership.objects.therapists().filter(clinic=models.OuterRef("clinic"), licensed=True)
    on_duty = models.Q(licensed=True) | ~models.Exists(licensed)
    return _held_by(user).filter(on_duty, therapist=True).values_list("clinic_id", flat=True)


def clinics_treated_in(user: User, now: datetime) -> Ids:
    """Ids of the clinics in which `user` is a therapist and not away."""
    if (posts := _looked_up(user)) is not None:
        return [post.clinic_id for post in posts if post.therapist and not post.is_away(now)]
    membership = apps.get_model("clinic", "Membership")
    return membership.objects.therapists().here(now).filter(user=user.pk).values_list("clinic_id", flat=True)


def _held_by(user: User) -> models.QuerySet[Membership]:
    membership = apps.get_model("clinic", "Membership")
    return membership.objects.filter(user=user.pk, left_at=None, user__is_active=True)


def _looked_up(user: User) -> list[Membership] | None:
    return getattr(user, "posts", None)  # nobody signed in has none


# A request's membership is looked up lazily, so these ask for its truth: a lazy nobody `is not None`.
def is_staff(membership: Membership | None) -> bool:
    return bool(membership)


def can_treat(membership: Membership | None) -> bool:
    """Assign, adjust, hold and resume: therapists."""
    return bool(membership and membership.therapist)


def can_open_patients(membership: Membership | None) -> bool:
    return bool(membership and (membership.therapist or membership.desk or membership.owner))


def can_triage(membership: Membership | None) -> bool:
    """See the queue and log contact attempts; who may close what is asked per flag."""
    return can_open_patients(membership)


def can_edit_library(membership: Membership | None) -> bool:
    return bool(membership and (membership.trainer or membership.owner))


def can_try_out(membership: Membership | None) -> bool:
    """Dry runs on made-up patients: who writes programs, assigns them, or answers for them."""
    return bool(membership and (membership.therapist or membership.trainer or membership.owner))


def can_try_on_histories(membership: Membership | None) -> bool:
    """Dry runs over what was really logged: never for trainers, who see no patient."""
    return bool(membership and (membership.therapist or membership.owner))


def sees_in_part(membership: Membership | None) -> bool:
    """As `clinics_seen_in_part` asks the database."""
    return bool(membership and membership.therapist and not membership.owner and membership.clinic.caseload_only)


def can_run_clinic(membership: Membership | None) -> bool:
    return bool(membership and membership.owner)


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


CLINIC_KEY = "clinic"


class ActiveClinicMiddleware:
    """Gives each request one clock reading, and the clinic its user works in.

    Both are looked up on first use: a portal page asks for no membership and pays no query for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id.set(uuid7().hex)
        request.now = timezone.now()  # type: ignore[attr-defined]
        request.memberships = SimpleLazyObject(lambda: memberships_of(request))  # type: ignore[attr-defined]
        request.membership = SimpleLazyObject(lambda: active_membership(request))  # type: ignore[attr-defined]
        request.clinic = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: request.membership.clinic if request.membership else None  # type: ignore[attr-defined]
        )
        return self.get_response(request)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Every place the signed-in person has in a clinic, the oldest first."""
    if not request.user.is_authenticated:
        return []
    membership = apps.get_model("clinic", "Membership")
    mine = membership.objects.filter(user=request.user, left_at=None).select_related("clinic")
    request.user.posts = list(mine.order_by("joined_at", "pk"))
    return request.user.posts


def active_membership(request: HttpRequest) -> Membership | None:
    """The membership of the clinic chosen in this session, else the oldest one."""
    mine = request.memberships  # type: ignore[attr-defined]
    chosen = request.session.get(CLINIC_KEY)
    return next((m for m in mine if str(m.clinic_id) == chosen), mine[0] if mine else None)
