"""People who work in a clinic: invited, given roles, and leaving."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit, mailed_links, sealing, second_factor
from clinic.limits import spend
from clinic.mailed_links import Purpose
from clinic.models import AccountEvent, Clinic, DeviceToken, Membership, Role, User
from clinic.refusals import Refused
from clinic.sign_in import PASSWORD_LIMIT, end_keys


class InvitationTokens(PasswordResetTokenGenerator):
    """Signed with the password hash: choosing a password uses the link up. Lives PASSWORD_RESET_TIMEOUT seconds."""

    key_salt = "clinic.accounts.invitation"


tokens = InvitationTokens()
OLD_ADDRESS = "old address"


@transaction.atomic
def invite_member(
    clinic: Clinic,
    *,
    name: str,
    email: str,
    roles: Collection[str],
    licensed: bool = False,
    actor: User | None,
    now: datetime,
) -> Membership:
    """Give a person a place in the clinic. Who has no password yet chooses one through the link in the mail.

    Raises Refused naming the field: no name, a malformed address, no role, somebody who works here already.
    """
    email = email.strip().lower()
    if errors := _faults(name=name, email=email, roles=roles):
        raise Refused(_("Nobody was invited."), errors)
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name.strip())
    membership = Membership.objects.filter(clinic=clinic, user=user).first() or Membership(clinic=clinic, user=user)
    if membership.joined_at and membership.left_at is None:
        text = _("%(email)s works here already.") % {"email": email}
        raise Refused(_("Nobody was invited."), {"email": text})
    membership.joined_at, membership.left_at, membership.licensed = now, None, licensed
    _set_roles(membership, roles)
    membership.save()
    # Whoever came in as a patient, by a code alone, comes in anew as staff.
    end_sessions(user, now=now)
    audit.note("invite", membership, clinic=clinic, actor=actor, now=now)
    return membership


def invitation_path(membership: Membership) -> str:
    """The path of the page on which an invited person chooses a password: for the mail only, never shown to staff."""
    return reverse("invitation", args=[membership.pk, tokens.make_token(membership.user)])


@transaction.atomic
def accept_invitation(membership: Membership, token: str, *, password: str, now: datetime) -> User:
    """Set the first password of an invited person. Raises Refused if the link is used, too old or not theirs."""
    if not may_accept(membership, token):
        raise Refused(_("This link does not work any more. Please ask for a new invitation."))
    set_password(membership.user, password=password, actor=membership.user, now=now)
    audit.note("accept", membership, clinic=membership.clinic_id, actor=membership.user, now=now)
    return membership.user


@transaction.atomic
def choose_new_password(token: str, *, password: str, now: datetime) -> User:
    """Set the password of the member of staff a link was mailed to, and sign them out everywhere.

    The second factor stays: who reads somebody's mail has one key of two. Raises Refused: the link is over (nothing is
    set), or the password is weak (the link still works).
    """
    user = mailed_links.spend(Purpose.PASSWORD, token, now=now)
    set_password(user, password=password, actor=user, now=now)
    end_sessions(user, now=now)
    return user


def may_accept(membership: Membership, token: str) -> bool:
    user = membership.user
    waiting = membership.left_at is None and user.is_active and not user.has_usable_password()
    return waiting and tokens.check_token(user, token)


@transaction.atomic
def change_role(
    membership: Membership, *, roles: Collection[str], licensed: bool, actor: User, now: datetime
) -> Membership:
    """Replace the roles of a member, who signs in anew with them. Raises Refused: no role, the last owner."""
    if errors := _faults(name=None, email=None, roles=roles):
        raise Refused(_("The roles were not changed."), errors)
    if Role.OWNER not in roles:
        _keep_an_owner(membership)
    membership.licensed = licensed
    _set_roles(membership, roles)
    membership.save()
    end_sessions(membership.user, now=now)
    audit.note("change_role", membership, clinic=membership.clinic_id, actor=actor, now=now)
    return membership


@transaction.atomic
def deactivate(membership: Membership, *, actor: User, now: datetime) -> Membership:
    """End a person's work in the clinic: at once, in every browser and on every device. What they did stays.

    They may still be a patient, here or elsewhere, and sign in as one. Raises Refused for the last owner.
    """
    _keep_an_owner(membership)
    if not Membership.objects.filter(pk=membership.pk, left_at=None).update(left_at=now):
        raise Refused(_("This person has left already."))
    end_sessions(membership.user, now=now)
    if not Membership.objects.active().filter(user=membership.user).exists():
        # As a patient they sign in by mail: the app of their working days must not stand in the way.
        second_factor.remove_all(membership.user)
    membership.refresh_from_db()
    audit.note("deactivate", membership, clinic=membership.clinic_id, actor=actor, now=now)
    return membership


def change_password(user: User, *, current: str, password: str, now: datetime) -> None:
    """A person's own change. Raises Refused: too many tries (before hashing), not the current password, a weak new one.

    A try is counted outside of any transaction: what is rolled back was never tried.
    """
    wrong = _("The password was not changed.")
    if not spend(PASSWORD_LIMIT, user.email, now=now):
        raise Refused(wrong, {"current": _("Too many tries. Please wait 15 minutes and try again.")})
    if not user.check_password(current):
        audit.note("password_refused", user, clinic=None, actor=user, now=now)
        raise Refused(wrong, {"current": _("That is not your password.")})
    set_password(user, password=password, actor=user, now=now)


@transaction.atomic
def set_password(user: User, *, password: str, actor: User | None, now: datetime) -> None:
    """Set a password; every other session of the person ends. Raises Refused saying what is wrong with it."""
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise Refused(_("The password was not set."), {"password": " ".join(fault.messages)}) from None
    if user.has_usable_password():
        AccountEvent.objects.create(kind=AccountEvent.Kind.PASSWORD_CHANGED, user=user, actor=actor, at=now)
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.note("set_password", user, clinic=None, actor=actor, now=now)


@transaction.atomic
def reset_second_factor(membership: Membership, *, reason: str, actor: User, now: datetime) -> None:
    """Take every second factor of a member away who lost theirs, after `actor` has made sure who is asking.

    The person is signed out everywhere, sets up a new one at the next sign-in, and gets a mail that says so.
    Raises Refused: no reason, oneself, somebody who has none.
    """
    user = membership.user
    if not reason.strip():
        text = _("Say how you made sure that it is really this person.")
        raise Refused(_("Nothing was reset."), {"reason": text})
    if user == actor:
        raise Refused(_("Nobody resets their own: use a recovery code, or ask another owner."))
    if not second_factor.remove_all(user):
        raise Refused(_("This person has no second step yet: there is nothing to reset."))
    end_sessions(user, now=now)
    kind = AccountEvent.Kind.SECOND_FACTOR_RESET
    AccountEvent.objects.create(
        kind=kind, user=user, clinic=membership.clinic, actor=actor, at=now, note=reason.strip()
    )
    audit.note("reset_second_factor", membership, clinic=membership.clinic_id, actor=actor, now=now)


@transaction.atomic
def note_own_change(kind: AccountEvent.Kind, user: User, *, now: datetime) -> None:
    """Put on record what a person did to their own way in; they get a mail, in case it was somebody else."""
    AccountEvent.objects.create(kind=kind, user=user, actor=user, at=now)
    audit.note(kind, user, clinic=None, actor=user, now=now)


@transaction.atomic
def note_new_address(user: User, *, old: str, clinic: Clinic | UUID | None, actor: User, now: datetime) -> None:
    """Put on record that the mails of `user` go elsewhere now, and end every way in that the old address had.

    The old address gets a mail about it, and is kept sealed until that has gone.
    """
    data = {"to": sealing.seal(old, purpose=OLD_ADDRESS)}
    kind = AccountEvent.Kind.ADDRESS_CHANGED
    clinic_id = clinic.pk if isinstance(clinic, Clinic) else clinic
    AccountEvent.objects.create(kind=kind, user=user, clinic_id=clinic_id, actor=actor, at=now, data=data)
    audit.note(kind, user, clinic=clinic, actor=actor, now=now)
    end_sessions(user, now=now)
    end_keys(user, now=now)


def told_at(event: AccountEvent) -> str:
    """The address a notice goes to: the old one where that was changed, else the person's own."""
    return sealing.unseal(event.data["to"], purpose=OLD_ADDRESS) if "to" in event.data else event.user.email


