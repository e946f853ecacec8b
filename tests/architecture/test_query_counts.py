"""No page asks the database more often where there is more to show: each with one of everything, then with three."""

import uuid

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import User
from patients.models import Decision, ExerciseLog, Hold, Patient, ProgramItem, Session
from tests.architecture.access_table import TABLE
from tests.architecture.routes import Line, read, spread, walk
from tests.architecture.rows import SHARED, Rows, live, our_models
from tests.architecture.world import World, a_world
from tests.factories import people

ROLES = ("ana", "dana", "theo", "owner")
PAGES = [line for line in spread(read(TABLE), walk()) if line.method == "GET"]
MARKS = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN")
ONCE = {"programs", "clinic"}  # a library and a house: their lists have tests of their own


@pytest.mark.once
@pytest.mark.django_db
def test_no_page_asks_more_where_there_is_more_to_show():
    with a_world() as world:
        for line in PAGES:
            queries(line, world)  # what a process keeps, it has by then
        few = {line: queries(line, world) for line in PAGES}
        more_of_everything(world)
        many = {line: queries(line, world) for line in PAGES}
    more = [
        f"{line} for {role}: {few[line][role]} queries, then {count}"
        for line in PAGES
        for role, count in many[line].items()
        if count > few[line][role]
    ]
    assert not more, "\n".join(more)


def queries(line: Line, world: World) -> dict[str, int]:
    """How many each role costs who may see the page."""
    found = {}
    for role in ROLES:
        if line.expected[role] == 200:
            with CaptureQueriesContext(connection) as captured:
                world.ask(line, role, world.ours)
            found[role] = sum(not row["sql"].startswith(MARKS) for row in captured.captured_queries)
    return found


def more_of_everything(world: World) -> None:
    """Two more patients who have lived, and two more of each of Ana's rows that the database takes twice."""
    dana = User.objects.get(caseload=world.ours[Patient].pk)
    for name in ("Second Patient", "Third Patient"):
        patient = people.make_patient(dana.memberships.get().clinic, name, owner=dana)
        live(patient, text=name, now=timezone.now())
    for _more in range(2):
        copies: Rows = {}
        for model in our_models():
            if model._meta.app_label not in ONCE and model._meta.label not in SHARED:
                copy(world.ours[model], copies)
        assert {Decision, ExerciseLog, Hold, ProgramItem, Session} <= set(copies)


def copy(row: models.Model, copies: Rows) -> None:
    """Another one that differs in its id and belongs to the other copies, if the database takes it."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    for field in row._meta.concrete_fields:
        if field.primary_key and not field.related_model:
            values[field.attname] = uuid.uuid4() if isinstance(field, models.UUIDField) else None
        elif field.related_model in copies:
            values[field.attname] = copies[field.related_model].pk
    try:
        with transaction.atomic():
            copies[type(row)] = type(row)._base_manager.create(**values)
    except IntegrityError:
        return
