"""Two clinics with a row of everything, and everybody who may ask for a page of one of them."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.cache import cache
from django.db import connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.access import CLINIC_KEY
from clinic.models import Clinic, User
from patients.models import Patient
from tests.architecture.routes import Line
from tests.architecture.rows import APPS, Rows, live, one_of_everything, our_models
from tests.conftest import CANARY
from tests.factories import people
from tests.factories.browsers import signed_in

BESIDE = "Beside"  # what a third patient of Ana's clinic wrote: no other patient may ever read it
WRITE = re.compile(r'^(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "(\w+)"')
# What a request leaves whatever comes of it: the audit's row, a try that counts, the session.
TRACES = {"clinic_auditentry", "clinic_spent", "django_session", "usersessions_usersession"}


@dataclass
class World:
    """`ours` is Ana's, `beside` another patient's of her clinic, `theirs` the other clinic's."""

    ours: Rows
    beside: Rows
    theirs: Rows
    clients: dict[str, Client]
    before: dict[str, set[Any]] = field(default_factory=dict)  # table → its rows, as they are between two requests
    models: dict[str, str] = field(default_factory=dict)  # id of a row → name of its model

    def ask(self, line: Line, role: str, rows: Rows, **request: Any) -> "Answer":
        """The answer to one request, of which the database keeps nothing."""
        url = address(line, rows)
        kind = "application/json" if line.route.startswith("api:") else "application/x-www-form-urlencoded"
        sent = {"data": "{}" if "json" in kind else "", "content_type": kind} | request
        browser = self.clients[role]
        cookies = deepcopy(browser.cookies)
        with transaction.atomic(), noted_writes() as written:
            answer = browser.generic(line.method, url, **sent)
            changed = sorted(table for table in set(written) - TRACES if rows_in(table) != self.before[table])
            transaction.set_rollback(True)
        text = text_of(answer) + browser.cookies.output()
        browser.cookies = cookies  # who signed out is back in, like the row of their session
        return Answer(answer, answer.status_code, text, changed, [written[table] for table in set(written) - TRACES])

    def theirs_in(self, written: list[str]) -> list[str]:
        """The models of the other clinic of which an id was written or asked to be changed."""
        ids = {row.pk.hex: model.__name__ for model, row in self.theirs.items() if isinstance(row.pk, UUID)}
        return [name for pk, name in ids.items() if any(pk in text for text in written)]


@dataclass(frozen=True)
class Answer:
    """`changed` are the tables that are not as they were, `written` the values that went to them; traces aside."""

    response: Any
    status: int
    text: str
    changed: list[str]
    written: list[str]

    @property
    def is_page(self) -> bool:
        return self.status == 200 and self.response.headers["Content-Type"].startswith("text/html")

    @property
    def is_refusal(self) -> bool:
        return 400 <= self.status < 500 or self.to_sign_in

    @property
    def to_sign_in(self) -> bool:
        return self.status == 302 and self.response.headers["Location"].startswith("/sign-in/")


@contextmanager
def a_world() -> Iterator[World]:
    """Built once for many requests and never committed."""
    with transaction.atomic():
        clinic = people.make_clinic("Riverside Physio", slug="riverside")
        other = people.make_clinic(f"{CANARY} Hill Physio", slug="canary-hill")
        dana = people.make_member(clinic, "Dana Reed", "therapist", licensed=True)
        olga = people.make_member(other, f"Olga {CANARY}", "therapist", licensed=True)
        ana = people.make_patient(clinic, "Ana Silva", owner=dana)
        ours = lived(ana, dana, text="Ours")
        neighbour = people.make_patient(clinic, f"{BESIDE} Berg", owner=dana)
        beside = lived(neighbour, dana, text=BESIDE, taken=ours)
        theirs = lived(people.make_patient(other, f"{CANARY} Zora", owner=olga), olga, text=CANARY)
        world = World(ours, beside, theirs, browsers(clinic, other, dana, olga))
        world.before = {table: rows_in(table) for table in connection.introspection.table_names()}
        for model in sorted(our_models(), key=lambda model: bool(model._meta.pk.remote_field)):  # type: ignore[union-attr]
            for pk in model._base_manager.values_list("pk", flat=True):
                world.models.setdefault(str(pk), model.__name__)
        yield world
        transaction.set_rollback(True)


