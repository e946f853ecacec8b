"""From a row to a mail that has left: claim, write, hand over, mark.

The promise: nothing lost, and at most one duplicate per sender and crash, with the Message-ID of the first. So a
claim is a conditional update that ends by itself, SMTP is never inside a transaction, and each mail is marked as
sent in its own commit, which counts only for whoever holds the claim. Whether a person still wants the mail and may
get it is asked in the claim's own transaction: a withdrawal committed before it stops the mail.
"""

import logging
import time
import uuid
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Case, CharField, F, Q, Value, When

from clinic.models import Heartbeat
from reminders import content, outbox, relay
from reminders.alerts import tell_of_silence
from reminders.checks import Parcel, look_again
from reminders.models import Message
from reminders.relay import Fault

logger = logging.getLogger(__name__)

BATCH = 100
LEASE = timedelta(seconds=120)
ROOM = timedelta(seconds=settings.EMAIL_TIMEOUT + 5)  # no mail is begun this shortly before the lease ends
RUN = timedelta(seconds=50)
BACK_OFF = (1, 5, 30, 120)  # minutes
URGENT = (Message.Kind.SIGN_IN_CODE, Message.Kind.ALERT, Message.Kind.NOTICE)
State = Message.State


def send_messages(*, now: datetime, kinds: Collection[str] = (), batch: int = BATCH) -> int:
    """Send what is due until nothing is, the relay refuses, or the time of a task is up. Gives how many have left.

    Codes that wait for a mail are planned first: nobody waits a minute at the sign-in page.
    """
    watch = Stopwatch(now)
    outbox.plan_codes(now=now)
    outbox.plan_password_links(now=now)
    sent = 0
    for some in (kinds,) if kinds else (URGENT, ()):
        while watch.now() - now < RUN and relay.is_open(now=watch.now()):
            parcels, looked_at = claim(now=watch.now(), kinds=some, limit=batch)
            sent += _hand_over(parcels, watch) if parcels else 0
            if looked_at < batch:
                break
    Heartbeat.beat("send_messages", now=now)
    return sent


def send_codes(*, now: datetime) -> int:
    """The codes alone: what the doorbell of the sign-in page rings for."""
    return send_messages(now=now, kinds=(Message.Kind.SIGN_IN_CODE, Message.Kind.PASSWORD_LINK))


def send_urgent(*, now: datetime) -> int:
    """Plan and send at once what an event calls for: with every ring lost, an emergency is told within 30 seconds."""
    outbox.plan_urgent(now=now)
    return send_messages(now=now, kinds=URGENT)


@dataclass(frozen=True)
class Stopwatch:
    """The clock of one run: the given `now` plus the time that has passed, so that a test may say what time it is."""

    start: datetime
    began: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "began", time.monotonic())

    def now(self) -> datetime:
        return self.start + timedelta(seconds=time.monotonic() - self.began)


# Claiming


@transaction.atomic
def claim(*, now: datetime, kinds: Collection[str] = (), limit: int = BATCH) -> tuple[list[Parcel], int]:
    """Lease up to `limit` due messages, settle those that may not go, and give the rest with how many were looked at.

    A row in `leased` whose lease has ended belonged to a sender that died: it is due like any other.
    """
    due = Message.objects.select_for_update(skip_locked=True).due(now)
    due = due.filter(kind__in=kinds) if kinds else due
    ids = list(due.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])
    if not ids:
        return [], 0
    owner, until = uuid.uuid4().hex, now + LEASE
    # The condition is the claim: on SQLite nothing is locked, and the second of two finds nothing left to update.
    Message.objects.due(now).filter(pk__in=ids).update(
        state=State.LEASED, lease_owner=owner, due_at=until, attempts=F("attempts") + 1
    )
    mine = Message.objects.filter(pk__in=ids, state=State.LEASED, lease_owner=owner).select_related(
        *("clinic", "user", "flag", "trial_request", "patient__clinic", "patient__user"),
        *("patient__identity", "patient__preferences"),
    )
    messages = sorted(mine, key=lambda one: ids.index(one.pk)) if len(ids) < 50 else list(mine)
    timely = [one for one in messages if one.not_after > now]
    parcels, refusals = look_again(timely, now=now)
    _settle(messages, refusals, now=now)
    silent = [one.day for one in parcels + refusals if one.reason == "stopped_silent" and one.day]
    tell_of_silence(silent, now=now)
    return parcels, len(ids)


