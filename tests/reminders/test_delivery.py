"""Claims, kills, refusals: nothing lost, at most one duplicate, and the attempts of nobody wasted."""

import smtplib
import threading
from datetime import timedelta

import pytest
from django.db import connections

from patients import people
from patients.models import Identity
from reminders import delivery, outbox, relay
from reminders.delivery import State
from reminders.models import Message, Relay, Schedule
from tests.factories.people import make_patient
from tests.factories.programs import a_program
from tests.reminders.conftest import response


@pytest.fixture
def message(program, evening):
    """Ana's reminder, planned and due."""
    outbox.plan_reminders(now=evening)
    return Message.objects.get()


@pytest.fixture
def five(clinic, dana, library, now, evening):
    """Five reminders that are due, to a@ … e@."""
    for letter in "abcde":
        patient = make_patient(clinic, letter.upper(), owner=dana, email=f"{letter}@people.example")
        a_program(patient, library["BALL_PROGRESSION"], now=now)
    outbox.plan_reminders(now=now)
    outbox.plan_reminders(now=evening)


def states():
    rows = Message.objects.values_list("patient__identity__email", "state", "reason", "attempts")
    return {address[0]: (state, reason, attempts) for address, state, reason, attempts in rows}


def test_a_claim_is_for_one(message, evening):
    first, _count = delivery.claim(now=evening)
    second, _count = delivery.claim(now=evening)

    assert ([one.message.pk for one in first], second) == ([message.pk], [])


def test_a_claim_ends_by_itself_when_its_sender_has_died(message, evening):
    delivery.claim(now=evening)

    again, _count = delivery.claim(now=evening + delivery.LEASE)

    assert [(one.message.pk, one.message.attempts) for one in again] == [(message.pk, 2)]


def test_a_sender_that_slept_through_its_claim_marks_nothing(message, evening):
    (slow,), _count = delivery.claim(now=evening)
    (quick,), _count = delivery.claim(now=evening + delivery.LEASE)

    delivery._mark_failed(slow, relay.Fault.RECIPIENT, now=evening)

    message.refresh_from_db()
    assert (message.state, message.lease_owner) == (State.LEASED, quick.message.lease_owner)


