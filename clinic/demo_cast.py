"""The people of the demo clinic, whom one may "continue as" in local mode. They are known by their addresses."""

from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from clinic.models import Membership, User

# Reserved by RFC 2606: no mail to it can reach anybody.
DOMAIN = "demo.stepwell.example"


@dataclass(frozen=True, slots=True)
class Person:
    user: User
    posts: list[Membership]

    @property
    def does(self) -> str:
        if not self.posts:
            return _("Patient or carer")
        return "; ".join(f"{', '.join(_does(post))} · {post.clinic.name}" for post in self.posts)


def _does(post: Membership) -> list[str]:
    roles = [str(role.label) for role in sorted(post.roles)]
    return roles if post.licensed or not post.therapist else [*roles, _("not licensed")]


def users() -> QuerySet[User]:
    return User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True)


def people() -> list[Person]:
    """Staff first, clinic by clinic, then patients and carers; each with what they do."""
    posts = Membership.objects.active().select_related("clinic").order_by("clinic__name", "joined_at", "pk")
    cast = users().prefetch_related(Prefetch("memberships", posts)).order_by("name")
    return sorted(
        (Person(user, list(user.memberships.all())) for user in cast),
        key=lambda person: (not person.posts, [post.clinic.name for post in person.posts]),
    )
