"""Why a mail did not go, or is tried again: the words stored with it, and what staff read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, Promise] = {
    # Decided as it was to be sent
    "logged_already": _("Had logged something that day"),
    "rest_day": _("Nothing to do that day"),
    "no_consent": _("Has not agreed to it"),
    "unsubscribed": _("Has switched it off"),
    "not_this_weekday": _("Wants no mail on this weekday"),
    "no_address": _("No e-mail address"),
    "paused": _("Paused"),
    "on_hold": _("Exercises are on hold"),
    "discharged": _("Not in a program any more"),
    "backing_off": _("Fewer mails: nothing logged for a week or more"),
    "stopped_silent": _("Mails stopped: nothing logged for six weeks"),
    "too_soon": _("The mail before was only hours ago"),
    "taken": _("Somebody had taken it already"),
    "resolved": _("Was settled already"),
    "left_clinic": _("Does not work here any more"),
    "one_mail": _("Said in another mail of the same moment"),
    "used": _("Was used already"),
    "stayed": _("The person has stayed as a patient"),
    # What the relay answered
    "temporary": _("The mail server asked us to try again later"),
    "recipient": _("The address does not take mail"),
    "policy": _("The mail server does not take mail from us"),
    "connection": _("The mail server could not be reached"),
    "unwritable": _("The mail could not be written"),
    "too_late": _("Too late to make sense"),
}
