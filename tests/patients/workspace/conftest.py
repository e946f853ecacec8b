from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import flagging
from patients.models import PainFlag
from patients.reports import report_pain
from tests.factories.people import NOW

# Session, user, memberships (with their clinic): every signed-in staff page asks these first.
SIGNED_IN = 3


@pytest.fixture
def clock(monkeypatch) -> Callable[[object], None]:
    """`clock(moment)`: what the next requests read as their time."""

    def set_to(moment: object) -> None:
        monkeypatch.setattr("clinic.access.timezone.now", lambda: moment)

    return set_to


@pytest.fixture(autouse=True)
def monday_morning(clock):
    clock(NOW)


@pytest.fixture
def flag_of(now):
    """`flag_of(patient, pain=8)`: the flag of a pain report, as the worker makes it."""

    def make(patient, *, pain: int = 8, **given) -> PainFlag:
        report_pain(patient, pain=pain, actor=patient.user, now=now, **given)
        flagging.assess_waiting_reports(now=now)
        return PainFlag.objects.filter(patient=patient).most_urgent_first()[0]

    return make


@pytest.fixture
def queries_of():
    """`queries_of(client, url)`: how many queries a page costs beyond those of every signed-in page."""

    def count(client, url: str) -> int:
        client.get(url)  # the first request of a process fills caches
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url).status_code == 200
        return len(captured) - SIGNED_IN

    return count


@pytest.fixture
def flashes():
    """The messages a response leaves for the next page."""

    def read(answer) -> list[str]:
        return [str(message) for message in get_messages(answer.wsgi_request)]

    return read
