"""What a mail says. Built as it is sent, from the plan as it is then, and never stored.

Subjects, senders, addresses of links and the first line name no body part, symptom, exercise, score or trial: mail
is an open card (handbook 7.3). What signs somebody in works once and for minutes.
"""

from collections.abc import Callable, Collection
from email.headerregistry import Address
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic import accounts, mailed_links
from clinic.models import Clinic
from clinic.sign_in import forget_code
from patients.plan import TodayItem
from patients.trial_confirmation import confirm_token
from reminders import account_letters
from reminders.checks import Parcel
from reminders.digests import DAILY
from reminders.letter import Letter, dear, portal, site
from reminders.models import Message

Kind = Message.Kind
PRODUCT = "Stepwell"

# Suggestions, never orders; one a day in turn, so that nobody reads the same line twice in a week.
SUGGESTIONS: tuple[Promise, ...] = (
    gettext_lazy("If now suits you, this could be a good moment for today's plan."),
    gettext_lazy("Some people like to do this right after a fixed point of the day, such as brushing their teeth."),
    gettext_lazy("A quiet corner and a few minutes are all it takes. Perhaps before dinner?"),
    gettext_lazy("Your plan is ready when you are. Doing a part of it counts too."),
    gettext_lazy("You could put on some music you like and go at your own pace."),
    gettext_lazy("Small and steady works well. Would the next half hour suit you?"),
    gettext_lazy("If today is busy, you might split it: one part now, the rest later."),
    gettext_lazy("It may help to lay out what you need now, so that starting is easy."),
    gettext_lazy("You know best when it fits. Your plan for today is waiting."),
    gettext_lazy("Perhaps ask somebody at home to keep you company for a few minutes."),
)


def write(parcel: Parcel) -> EmailMultiAlternatives:
    """The finished mail for a claimed message: text and HTML, its headers, from the clinic, replies to the clinic."""
    message = parcel.message
    with translation.override(_language(message)):
        letter = LETTERS[message.kind](parcel)
        unsubscribe = site(reverse("reminders:unsubscribe", args=[parcel.token])) if parcel.token else ""
        context = {"letter": letter, "sender": sender_name(message.clinic), "unsubscribe": unsubscribe}
        headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
        if unsubscribe:
            headers["List-Unsubscribe"] = f"<{unsubscribe}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mail = EmailMultiAlternatives(
            subject=letter.subject,
            body=render_to_string("emails/letter.txt", context).strip() + "\n",
            from_email=_sender(message.clinic),
            to=[parcel.address],
            reply_to=[message.clinic.email] if message.clinic and message.clinic.email else None,
            headers=headers,
        )
        mail.attach_alternative(render_to_string("emails/letter.html", context), "text/html")
        return mail


def message_id(message: Message) -> str:
    """The same for every try of a message, so that a repeat is recognised as one."""
    return f"<{message.pk}@{urlsplit(settings.SITE_URL).hostname}>"


def sender_name(clinic: Clinic | None) -> str:
    """The neutral name of the clinic: the full one may say what it treats."""
    return (clinic.short_name if clinic else "") or PRODUCT


def forget(parcel: Parcel) -> None:
    """The mail has left: digits that were kept for it go."""
    if parcel.code:
        forget_code(parcel.code)
    if parcel.link:
        mailed_links.forget(parcel.link)
    if parcel.account_event and parcel.account_event.data:
        accounts.forget_address(parcel.account_event)


def _sender(clinic: Clinic | None) -> str:
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    # Refuses a name with a line break, whatever the database holds.
    Address(display_name=sender_name(clinic), addr_spec=address)
    return formataddr((sender_name(clinic), address))


def _language(message: Message) -> str:
    return message.patient.preferences.language if message.patient else settings.LANGUAGE_CODE


def _first_name(message: Message) -> str:
    return message.patient.identity.first_name if message.patient else ""


# Daily mail


def _reminder(parcel: Parcel) -> Letter:
    message = parcel.message
    paragraphs, lines = [], []
    if parcel.session:
        paragraphs = [_suggestion(message), _amount(parcel.session)]
        if parcel.question:
            paragraphs.append(_("Your clinic also has one quick question for you."))
        if parcel.day and parcel.day.may_name_exercises:
            lines = [item.name for item in parcel.session]
    else:
        paragraphs = [_("Your clinic has one quick question for you. It takes less than a minute.")]
    return Letter(
        subject=_("Your plan for today") if parcel.session else _("A quick question from your clinic"),
        greeting=dear(_first_name(message)),
        paragraphs=paragraphs,
        lines=lines,
        button=_("Open my plan") if parcel.session else _("Answer the question"),
        link=portal(),
        closing=_if_unwell(message.clinic),
    )


def _suggestion(message: Message) -> str:
    """By date, each person starting somewhere else."""
    start = message.patient_id.int if message.patient_id else 0
    return str(SUGGESTIONS[(start + message.local_date.toordinal()) % len(SUGGESTIONS)])


def _amount(items: Collection[TodayItem]) -> str:
    count, minutes = len(items), sum(item.minutes for item in items)
    text = ngettext("%(count)d exercise, about %(minutes)d min.", "%(count)d exercises, about %(minutes)d min.", count)
    return text % {"count": count, "minutes": minutes}


def _if_unwell(clinic: Clinic | None) -> list[str]:
    """Mail is read late or never: whoever needs somebody now must know whom to call."""
    if clinic is None or not clinic.is_ready:
        return []
    text = _("If something worries you, do not wait for a mail: call us on %(phone)s, in an emergency %(emergency)s.")
    return [text % {"phone": clinic.phone, "emergency": clinic.emergency_number}]


