"""Every route, for every role: the answer is the one the table says, and nothing of the other clinic is in it."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.models import Clinic, User
from patients.models import PainFlag, Patient
from tests.architecture.access_table import TABLE
from tests.architecture.routes import ROLES, Line, read, spread, walk
from tests.architecture.rows import APPS, Rows, live, one_of_everything
from tests.conftest import CANARY
from tests.factories import people
from tests.factories.browsers import signed_in

pytestmark = pytest.mark.once

WRITTEN = read(TABLE)
LINES = spread(WRITTEN, walk())
SWAPPED = [line for line in LINES if any(value[0] not in "'/" for _key, value in line.path)]
OF_A_PATIENT = {"Patient", "PainFlag", "Proposal", "TrialRequest"}
OF_THE_CLINIC = [role for role in ROLES if role not in {"anonymous", "olga", "disabled", "nobody"}]


@dataclass
class World:
    ours: Rows
    theirs: Rows
    clients: dict[str, Client]

    def ask(self, line: Line, role: str, rows: Rows) -> Any:
        """The answer to one request, of which the database keeps nothing."""
        url = address(line, rows)
        kind = "application/json" if line.route.startswith("api:") else "application/x-www-form-urlencoded"
        browser = self.clients[role]
        cookies = deepcopy(browser.cookies)
        with transaction.atomic():
            answer = browser.generic(line.method, url, "{}" if "json" in kind else "", content_type=kind)
            transaction.set_rollback(True)
        browser.cookies = cookies  # who signed out is back in, like the row of their session
        return answer


def address(line: Line, rows: Rows) -> str:
    path = dict(line.path)
    if "at" in path:
        return path["at"]
    return reverse(line.route, kwargs={key: written(value, line, rows) for key, value in path.items()})


def written(value: str, line: Line, rows: Rows) -> object:
    """`Model` is the id of its row, `Model.field` another field of it, `Self` the model of an admin page."""
    if value.startswith("'"):
        return value.strip("'")
    name, _, field = value.partition(".")
    if name == "Self":
        label, model = line.route.split(":")[1].split("_")[:2]
        return rows[apps.get_model(label, model)].pk
    return getattr(rows[model_named(name)], field or "pk")


def model_named(name: str) -> type[models.Model]:
    return next(m for app in APPS for m in apps.get_app_config(app).get_models() if m.__name__ == name)


def cast(clinic: Clinic, dana: User, olga: User) -> dict[str, User | None]:
    gone = people.make_member(clinic, "Gone", "therapist", "owner")
    gone.is_active = False
    gone.save()
    return {
        "anonymous": None,
        "ana": Patient.objects.get(clinic=clinic).user,
        "other": people.make_patient(clinic, "Other Patient", owner=dana).user,
        "dana": dana,
        "colleague": people.make_member(clinic, "Colleague", "therapist", licensed=True),
        "olga": olga,
        "theo": people.make_member(clinic, "Theo Marsh", "trainer"),
        "ravi": people.make_member(clinic, "Ravi Nair", "desk"),
        "owner": people.make_member(clinic, "Owner", "owner"),
        "disabled": gone,
        "nobody": people.make_user("Nobody"),
    }


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """Both clinics with a row of everything, built once for all lines and never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        clinic = people.make_clinic("Riverside Physio", slug="riverside")
        other = people.make_clinic(f"{CANARY} Hill Physio", slug="canary-hill")
        dana = people.make_member(clinic, "Dana Reed", "therapist", licensed=True)
        olga = people.make_member(other, f"Olga {CANARY}", "therapist", licensed=True)
        ana = people.make_patient(clinic, "Ana Silva", owner=dana)
        zora = people.make_patient(other, f"{CANARY} Zora", owner=olga)
        for patient, text in ((ana, "Ours"), (zora, CANARY)):
            live(patient, text=text, now=timezone.now())
        ours, theirs = one_of_everything(ana, dana, text="Ours"), one_of_everything(zora, olga, text=CANARY)
        clients = {role: signed_in(user) if user else Client() for role, user in cast(clinic, dana, olga).items()}
        yield World(ours, theirs, clients)
        transaction.set_rollback(True)


def test_every_route_is_in_the_table():
    missing = sorted(set(walk()) - {line.route for line in LINES})
    assert missing == [], "Say in tests/architecture/access_table.py who gets which answer from these routes."


def test_the_table_speaks_of_no_route_that_is_gone():
    """Lines for a whole door may be written before the door is there."""
    doors = {name.split(":")[0] for name in walk()}
    written = [line for line in WRITTEN if line.route.split(":")[0] in doors]
    assert [line.route for line in written if not spread([line], walk())] == []


@pytest.mark.django_db
@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_role_gets_its_answer(line, world):
    answers = {role: world.ask(line, role, world.ours) for role in ROLES}
    statuses = {role: answer.status_code for role, answer in answers.items()}
    assert statuses == line.expected, f"{line} answered {' '.join(map(str, statuses.values()))}"
    assert [role for role in OF_THE_CLINIC if CANARY in text_of(answers[role])] == []


@pytest.mark.django_db
@pytest.mark.parametrize("line", SWAPPED, ids=str)
def test_an_id_of_the_other_clinic_opens_nothing(line, world):
    """The same routes with the ids swapped: not there, or not for this role; and nothing of it in the answer."""
    if line.expected["anonymous"] not in {302, 401, 403}:
        pytest.skip("open to strangers: whoever has the link may use it")
    answers = {role: world.ask(line, role, world.theirs) for role in OF_THE_CLINIC}
    assert {role: answer.status_code for role, answer in answers.items() if not says_nothing(answer)} == {}
    assert [role for role, answer in answers.items() if CANARY in text_of(answer)] == []


@pytest.mark.django_db
def test_in_a_narrowed_clinic_a_colleagues_patient_is_not_there(world):
    """Where therapists see only their own patients, the others are answered like those of another clinic."""
    lines = [line for line in LINES if line.path and line.path[0][1] in OF_A_PATIENT]
    with transaction.atomic():
        Clinic.objects.update(caseload_only=True)
        PainFlag.objects.update(state=PainFlag.State.RESOLVED, resolved_at=timezone.now())  # urgent ones would show
        answers = {str(line): world.ask(line, "colleague", world.ours).status_code for line in lines}
        transaction.set_rollback(True)
    assert answers == {str(line): line.expected["olga"] for line in lines}
    assert len(answers) > 100


def says_nothing(answer: Any) -> bool:
    """Not there, not allowed, or the stock admin's way of saying "not there": back to its first page."""
    return answer.status_code in {403, 404} or (answer.status_code, answer.headers.get("Location")) == (302, "/admin/")


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    # The islands are a time zone on offer, not a leak.
    return f"{dict(answer.headers)}\n{body.decode(errors='replace')}".replace("Atlantic/Canary", "")