def _settle(messages: Sequence[Message], refusals: Sequence[Parcel], *, now: datetime) -> None:
    """End what is too late or may not go: two updates, whatever the number."""
    late = [one.pk for one in messages if one.not_after <= now]
    if late:
        Message.objects.filter(pk__in=late).update(
            state=State.EXPIRED, reason="too_late", lease_owner="", attempts=F("attempts") - 1
        )
    if refusals:
        reasons: dict[str, list[uuid.UUID]] = {}
        for one in refusals:
            reasons.setdefault(one.reason, []).append(one.message.pk)
        words = [When(pk__in=ids, then=Value(reason)) for reason, ids in reasons.items()]
        Message.objects.filter(pk__in=[one.message.pk for one in refusals]).update(
            state=State.CANCELLED,
            reason=Case(*words, output_field=CharField()),
            lease_owner="",
            attempts=F("attempts") - 1,
        )


# Handing over


def _hand_over(parcels: Sequence[Parcel], watch: Stopwatch) -> int:
    """Send one batch over one connection, marking each mail as it leaves; gives how many left.

    What is left when the relay or the time gives out goes back untouched.
    """
    connection = mail.get_connection()
    end = watch.now() + LEASE - ROOM
    waiting, sent, in_order = deque(parcels), 0, False
    try:
        while waiting and watch.now() < end:
            if fault := _open(connection):
                until = relay.refused(fault, now=watch.now(), is_certain=True)
                _release(waiting, fault, until=until or watch.now())
                return sent
            parcel = waiting.popleft()
            fault = _send_one(parcel, connection)
            if fault is None:
                sent += _mark_sent(parcel, now=watch.now())
                in_order = in_order or relay.took_one()
                continue
            _mark_failed(parcel, fault, now=watch.now())
            if fault in (Fault.CONNECTION, Fault.POLICY):
                in_order = False
                _close(connection)
                if until := relay.refused(fault, now=watch.now(), is_certain=False):
                    _release(waiting, fault, until=until)
                    return sent
        _release(waiting, None, until=watch.now())
        return sent
    finally:
        _close(connection)


def _open(connection: BaseEmailBackend) -> Fault | None:
    """Nothing to do on a line that is open."""
    try:
        connection.open()
    except Exception as error:
        logger.warning("mail relay: not open (%s)", type(error).__name__)
        return relay.fault_of(error)
    return None


def _send_one(parcel: Parcel, connection: BaseEmailBackend) -> Fault | None:
    """None if the mail has left. Whatever goes wrong with one mail stays with that mail."""
    try:
        letter = content.write(parcel)
    except Exception as error:
        logger.warning("mail %s: not written (%s)", parcel.message.pk, type(error).__name__)
        return Fault.UNWRITABLE
    try:
        connection.send_messages([letter])
    except Exception as error:
        fault = relay.fault_of(error)
        # Type only: the text of an SMTP error names the recipient.
        logger.warning("mail %s: %s (%s)", parcel.message.pk, fault.value, type(error).__name__)
        return fault
    return None


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError:
        logger.info("mail relay: the line was gone before it was closed")


def _mine(parcel: Parcel) -> Q:
    """The fence: only while this very claim holds. A sender that slept through its lease changes nothing."""
    message = parcel.message
    return Q(pk=message.pk, state=State.LEASED, lease_owner=message.lease_owner)


def _mark_sent(parcel: Parcel, *, now: datetime) -> int:
    marked = Message.objects.filter(_mine(parcel)).update(
        state=State.SENT, sent_at=now, due_at=now, reason="", message_id=content.message_id(parcel.message)
    )
    if not marked:
        logger.warning("mail %s: left, but the claim had ended", parcel.message.pk)
    else:
        content.forget(parcel)
    return 1


def _mark_failed(parcel: Parcel, fault: Fault, *, now: datetime) -> None:
    """Try again later, or give up: at once on a refused recipient, else after the last back-off."""
    message = parcel.message
    final = fault == Fault.RECIPIENT or message.attempts > len(BACK_OFF)
    if final:
        Message.objects.filter(_mine(parcel)).update(state=State.DEAD, reason=fault.value, lease_owner="")
        return
    wait = timedelta(minutes=BACK_OFF[message.attempts - 1]) * _jitter(message)
    Message.objects.filter(_mine(parcel)).update(
        state=State.RETRY, reason=fault.value, lease_owner="", due_at=now + wait
    )


def _jitter(message: Message) -> float:
    """0.8 to 1.2, spread by message and attempt: a thousand mails put off together do not come back together."""
    digest = sha256(f"{message.pk}:{message.attempts}".encode()).digest()
    return 0.8 + digest[0] / 255 * 0.4


def _release(parcels: Collection[Parcel], fault: Fault | None, *, until: datetime) -> None:
    """Give claims back without spending an attempt."""
    if not parcels:
        return
    Message.objects.filter(
        pk__in=[one.message.pk for one in parcels],
        state=State.LEASED,
        lease_owner=next(iter(parcels)).message.lease_owner,
    ).update(
        state=State.RETRY if fault else State.PENDING,
        reason=fault.value if fault else "",
        lease_owner="",
        due_at=until,
        attempts=F("attempts") - 1,
    )
