"""The doorbell never holds up a request, whatever the broker does."""

import os
import threading
import time

import pytest
from django.db import transaction

from clinic import doorbell
from clinic.doorbell import Doorbell

TASK = "patients.tasks.raise_flags"


@pytest.fixture
def rung(monkeypatch, settings):
    """The names rung in this test, with nothing sent."""
    names = []
    settings.DOORBELL = True
    monkeypatch.setattr(doorbell.doorbell, "ring", names.append)
    return names


def test_a_ring_reaches_the_sender():
    sent = []
    bell = Doorbell(sent.append)
    bell.ring(TASK)
    bell.waiting.join()
    assert sent == [TASK]


def test_a_sender_that_hangs_holds_up_nobody_and_the_rest_is_counted():
    let_go = threading.Event()
    bell = Doorbell(lambda name: let_go.wait(10), longest_queue=2)
    began = time.monotonic()
    for _ in range(10):
        bell.ring(TASK)
    took = time.monotonic() - began
    let_go.set()
    assert (took < 1, bell.missed["full"] >= 7) == (True, True)


def test_a_sender_that_fails_is_counted_and_the_next_ring_is_sent(caplog):
    sent = []

    def send(name):
        if name == "bad":
            raise ConnectionError("redis://:password@host")
        sent.append(name)

    bell = Doorbell(send)
    bell.ring("bad")
    bell.ring(TASK)
    bell.waiting.join()
    assert (sent, bell.missed["failed"], "password" in caplog.text) == ([TASK], 1, False)


def test_a_forked_process_has_its_own_thread():
    sent = []
    bell = Doorbell(sent.append)
    bell.ring(TASK)
    bell.waiting.join()
    first = bell.thread
    bell.forget()
    bell.ring(TASK)
    bell.waiting.join()
    assert (bell.thread is not first, len(sent)) == (True, 2)


def test_the_bell_of_the_process_is_reset_in_every_fork():
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        doorbell.doorbell.send = lambda name: os.write(write, name.encode())
        doorbell.doorbell.ring(TASK)
        doorbell.doorbell.waiting.join()
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100).decode() == TASK


@pytest.mark.django_db(transaction=True)
def test_it_rings_only_after_the_commit(rung):
    with transaction.atomic():
        doorbell.ring(TASK)
        before = list(rung)
    assert (before, rung) == ([], [TASK])


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_rings_nothing(rung):
    with pytest.raises(ValueError, match="no"), transaction.atomic():
        doorbell.ring(TASK)
        raise ValueError("no")
    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_it_is_silent_where_the_doorbell_is_off(rung, settings):
    settings.DOORBELL = False
    doorbell.ring(TASK)
    assert rung == []
