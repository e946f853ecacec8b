"""The cast. Dana treats, Theo trains, Ravi is at the desk, Ana is the patient, Olga works in another clinic.

Everything of the other clinic is called Canary: none of it may ever appear on a page of the first.
"""

import gc
import importlib
import os
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Any
from unittest import TestCase, mock

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from clinic.models import Clinic, User
from patients.models import Patient
from tests.behind_django import unguarded
from tests.factories import people
from tests.factories.browsers import signed_in

CANARY = "Canary"
# They draw or refuse what the verbs under them do, or live through weeks with them; these are tried on both databases,
# and so is what runs at once.
DRAWN = (
    "attacks/",
    "clinic/test_demo_cast.py",
    "clinic/test_headers.py",
    "clinic/test_refusals_noted.py",
    "clinic/test_second_factor.py",
    "clinic/test_step_up.py",
    "clinic/test_team_pages.py",
    "patients/api/",
    "patients/intake_pages/",
    "patients/management/commands/test_simulate.py",
    "patients/portal/",
    "patients/simulation/",
    "patients/test_any_order.py",
    "patients/test_dry_runs.py",
    "patients/test_program_sheet.py",
    "patients/test_record_summary.py",
    "patients/workspace/",
    "programs/test_admin",
    "programs/test_differences.py",
    "programs/test_level_sheet.py",
    "programs/test_library_export.py",
    "programs/test_lint.py",
    "programs/test_pictures.py",
    "reminders/demo/",
    "reminders/test_content.py",
    "reminders/test_digests.py",
    "reminders/test_views.py",
)
SLOW = (
    "architecture/test_marks.py",
    "architecture/test_query_counts.py",
    "browser/",
    "clinic/test_up.py",
    "faults/",
    "journeys/",
    "patients/test_any_order.py",
    "reminders/demo/",
)
NO_BROWSER = "no Chromium here (Debian's package is called chromium)"


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Marks what runs `once` before -m is read, and sorts after pytest-randomly and pytest-django have."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        at_once = mark is not None and mark.kwargs.get("transaction")
        if _path_of(item).startswith(DRAWN) and not at_once:
            item.add_marker("once")
        # A test that asks no database answers the same on each; `bin/test` runs it on the first one only.
        asks = {"db", "transactional_db"} & set(item.fixturenames) or item.get_closest_marker("django_db")
        if not asks and not issubclass(item.cls or object, TestCase):
            item.add_marker("once")
    result = yield
    items[:] = slow_ones_first(items, workers=int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
    return result


def slow_ones_first(items: list[pytest.Item], *, workers: int) -> list[pytest.Item]:
    """Each worker's part of the list, as xdist cuts it, begins with its share of the slow modules: at the end of a run
    only quick tests are left to share out, and no worker waits for another's journey.
    """
    slow = [item for item in items if _path_of(item).startswith(SLOW)]
    quick = iter([item for item in items if not _path_of(item).startswith(SLOW)])
    modules = [list(tests) for _path, tests in groupby(slow, _path_of)]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        share = list(chain.from_iterable(modules[worker::workers]))
        size = (len(items) - len(ordered)) // (workers - worker)
        ordered += [*share, *islice(quick, max(0, size - len(share)))]
    return ordered


def _path_of(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).as_posix()


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the collector need not walk it again before every few tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The emptying of tables between tests gets past the audit's triggers; nothing else does.

    Ends what a killed process or a server thread has left connected: PostgreSQL drops no database in use.
    """
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_unguarded(ops: Any, statements: list[str]) -> None:
        with unguarded():
            flush(ops, statements)

    with mock.patch.object(operations, "execute_sql_flush", flush_unguarded):
        yield
    if connection.vendor == "postgresql":
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> %s"
        )
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            cursor.execute(others, cursor.fetchone())


@pytest.fixture(autouse=True)
def empty_cache():
    """Limits are counted in the cache: no test may spend another's tries."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def no_pictures_stay():
    """Pictures that tests brought are files: they go when the run is over."""
    yield
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


@pytest.fixture
def now() -> datetime:
    """Monday 2 March 2026, nine in the morning, in London and in UTC."""
    return people.NOW


@pytest.fixture
def clinic(db) -> Clinic:
    return people.make_clinic("Riverside Physio", slug="riverside")


@pytest.fixture
def other_clinic(db) -> Clinic:
    return people.make_clinic(
        f"{CANARY} Hill Physio",
        slug="canary-hill",
        phone="020 7946 0999",
        urgent_care=f"{CANARY} night line",
        email="canary@hill.example",
    )


@pytest.fixture
def dana(clinic) -> User:
    return people.make_member(clinic, "Dana Reed", "therapist", licensed=True, email="dana@people.example")


@pytest.fixture
def colleague(clinic) -> User:
    """A second licensed therapist of the same clinic, who follows none of Dana's patients."""
    return people.make_member(clinic, "Colleague", "therapist", licensed=True)


@pytest.fixture
def theo(clinic) -> User:
    return people.make_member(clinic, "Theo Marsh", "trainer", email="theo@people.example")


@pytest.fixture
def ravi(clinic) -> User:
    return people.make_member(clinic, "Ravi Nair", "desk", email="ravi@people.example")


@pytest.fixture
def owner(clinic) -> User:
    """Runs the clinic and treats nobody."""
    return people.make_member(clinic, "Owner", "owner")


@pytest.fixture
def olga(other_clinic) -> User:
    return people.make_member(other_clinic, f"Olga {CANARY}", "therapist", licensed=True, email="olga@people.example")


@pytest.fixture
def ana(clinic, dana) -> Patient:
    return people.make_patient(clinic, "Ana Silva", owner=dana, email="ana@people.example")


@pytest.fixture
def other_patient(clinic, dana) -> Patient:
    """A second patient of Ana's clinic."""
    return people.make_patient(clinic, "Other Patient", owner=dana)


@pytest.fixture
def canary_patient(other_clinic, olga) -> Patient:
    return people.make_patient(other_clinic, f"{CANARY} Zora", owner=olga, email="canary.zora@people.example")


@pytest.fixture
def client_of() -> Callable[[User | Patient], Client]:
    """`client_of(dana)`: a browser in which that person (a user, or a patient's user) is signed in."""

    def sign_in(person: User | Patient) -> Client:
        user = person.user if isinstance(person, Patient) else person
        assert user, "This patient has no e-mail, and so no way to sign in."
        return signed_in(user)

    return sign_in


@pytest.fixture
def counted(request) -> Callable[[str, int], None]:
    """`counted("tries", 15)`: what the summary at the end adds up."""

    def count(what: str, number: int) -> None:
        request.node.user_properties.append((what, number))

    return count


def pytest_terminal_summary(terminalreporter) -> None:
    """How much of the access matrix was walked, and the browser tests that did not run: nobody would miss them."""
    calls = [test for tests in terminalreporter.stats.values() for test in tests if getattr(test, "when", "") == "call"]
    if line := size_of_the_matrix([told for test in calls for told in test.user_properties]):
        terminalreporter.write_line(line)
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if any(NO_BROWSER in text for text in skipped):
        terminalreporter.write_line(f"Browser tests: skipped, {NO_BROWSER}.")


def size_of_the_matrix(counts: list[tuple[str, int]]) -> str:
    sums = Counter[str]()
    for what, number in counts:
        sums[what] += number
    if not sums["tries"]:
        return ""
    routes = importlib.import_module("tests.architecture.routes")
    return (
        f"access matrix: {len(routes.walk())} routes × {len(routes.EVERYBODY)} roles × {len(routes.METHODS)} methods: "
        f"{sums['tries']} tries, {sums['warm']} again with warm caches, {sums['refused']} refused with every row as "
        f"before; {sums['paths']} id swaps in paths, {sums['queries']} in queries, {sums['bodies']} in bodies"
    )