def test_killed_between_send_and_mark_it_is_sent_twice_under_one_id(message, evening, outgoing, monkeypatch):
    def killed(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(delivery, "_mark_sent", killed)
        delivery.send_messages(now=evening)
    delivery.send_messages(now=evening + delivery.LEASE)
    delivery.send_messages(now=evening + 2 * delivery.LEASE)

    ids = [mail.message()["Message-ID"] for mail in outgoing]
    assert len(ids) == 2 and len(set(ids)) == 1
    message.refresh_from_db()
    assert (message.state, message.message_id) == (State.SENT, ids[0])


def test_an_opt_out_before_the_second_try_stops_it(message, evening, outgoing, fake_relay):
    fake_relay.plan = {"ana@people.example": response(451, "4.3.0 later")}
    delivery.send_messages(now=evening)
    people.withdraw_consent(message.patient, "reminders", actor=None, now=evening)
    fake_relay.plan = {}

    delivery.send_messages(now=evening + timedelta(minutes=5))

    message.refresh_from_db()
    assert (outgoing, message.state, message.reason) == ([], State.CANCELLED, "no_consent")


def test_one_refused_recipient_holds_up_nobody(five, evening, outgoing, fake_relay):
    refusal = smtplib.SMTPRecipientsRefused({"b@people.example": (550, b"5.1.1 no such user")})
    fake_relay.plan = {"b@people.example": refusal}

    delivery.send_messages(now=evening)

    assert states() == {
        "a": ("sent", "", 1),
        "b": ("dead", "recipient", 1),
        "c": ("sent", "", 1),
        "d": ("sent", "", 1),
        "e": ("sent", "", 1),
    }


def test_a_full_mailbox_is_the_recipients(message, evening, outgoing, fake_relay):
    fake_relay.plan = {"ana@people.example": response(552, "5.2.2 mailbox full")}

    delivery.send_messages(now=evening)

    assert states() == {"a": ("dead", "recipient", 1)}


def test_later_means_later_with_growing_gaps(message, evening, outgoing, fake_relay):
    fake_relay.plan = {"ana@people.example": response(451, "4.7.1 greylisted")}
    gaps, now = [], evening
    for _try in range(4):
        delivery.send_messages(now=now)
        message.refresh_from_db()
        gaps.append((message.due_at - now).total_seconds() / 60)
        now = message.due_at

    for gap, wanted in zip(gaps, (1, 5, 30, 120), strict=True):
        assert wanted * 0.79 < gap < wanted * 1.21
    assert states() == {"a": ("retry", "temporary", 4)}


def test_after_the_last_try_it_is_given_up(message, evening, outgoing, fake_relay):
    fake_relay.plan = {"ana@people.example": response(451, "later")}
    Message.objects.update(attempts=4, not_after=evening + timedelta(days=1))

    delivery.send_messages(now=evening)

    assert states() == {"a": ("dead", "temporary", 5)}


def test_a_mail_that_cannot_be_written_holds_up_nobody(five, evening, outgoing):
    poisoned = Identity.objects.filter(email="b@people.example")
    poisoned.update(email="b@people.example\nBcc: all@people.example")

    delivery.send_messages(now=evening)

    assert states()["b"] == ("retry", "unwritable", 1)
    assert [mail.to[0][0] for mail in outgoing] == ["a", "c", "d", "e"]


def test_a_relay_that_does_not_answer_costs_nobody_an_attempt(five, evening, outgoing, fake_relay):
    fake_relay.closed = ConnectionRefusedError()

    delivery.send_messages(now=evening)

    assert set(states().values()) == {("retry", "connection", 0)}
    assert Relay.objects.get().closed_until > evening


def test_while_the_breaker_is_open_nothing_is_tried(five, evening, outgoing, fake_relay):
    fake_relay.closed = ConnectionRefusedError()
    delivery.send_messages(now=evening)
    tried = fake_relay.opened

    delivery.send_messages(now=evening + timedelta(seconds=30))

    assert fake_relay.opened == tried


def test_when_the_relay_is_back_everything_leaves(five, evening, outgoing, fake_relay):
    fake_relay.closed = smtplib.SMTPAuthenticationError(535, b"5.7.8 no")
    delivery.send_messages(now=evening)
    fake_relay.closed = None

    delivery.send_messages(now=evening + timedelta(minutes=2))

    assert len(outgoing) == 5
    assert (Relay.objects.get().failures, Relay.objects.get().closed_until) == (0, None)


def test_three_refusals_in_a_row_are_about_us(five, evening, outgoing, fake_relay):
    fake_relay.plan = {f"{letter}@people.example": response(550, "5.7.1 not from you") for letter in "abcde"}

    delivery.send_messages(now=evening)

    assert [row for row in sorted(states().values()) if row[2] == 0] == [("retry", "policy", 0)] * 2
    assert Relay.objects.get().last_error == "policy"


def test_one_mail_that_breaks_the_line_leaves_the_others_alone(five, evening, outgoing, fake_relay):
    fake_relay.plan = {"a@people.example": smtplib.SMTPServerDisconnected()}

    delivery.send_messages(now=evening)

    assert states()["a"] == ("retry", "connection", 1)
    assert len(outgoing) == 4


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (response(421, "4.3.2 closing"), "connection"),
        (response(450, "4.2.0 busy"), "temporary"),
        (response(451, "4.7.1 greylisted"), "temporary"),
        (response(550, "5.1.1 unknown"), "recipient"),
        (response(550, "5.7.26 unauthenticated"), "policy"),
        (response(552, "5.2.2 full"), "recipient"),
        (smtplib.SMTPSenderRefused(530, b"5.7.0 authenticate first", "x"), "policy"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "policy"),
        (smtplib.SMTPServerDisconnected("gone"), "connection"),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"4.2.1 later")}), "temporary"),
        (smtplib.SMTPRecipientsRefused({"x": (550, b"5.1.1 no")}), "recipient"),
        (TimeoutError(), "connection"),
        (ConnectionResetError(), "connection"),
        (ValueError("line break"), "unwritable"),
    ],
)
def test_answers_of_a_relay_are_told_apart(error, fault):
    assert relay.fault_of(error).value == fault


@pytest.mark.django_db(transaction=True)
def test_two_planners_and_two_senders_at_once_mail_each_person_once(five, evening, outgoing):
    Message.objects.all().delete()
    Schedule.objects.update(next_due_at=evening, last_due_at=None)
    failures = []

    def work():
        try:
            outbox.plan_reminders(now=evening)
            delivery.send_messages(now=evening, batch=2)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert sorted(mail.to[0][0] for mail in outgoing) == list("abcde")
    assert set(states().values()) == {("sent", "", 1)}
