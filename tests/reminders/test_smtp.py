"""A real SMTP conversation, on this machine."""

import socket

import pytest
from aiosmtpd.controller import Controller

from reminders import delivery, outbox
from reminders.models import Message


class Sink:
    """Takes mails and remembers them, or answers what a test wants to RCPT and DATA."""

    def __init__(self):
        self.mails, self.rcpt, self.data = [], "", ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data:
            return self.data
        self.mails.append(envelope)
        return "250 OK"


@pytest.fixture
def sink(settings):
    handler = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    yield handler
    controller.stop()


@pytest.fixture
def message(program, evening):
    outbox.plan_reminders(now=evening)
    return Message.objects.get()


def test_a_mail_arrives_with_its_headers(message, evening, sink):
    delivery.send_messages(now=evening)

    (envelope,) = sink.mails
    source = envelope.content.decode()
    assert envelope.rcpt_tos == ["ana@people.example"]
    assert f"Message-ID: <{message.pk}@testserver>" in source and "List-Unsubscribe-Post:" in source


@pytest.mark.parametrize(
    ("rcpt", "data", "state", "reason"),
    [
        ("450 4.2.1 later", "", "retry", "temporary"),
        ("550 5.1.1 unknown", "", "dead", "recipient"),
        ("", "451 4.3.0 later", "retry", "temporary"),
        ("", "552 5.2.2 full", "dead", "recipient"),
        ("", "550 5.7.1 not from you", "retry", "policy"),
        ("421 4.3.2 closing", "", "retry", "connection"),
    ],
)
def test_what_the_relay_answers_is_understood(message, evening, sink, rcpt, data, state, reason):
    sink.rcpt, sink.data = rcpt, data

    delivery.send_messages(now=evening)

    message.refresh_from_db()
    assert (message.state, message.reason) == (state, reason)


def test_a_relay_that_is_not_there_is_not_the_mails_fault(message, evening, sink, settings):
    settings.EMAIL_PORT = 1

    delivery.send_messages(now=evening)

    message.refresh_from_db()
    assert (message.state, message.reason, message.attempts) == ("retry", "connection", 0)
