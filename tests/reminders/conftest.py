"""A patient in a running program, whose settings the post knows, and a relay that does what a test tells it."""

import smtplib
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from patients.models import NextDayQuestion
from reminders import outbox
from tests.factories.library import published_library
from tests.factories.people import NOW
from tests.factories.programs import a_program

EVENING = NOW.replace(hour=18)  # the hour Ana wants to be reminded at; London is on UTC


@pytest.fixture
def library(clinic):
    return published_library(clinic)


@pytest.fixture
def evening() -> datetime:
    return EVENING


@pytest.fixture
def program(ana, library, now):
    """Ana's program, known to the post since the morning."""
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    outbox.plan_reminders(now=now)
    return program


def ask(program, *, now) -> NextDayQuestion:
    """An open next-day question."""
    return NextDayQuestion.objects.create(
        patient=program.patient,
        program=program,
        region="posterior_thigh_hip",
        local_date=(now - timedelta(days=1)).date(),
        opens_at=now - timedelta(hours=12),
        closes_at=now + timedelta(hours=36),
    )


class FakeRelay(EmailBackend):
    """Keeps mails like Django's own, but first does what `plan` says of the recipient: raise an error, or call."""

    plan: dict[str, object] = {}
    closed: Exception | None = None
    opened = 0

    def open(self) -> None:
        FakeRelay.opened += 1
        if FakeRelay.closed:
            raise FakeRelay.closed

    def send_messages(self, messages):
        for message in messages:
            answer = FakeRelay.plan.get(message.to[0])
            if isinstance(answer, Exception):
                raise answer
            if callable(answer):
                answer()
        return super().send_messages(messages)


@pytest.fixture
def fake_relay(settings):
    settings.EMAIL_BACKEND = f"{__name__}.FakeRelay"
    FakeRelay.plan, FakeRelay.closed, FakeRelay.opened = {}, None, 0
    yield FakeRelay
    FakeRelay.plan, FakeRelay.closed = {}, None


@pytest.fixture
def outgoing():
    """The mails that have left."""
    mail.outbox = []
    return mail.outbox


def response(code: int, text: str) -> smtplib.SMTPDataError:
    return smtplib.SMTPDataError(code, text.encode())
