"""Clients of the API: a browser that is signed in, and a device with a token."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic import device_tokens
from clinic.models import User
from patients.flagging import assess_waiting_reports
from patients.models import Patient
from tests.factories.programs import a_session, as_planned, item_of


class Api:
    """`api.get("today")`, `api.post("sessions", {...})`; answers keep `.status_code` and `.json()`."""

    def __init__(self, client: Client, **headers: str) -> None:
        self.client, self.headers = client, headers

    def get(self, name: str, *args: Any, **query: Any):
        return self.client.get(reverse(f"api:{name}", args=args), query, headers=self.headers)

    def post(self, name: str, body: Any = None, *args: Any):
        url = reverse(f"api:{name}", args=args)
        return self.client.post(url, body or {}, content_type="application/json", headers=self.headers)

    def delete(self, name: str, *args: Any):
        return self.client.delete(reverse(f"api:{name}", args=args), headers=self.headers)


@pytest.fixture
def api(client_of) -> Callable[..., Api]:
    """`api(dana)`: signed in; `api()`: a stranger."""
    return lambda person=None, **headers: Api(client_of(person) if person else Client(), **headers)


@pytest.fixture
def device(now) -> Callable[..., Api]:
    """`device(dana)`: a device with a new token of that person."""

    def make(person: User | Patient, **headers: str) -> Api:
        user = person.user if isinstance(person, Patient) else person
        assert user is not None
        _row, token = device_tokens.issue(user, name="phone", now=now)
        return Api(Client(), Authorization=f"Bearer {token}", **headers)

    return make


@pytest.fixture(autouse=True)
def clock(now):
    """The requests' clock: it stands at nine on Monday until a test moves it."""
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def bridge(program):
    return item_of(program, "BRG")


@pytest.fixture
def pain_flag(program, bridge, now):
    """Pain 7: a flag of severity 3, which holds the bridge."""
    a_session(program, as_planned(bridge, pain_during=7), now=now)
    assess_waiting_reports(now=now)
    return program.patient.flags.get(group="pain")


@pytest.fixture
def red_flag(program, bridge, now):
    """A flag of severity 1."""
    a_session(program, as_planned(bridge), red_flags=["saddle_numbness"], now=now)
    assess_waiting_reports(now=now)
    return program.patient.flags.get(group="safety")


def faults(answer) -> dict[str | None, str]:
    """The field at fault → the sentence about it."""
    return {error["attr"]: error["detail"] for error in answer.json()["errors"]}
