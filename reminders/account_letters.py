"""Mails about a way in: invitations, codes, links, and what was changed. No name of a clinic's work in any of them."""

from collections.abc import Callable
from dataclasses import replace

from django.utils.translation import gettext as _

from clinic import mailed_links
from clinic.accounts import invitation_path
from clinic.models import AccountEvent, Clinic, SignInCode
from clinic.sign_in import open_code
from reminders.checks import Parcel
from reminders.letter import Letter, dear, site

Purpose = SignInCode.Purpose


def invitation(parcel: Parcel) -> Letter:
    member = parcel.membership
    if member is None:
        raise TypeError("an invitation without a membership")
    return Letter(
        subject=_("Your invitation to Stepwell"),
        greeting=dear(member.user.get_short_name()),
        paragraphs=[
            _("%(clinic)s has given you a place in Stepwell. Choose a password to start.")
            % {"clinic": member.clinic.name},
            _("The link works once and for a few days. Ask for a new invitation if it is too old."),
        ],
        button=_("Choose a password"),
        link=site(invitation_path(member)),
    )


def account_notice(parcel: Parcel) -> Letter:
    """What changed, and whom to tell if it was not they. No link: who fears a theft should not have to trust one."""
    event = parcel.account_event
    if event is None:
        raise TypeError("a notice without what happened")
    texts = {
        AccountEvent.Kind.SECOND_FACTOR_ADDED: _("A second step for signing in was set up in your account."),
        AccountEvent.Kind.SECOND_FACTOR_REMOVED: _("A second step for signing in was removed from your account."),
        AccountEvent.Kind.SECOND_FACTOR_RESET: _(
            "An owner of your clinic has reset the second step of your account. You are signed out everywhere and set "
            "up a new one at your next sign-in."
        ),
        AccountEvent.Kind.PASSWORD_CHANGED: _("The password of your account was set."),
    }
    if event.kind == AccountEvent.Kind.ADDRESS_CHANGED:
        return _address_notice(parcel.message.clinic)
    return Letter(
        subject=_("Your account was changed"),
        greeting=dear(event.user.get_short_name()),
        paragraphs=[texts[AccountEvent.Kind(event.kind)]],
        closing=[_("Was it not you? Then tell an owner of your clinic at once, and change your password.")],
    )


def _address_notice(clinic: Clinic | None) -> Letter:
    """To the old address, which somebody else may read by now: no name, and whom to call."""
    closing = _("Was it not you? Then please tell us at once.")
    if clinic and clinic.phone:
        closing = _("Was it not you? Then please call us at once: %(phone)s.") % {"phone": clinic.phone}
    return Letter(
        subject=_("Your account was changed"),
        greeting=dear(""),
        paragraphs=[
            _("The e-mail address of your account was changed. Our mails do not come to this address any more.")
        ],
        closing=[closing],
    )


def code(parcel: Parcel) -> Letter:
    """The code is in the text alone: subjects are shown on locked screens."""
    if parcel.code is None:
        raise TypeError("a code mail without a code")
    digits = open_code(parcel.code)
    letter = CODE_LETTERS[Purpose(parcel.code.purpose)](parcel.code)
    return replace(letter, greeting=_("Hello,"), code=f"{digits[:3]} {digits[3:]}")


def _sign_in_code(code: SignInCode) -> Letter:
    return Letter(
        subject=_("Your sign-in code"),
        greeting="",
        paragraphs=[
            _("Type this code on the page where you asked for it, or open the link below on any device."),
            _("Code and link work once, for ten minutes."),
        ],
        button=_("Sign in"),
        link=site(mailed_links.path_of(code.link)),
        closing=[_("You did not ask for it? Then do nothing, and pass neither on: they let anybody in.")],
    )


def _confirm_code(code: SignInCode) -> Letter:
    return Letter(
        subject=_("Your code"),
        greeting="",
        paragraphs=[
            _("Type this code on the page where you asked for it. It shows us that it is you."),
            _("The code works once, for ten minutes."),
        ],
        closing=[
            _(
                "You did not ask for it? Then somebody else may be signed in as you: do not pass the code on, and end "
                "the other sessions under “My account”."
            )
        ],
    )


def _address_code(code: SignInCode) -> Letter:
    return Letter(
        subject=_("Please confirm your e-mail address"),
        greeting="",
        paragraphs=[
            _("Somebody, most likely you, wants our mails to come to this address."),
            _("Type this code on the page that asks for it."),
            _("The code works once, for ten minutes."),
        ],
        closing=[_("It was not you? Then do nothing: without the code nothing changes.")],
    )


CODE_LETTERS: dict[Purpose, Callable[[SignInCode], Letter]] = {
    Purpose.SIGN_IN: _sign_in_code,
    Purpose.CONFIRM: _confirm_code,
    Purpose.ADDRESS: _address_code,
}


def password_link(parcel: Parcel) -> Letter:
    if parcel.link is None or parcel.link.user is None:
        raise TypeError("a mail with a link without a link")
    return Letter(
        subject=_("Choose a new password"),
        greeting=dear(parcel.link.user.get_short_name()),
        paragraphs=[_("Somebody, most likely you, asked for a new password. The link works once, for an hour.")],
        button=_("Choose a new password"),
        link=site(mailed_links.path_of(parcel.link)),
        closing=[_("You did not ask for it? Then do nothing: your password stays as it is.")],
    )