def _notice(parcel: Parcel) -> Letter:
    clinic = parcel.message.clinic
    paragraphs = [_("Please open your portal: there is something there for you to read.")]
    if clinic and clinic.phone:
        paragraphs.append(_("If you would rather talk, call us on %(phone)s.") % {"phone": clinic.phone})
    return Letter(
        subject=_("Please open your portal"),
        greeting=dear(_first_name(parcel.message)),
        paragraphs=paragraphs,
        button=_("Open my portal"),
        link=portal(),
        closing=_if_unwell(clinic),
    )


# Trial


def _trial_step(parcel: Parcel) -> Letter:
    """Each step says little and leads to the portal; never a word of hurry."""
    step = parcel.message.slot.partition(":")[2]
    clinic = parcel.message.clinic
    subjects = {
        "welcome": _("Welcome"),
        "halfway": _("You are half-way"),
        "last_day": _("Your plan to keep"),
        "ended": _("Thank you for the last two weeks"),
    }
    texts = {
        "welcome": [
            _("Your plan is ready. Sign in with this e-mail address: we send you a code, there is no password."),
            _("Start whenever it suits you today, and tell us there how it went."),
        ],
        "halfway": [_("One week is done. In your portal you can see what you have done so far.")],
        "last_day": [_("Today is the last day of your two weeks. You can keep your plan: print it from your portal.")],
        "ended": [_("Your two weeks have ended. Nothing goes on by itself, and there is nothing to cancel.")],
    }
    paragraphs = texts[step]
    if step == "ended" and parcel.may_offer:
        paragraphs.append(_("If you would like to go on with us, reply to this mail and we will talk about it."))
    if step == "ended" and clinic and clinic.phone:
        text = _("From now on nobody reads what is written there. If you need us, call %(phone)s.")
        paragraphs.append(text % {"phone": clinic.phone})
    return Letter(
        subject=subjects[step],
        greeting=dear(_first_name(parcel.message)),
        paragraphs=paragraphs,
        button=_("Open my portal"),
        link=portal(),
        closing=_if_unwell(clinic),
    )


def _trial_confirm(parcel: Parcel) -> Letter:
    asked = parcel.message.trial_request
    if asked is None:
        raise TypeError("a confirmation without a request")
    return Letter(
        subject=_("Please confirm your e-mail address"),
        greeting=dear(asked.name.split(" ")[0]),
        paragraphs=[
            _("Somebody, most likely you, wrote to us with this address. Please confirm that it is yours."),
            _("If it was not you, do nothing: without the confirmation we delete what was sent."),
        ],
        button=_("Confirm my address"),
        link=site(reverse("reminders:confirm", args=[confirm_token(asked)])),
        closing=_if_unwell(parcel.message.clinic),
    )


# Staff


def _alert(parcel: Parcel) -> Letter:
    """No name and no symptom: enough to open the queue, nothing to read over a shoulder."""
    flag, slot = parcel.message.flag, parcel.message.slot
    if slot.startswith("opened:"):
        subject = _("Please open Stepwell")
        text = _(
            "Somebody has opened the record of a patient who is not theirs. Who, whose and why: in the access log."
        )
    elif flag is None:
        subject = _("Please open Stepwell")
        text = _("The daily mails to one of your patients have stopped: nothing was logged for six weeks.")
    elif slot.startswith("late:"):
        subject = _("Please open Stepwell: a follow-up is late")
        text = _("Please open Stepwell: a flag of severity %(severity)d is past its target time.")
        text %= {"severity": flag.severity}
    else:
        subject = _("Please open Stepwell: a flag waits")
        text = _("Please open Stepwell: a flag of severity %(severity)d waits.") % {"severity": flag.severity}
    name = parcel.message.user.get_short_name() if parcel.message.user else ""
    return Letter(subject=subject, greeting=dear(name), paragraphs=[text], button=_("Open Stepwell"), link=portal())


def _digest(parcel: Parcel) -> Letter:
    """How many, never whom or what."""
    count, late = parcel.on_list
    if parcel.message.slot.startswith(DAILY):
        subject = _("Your list for today")
        text = ngettext(
            "%(count)d flag of severity 4 waits for you.", "%(count)d flags of severity 4 wait for you.", count
        )
    else:
        subject = _("Your list for this week")
        text = ngettext(
            "%(count)d note of severity 5 came in the last seven days. It can wait for the next visit.",
            "%(count)d notes of severity 5 came in the last seven days. They can wait for the next visit.",
            count,
        )
    paragraphs = [text % {"count": count}]
    if late:
        text = ngettext(
            "%(count)d of them is past its target time.", "%(count)d of them are past their target time.", late
        )
        paragraphs.append(text % {"count": late})
    name = parcel.message.user.get_short_name() if parcel.message.user else ""
    return Letter(subject, greeting=dear(name), paragraphs=paragraphs, button=_("Open Stepwell"), link=portal())


LETTERS: dict[str, Callable[[Parcel], Letter]] = {
    Kind.REMINDER: _reminder,
    Kind.NOTICE: _notice,
    Kind.TRIAL_STEP: _trial_step,
    Kind.TRIAL_CONFIRM: _trial_confirm,
    Kind.ALERT: _alert,
    Kind.DIGEST: _digest,
    Kind.INVITATION: account_letters.invitation,
    Kind.PASSWORD_LINK: account_letters.password_link,
    Kind.ACCOUNT_NOTICE: account_letters.account_notice,
    Kind.SIGN_IN_CODE: account_letters.code,
}
