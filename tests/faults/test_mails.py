"""A sender killed in the middle of a batch: nothing is lost, and a crash sends at most one mail twice, under one id."""

import time
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from patients.models import Hold
from reminders.models import Message
from tests.factories import people
from tests.faults.conftest import LONG
from tests.faults.processes import Machine, free_port, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
State = Message.State


class Sink:
    """A mail relay that remembers what it took, and takes its time, so that a kill finds a sender at work."""

    def __init__(self) -> None:
        self.taken: Counter[str] = Counter()
        self.seconds = 0.03

    def has_taken(self, number: int) -> bool:
        return self.taken.total() >= number

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        text = envelope.content.decode()
        head = text.split("\r\n\r\n")[0].replace("\r\n ", " ")
        ids = [line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("message-id:")]
        self.taken[ids[0]] += 1
        time.sleep(self.seconds)
        return "250 taken"


@pytest.fixture
def sink(machine):
    sink = Sink()
    port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    machine.environment["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    yield sink
    controller.stop()


def held_patients(clinic, dana, number: int) -> None:
    """Patients whose exercises have just been put on hold: each is owed one mail, at any hour."""
    for one in range(number):
        patient = people.make_patient(clinic, f"Patient {one}", owner=dana)
        now = timezone.now()
        Hold.objects.create(patient=patient, scope="plan", severity=3, rule_id="R", reason="", opened_at=now)


def start_sender(machine: Machine):
    return machine.python("sender", "manage.py", "run_reminders", "--once")


def let_leases_end() -> None:
    """Two minutes pass for what the dead sender held."""
    Message.objects.filter(state=State.LEASED).update(due_at=timezone.now() - timedelta(seconds=1))


def test_a_sender_killed_in_the_middle_of_a_batch(machine, sink, clinic, dana, tell, rounds):
    mails = rounds * 8
    held_patients(clinic, dana, mails)
    kills = 0
    for _ in range(rounds):
        enough = sink.taken.total() + 3
        sender = start_sender(machine)
        wait_for(partial(sink.has_taken, enough), seconds=40)
        machine.kill(sender)
        kills += 1
        let_leases_end()

    start_sender(machine).wait(timeout=60)

    repeats = {key: number - 1 for key, number in sink.taken.items() if number > 1}
    assert set(Message.objects.values_list("state", flat=True)) == {State.SENT}
    assert sorted(sink.taken) == sorted(Message.objects.values_list("message_id", flat=True))
    assert len(sink.taken) == mails
    assert sum(repeats.values()) <= kills
    tell(f"{kills} kills, {mails} mails: 0 lost, {sum(repeats.values())} sent twice")


@pytest.mark.skipif(not LONG, reason="bin/faults")
def test_two_senders_at_once_send_each_mail_once(machine, sink, clinic, dana, tell):
    held_patients(clinic, dana, 200)
    for sender in [start_sender(machine) for _ in range(3)]:
        sender.wait(timeout=120)

    assert (len(sink.taken), set(sink.taken.values())) == (200, {1})
    tell("3 senders, 200 mails, each sent once")