def lived(patient: Patient, staff: User, *, text: str, taken: Rows | None = None) -> Rows:
    live(patient, text=text, now=timezone.now())
    return one_of_everything(patient, staff, text=text, taken=taken)


def browsers(clinic: Clinic, other: Clinic, dana: User, olga: User) -> dict[str, Client]:
    """One for each role of tests/architecture/routes.py."""
    ana = Patient.objects.get(clinic=clinic, identity__name="Ana Silva")
    gone = people.make_member(clinic, "Gone", "therapist", "owner")
    gone.is_active = False
    gone.save()
    carer, was_carer = people.make_user("Carer"), people.make_user("Was Carer")
    people.make_proxy(ana, carer)
    ended = people.make_proxy(ana, was_carer)
    ended.revoked_at = people.NOW
    ended.save()
    both = people.make_member(clinic, "Both", "therapist", licensed=True)
    people.join(other, both, "therapist", licensed=True)
    assert ana.user
    return {
        "anonymous": Client(),
        "ana": signed_in(ana.user),
        "other": patient_browser(people.make_patient(clinic, "Other Patient", owner=dana)),
        "dana": signed_in(dana),
        "colleague": signed_in(people.make_member(clinic, "Colleague", "therapist", licensed=True)),
        "olga": signed_in(olga),
        "theo": signed_in(people.make_member(clinic, "Theo Marsh", "trainer")),
        "ravi": signed_in(people.make_member(clinic, "Ravi Nair", "desk")),
        "owner": signed_in(people.make_member(clinic, "Owner", "owner")),
        "disabled": signed_in(gone),
        "nobody": signed_in(people.make_user("Nobody")),
        "carer": signed_in(carer),
        "was_carer": signed_in(was_carer),
        "both": working_in(clinic, both),
        "both_there": working_in(other, both),
    }


def patient_browser(patient: Patient) -> Client:
    assert patient.user
    return signed_in(patient.user)


def working_in(clinic: Clinic, user: User) -> Client:
    browser = signed_in(user)
    session = browser.session
    session[CLINIC_KEY] = str(clinic.pk)
    session.save()
    return browser


def forget_everything() -> None:
    """Empties the cache, as a new machine or a dead Redis would."""
    cache.clear()


@contextmanager
def noted_writes() -> Iterator[dict[str, str]]:
    """The tables something was written to, even if it was taken back, with the values without their hyphens."""
    tables: dict[str, str] = {}

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if found := WRITE.match(sql):
            tables[found[1]] = tables.get(found[1], "") + repr(params).replace("-", "")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def rows_in(table: str) -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return set(cursor.fetchall())


def address(line: Line, rows: Rows) -> str:
    path = dict(line.path)
    if "at" in path:
        return path["at"]
    return reverse(line.route, kwargs={key: written(value, line, rows) for key, value in path.items()})


def written(value: str, line: Line, rows: Rows) -> object:
    """`Model` is the id of its row, `Model.field` another field of it, `Self` the model of an admin page."""
    if value.startswith("'"):
        return value.strip("'")
    name, _, attribute = value.partition(".")
    if name == "Self":
        label, model = line.route.split(":")[1].split("_")[:2]
        return rows[apps.get_model(label, model)].pk
    return getattr(rows[model_named(name)], attribute or "pk")


def model_named(name: str) -> type[models.Model]:
    return next(m for app in APPS for m in apps.get_app_config(app).get_models() if m.__name__ == name)


def text_of(answer: Any) -> str:
    """Headers and body; of an archive the files in it."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer.headers.get("Content-Type") == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(archive.read(name) for name in archive.namelist())
    # The islands are a time zone on offer, not a leak.
    return f"{dict(answer.headers)}\n{body.decode(errors='replace')}".replace("Atlantic/Canary", "")
