"""Redis hangs: the pages go on, and only the flag has to wait."""

import re
import signal
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from patients.models import PainFlag, PainReport, Session
from tests.factories.programs import a_program, item_of
from tests.faults.processes import free_port, wait_for

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
# A page asks Redis at most a few times, and waits a fifth of a second for it each time.
PATIENCE = 2


class Browser:
    """As much of a browser as a form needs: cookies, and the hidden fields of the page."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.cookies = port, cookies

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            key, _equals, value = line.split(";")[0].partition("=")
            self.cookies[key] = value
        connection.close()
        return answer, text


def hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return dict(fields)


@pytest.fixture
def browser_of(machine, client_of) -> Callable[[object], Browser]:
    port = free_port()

    def answers() -> bool:
        try:
            return Browser(port, {}).ask("GET", "/healthz")[0].status == 200
        except OSError:
            return False

    def sign_in(person: object) -> Browser:
        machine.start_web(port)
        wait_for(answers, seconds=40)
        return Browser(port, {"sessionid": client_of(person).cookies["sessionid"].value})

    return sign_in


def test_with_redis_stopped_pages_answer_and_the_flag_waits(machine, browser_of, ana, library, tell):
    program = a_program(ana, library["BALL_PROGRESSION"], now=timezone.now())
    bridge = item_of(program, "BRG")
    browser = browser_of(ana)
    broker = machine.running[0]
    broker.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    page, text = browser.ask("GET", "/session/")
    read_in = time.monotonic() - began
    assert page.status == 200
    region = bridge.region
    form = hidden(text) | {
        f"before-{region}": "1",
        f"{bridge.pk}-both-1": "10",
        f"{bridge.pk}-skipped": "",
        f"{bridge.pk}-pain_during": "8",
        f"{bridge.pk}-pain_after": "3",
    }
    began = time.monotonic()
    saved, _text = browser.ask("POST", "/session/", form)
    saved_in = time.monotonic() - began

    assert (saved.status, Session.objects.count(), PainReport.objects.waiting().count()) == (302, 1, 1)
    assert item_of(program, "BRG").stopped_by is not None
    assert PainFlag.objects.count() == 0
    assert max(read_in, saved_in) < PATIENCE

    broker.send_signal(signal.SIGCONT)
    machine.start_worker()
    machine.ring()
    took = wait_for(PainFlag.objects.exists)
    tell(f"page in {read_in:.2f} s, session saved in {saved_in:.2f} s; flag {took:.1f} s after Redis went on")
