"""The mail relay: what its answers mean, and the breaker that spares everybody's attempts while it refuses."""

import logging
import smtplib
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import F

from reminders.models import Relay

logger = logging.getLogger(__name__)

NAME = "default"
PAUSES = (1, 2, 5, 15, 30)  # minutes without a try, longer with each failure in a row
IN_A_ROW = 3  # one refusal, or one line that broke, may be about one mail; three are about us


class Fault(StrEnum):
    """Why a mail did not leave. Policy and a broken line may be about the mail or about us; see `refused`."""

    TEMPORARY = "temporary"
    RECIPIENT = "recipient"
    POLICY = "policy"
    CONNECTION = "connection"
    UNWRITABLE = "unwritable"


def fault_of(error: Exception) -> Fault:
    """The class of an error raised while a mail was written or handed over."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (550, b""))
        return _by_code(code, text)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Fault.POLICY
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Fault.CONNECTION
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Fault.POLICY
    # SMTPException is an OSError too: what is left of either is the line, not the mail.
    return Fault.CONNECTION if isinstance(error, OSError) else Fault.UNWRITABLE


def _by_code(code: int, text: bytes | str) -> Fault:
    """RFC 5321 and RFC 3463: 4xx later, 421 the line closes, 5.7.x or 530/535 policy, other 5xx this recipient."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else str(text)
    if code == 421:
        return Fault.CONNECTION
    if code in (530, 534, 535, 538) or words.startswith("5.7."):
        return Fault.POLICY
    return Fault.RECIPIENT if code >= 500 else Fault.TEMPORARY


def is_open(*, now: datetime) -> bool:
    """Whether mails may be handed over now."""
    return not Relay.objects.filter(name=NAME, closed_until__gt=now).exists()


def refused(fault: Fault, *, now: datetime, is_certain: bool) -> datetime | None:
    """Count a refusal; gives until when nothing is tried, or None while it may have been about that one mail.

    `is_certain` when no mail was in hand: nobody answered, or we were not let in. The error's text is not kept,
    since it may hold an address.
    """
    Relay.objects.get_or_create(name=NAME)
    Relay.objects.filter(name=NAME).update(failures=F("failures") + 1, last_error=fault.value)
    failures = Relay.objects.get(name=NAME).failures
    if not is_certain and failures < IN_A_ROW:
        return None
    until = now + timedelta(minutes=PAUSES[min(failures, len(PAUSES)) - 1])
    Relay.objects.filter(name=NAME).update(closed_until=until)
    logger.warning("mail relay: %s, no try before %s", fault.value, until.isoformat(timespec="seconds"))
    return until


def took_one() -> bool:
    """A mail has left: the count of failures starts again. True, for the caller to remember that it has said so."""
    Relay.objects.filter(name=NAME).exclude(failures=0).update(failures=0, closed_until=None, last_error="")
    return True
