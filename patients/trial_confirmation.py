"""The mailed link that shows an address is theirs, and what becomes of requests nobody confirms (handbook 4.1, 4.6)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from patients.intake import record_event, red_flag_severity
from patients.models import TrialRequest
from patients.models.intake import Screening

CONFIRM_SALT = "patients.intake.confirm"
CONFIRM_WITHIN = timedelta(hours=48)  # handbook 4.6
FORGET_AFTER = timedelta(days=30)  # handbook 4.1: what was never confirmed is purged


class LinkIsOver(Refused):
    """The link in the mail is too old, or its request has gone another way."""


def confirm_token(asked: TrialRequest) -> str:
    """The word in the mailed link. Derived, not stored; how long it holds is counted from the request."""
    return signing.dumps(asked.pk.hex, salt=CONFIRM_SALT)


def request_of(token: str, *, now: datetime) -> TrialRequest:
    """The request behind a mailed link. Raises LinkIsOver, with one sentence for every cause."""
    over = LinkIsOver(_("This link cannot be used any more. Please ask again: it takes a few minutes."))
    try:
        pk = UUID(signing.loads(token, salt=CONFIRM_SALT))
    except (signing.BadSignature, ValueError, TypeError):
        raise over from None
    asked = TrialRequest.objects.select_related("clinic").filter(pk=pk).first()
    if asked is None or asked.screening == Screening.REFERRED_OUT:
        raise over
    waiting = asked.state == TrialRequest.State.SUBMITTED and asked.submitted_at > now - CONFIRM_WITHIN
    if not waiting and asked.state not in (TrialRequest.State.CONFIRMED, TrialRequest.State.ACCEPTED):
        raise over
    return asked


@transaction.atomic
def confirm_request(asked: TrialRequest, *, now: datetime) -> TrialRequest:
    """The address is theirs: the request goes to the clinic's board. Twice is once. Raises LinkIsOver."""
    fresh = TrialRequest.objects.filter(
        pk=asked.pk, state=TrialRequest.State.SUBMITTED, submitted_at__gt=now - CONFIRM_WITHIN
    )
    claimed = fresh.update(state=TrialRequest.State.CONFIRMED, confirmed_at=now)
    asked.refresh_from_db()
    if claimed:
        record_event(asked, "confirm", TrialRequest.State.SUBMITTED, asked.state, actor=None, now=now)
    elif asked.state not in (TrialRequest.State.CONFIRMED, TrialRequest.State.ACCEPTED):
        raise LinkIsOver(_("This link cannot be used any more. Please ask again: it takes a few minutes."))
    return asked


@transaction.atomic
def expire_unconfirmed(*, now: datetime) -> int:
    """Requests nobody confirmed. One with urgent warning signs stays on the board until a person has dealt with it."""
    waiting = TrialRequest.objects.filter(
        state=TrialRequest.State.SUBMITTED, submitted_at__lte=now - CONFIRM_WITHIN
    ).exclude(screening=Screening.REFERRED_OUT)
    old = [one for one in waiting if red_flag_severity(one.red_flags) not in (1, 2)]
    for asked in old:
        if TrialRequest.objects.filter(pk=asked.pk, state=asked.state).update(state=TrialRequest.State.EXPIRED):
            record_event(asked, "expire", asked.state, TrialRequest.State.EXPIRED, actor=None, now=now)
    return len(old)


def forget_unconfirmed(*, now: datetime) -> int:
    """What was never confirmed is nobody's record: its personal content goes, the row stays as a count."""
    old = TrialRequest.objects.filter(state=TrialRequest.State.EXPIRED, submitted_at__lte=now - FORGET_AFTER)
    return old.exclude(name="", email="").update(
        name="", email="", phone="", birth_date=None, postcode="", complaint="", side="", pain_now=None,
        pain_usual=None, red_flags=[], answers={}, consents=[], screening_reasons=[], person_key="", phone_key="",
    )  # fmt: skip