def forget_address(event: AccountEvent) -> None:
    """The notice has gone: nobody needs the old address any more."""
    AccountEvent.objects.filter(pk=event.pk).update(data={})


def end_sessions(user: User, *, now: datetime) -> None:
    """Sign a person out everywhere."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    DeviceToken.objects.filter(user=user, revoked_at=None).update(revoked_at=now)
    UserSession.objects.filter(user=user).delete()


def _set_roles(membership: Membership, roles: Collection[str]) -> None:
    for role in Role:
        setattr(membership, role.value, role in roles)


def _keep_an_owner(membership: Membership) -> None:
    """Locks the owners' rows: two owners cannot both leave in the same moment."""
    owners = Membership.objects.select_for_update().active().filter(clinic=membership.clinic_id, owner=True)
    if [owner.pk for owner in owners] == [membership.pk]:
        raise Refused(_("A clinic needs an owner: make somebody else an owner first."))


def _faults(*, name: str | None, email: str | None, roles: Collection[str]) -> dict[str, str]:
    errors = {}
    if name is not None and not name.strip():
        errors["name"] = _("Enter a name.")
    if email is not None:
        try:
            validate_email(email)
        except ValidationError:
            errors["email"] = _("%(email)s is not an e-mail address.") % {"email": email}
    if not roles or set(roles) - set(Role.values):
        errors["roles"] = _("Choose one role or more.")
    return errors
