"""The thread between Ana and the clinic, seen from the clinic."""

import pytest
from django.urls import reverse

from patients.messages import send_message
from patients.models import PatientMessage


@pytest.fixture
def url(ana):
    return reverse("workspace:messages", args=[ana.pk])


def test_opening_the_thread_marks_it_read(client_of, dana, ana, now, url):
    send_message(ana, "May I swim?", from_clinic=False, actor=ana.user, now=now)
    assert "May I swim?" in client_of(dana).get(url).content.decode()
    assert PatientMessage.objects.get().read_by == dana


def test_dana_answers(client_of, dana, ana, url):
    client_of(dana).post(url, {"body": "Yes, easy lengths."})
    message = PatientMessage.objects.get()
    assert (message.author, message.from_clinic) == (dana, True)


def test_a_message_that_is_too_long_stays_in_the_box(client_of, dana, url):
    assert "x" * 4001 in client_of(dana).post(url, {"body": "x" * 4001}).content.decode()
    assert not PatientMessage.objects.exists()


def test_ravi_reads_no_messages(client_of, ravi, url):
    assert client_of(ravi).get(url).status_code == 403
