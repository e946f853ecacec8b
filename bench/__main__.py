"""Ratios of pages against their floors, measured in one run: `bin/bench`. It is no test; nothing is timed in tests.

Each benchmark calls the product and its floor in turn, so that a slow moment of the machine hits both. CPU seconds of
this process are compared, not the clock on the wall. A floor is a view that does nothing, behind the same middleware,
for the same signed-in person; of a list of the API, its rows as values written by the plain encoder.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.log_floor import again  # noqa: E402
from clinic.models import Clinic, User  # noqa: E402
from patients import flagging  # noqa: E402
from patients.adjustments import adjust_dose  # noqa: E402
from patients.models import Program, Session  # noqa: E402
from patients.reports import report_pain  # noqa: E402
from programs.models import ProgramVersion  # noqa: E402
from tests.factories import people  # noqa: E402
from tests.factories.browsers import signed_in  # noqa: E402
from tests.factories.library import published_library  # noqa: E402
from tests.factories.programs import a_program, a_session, as_planned, item_of  # noqa: E402
from tests.patients.portal.forms import quick_log  # noqa: E402

ROUNDS = 40
MARKS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
PATIENTS, MANY = 60, 200


@dataclass(frozen=True)
class Measured:
    """`ratio` is the median of product ÷ floor, pair by pair; `low` and `high` its quartiles."""

    name: str
    budget: str
    ratio: float
    low: float
    high: float
    queries: int
    bytes: int


def cpu(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(name: str, budget: str, product: Callable[[], object], floor: Callable[[], object]) -> Measured:
    product(), floor()  # warm
    pairs = [(cpu(product), cpu(floor)) for _round in range(ROUNDS)]
    ratios = [one / max(other, 1e-9) for one, other in pairs]
    with CaptureQueriesContext(connection) as captured:
        answer = product()
    real = [row for row in captured.captured_queries if not row["sql"].startswith(MARKS)]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return Measured(name, budget, middle, low, high, len(real), len(getattr(answer, "content", b"")))


def browser_of(person: User | None) -> Client:
    assert person is not None  # patients of the benchmark have an address
    browser = signed_in(person)
    browser.get("/bench/empty/")  # the first request of a browser builds its middleware
    return browser


def benchmarks() -> Iterator[Measured]:
    now = timezone.now()
    clinic = people.make_clinic()
    dana = people.make_member(clinic, "Dana", "therapist", licensed=True)
    ball = published_library(clinic, now - timedelta(days=30))["BALL_PROGRESSION"]
    programs = [_patient(clinic, dana, ball, number, now=now - timedelta(days=20)) for number in range(PATIENTS)]
    Program.objects.update(ticked_for=timezone.localdate() + timedelta(days=1))  # a worker has worked every midnight
    desk, ana = browser_of(dana), browser_of(programs[0].patient.user)

    yield measure("Today", "≤ 8 queries, ≤ 20 kB", lambda: ana.get("/today/"), lambda: ana.get("/bench/empty/"))
    forms = [(program.patient.user, urlencode(quick_log(program), doseq=True)) for program in programs]
    fresh = iter([(browser_of(user), form) for user, form in forms])  # encoded as a browser does it

    def log() -> object:
        client, form = next(fresh)
        return client.post("/session/", form, content_type="application/x-www-form-urlencoded")

    yield measure("log a session of 15 sets", "≤ 12 queries, ≤ 5 × empty", log, lambda: ana.post("/bench/empty/"))
    bare = again(Session.objects.latest("logged_at"))
    yield measure("its reads and writes alone", "", lambda: next(bare), lambda: ana.post("/bench/empty/"))
    for program in programs[:30]:
        report_pain(program.patient, item=item_of(program, "BRG"), pain=8, actor=None, now=now)
    flagging.assess_waiting_reports(now=now)
    queue = lambda: desk.get("/staff/triage/")  # noqa: E731
    yield measure("triage queue, 30 flags", "≤ 5 queries", queue, lambda: desk.get("/bench/empty/"))
    beside = lambda: desk.get("/staff/banners/")  # noqa: E731
    yield measure("fetched beside each staff page", "", beside, lambda: desk.get("/bench/empty/"))
    api = lambda: desk.get("/api/v1/caseload/")  # noqa: E731
    yield measure("API caseload of 25 ÷ its values", "≤ 3 queries, ≤ 1.4", api, lambda: desk.get("/bench/caseload/"))
    api = lambda: desk.get("/api/v1/flags/")  # noqa: E731
    yield measure("API flags of 25 ÷ their values", "≤ 3 queries, ≤ 1.4", api, lambda: desk.get("/bench/flags/"))
    caseload = lambda: desk.get("/staff/")  # noqa: E731
    budget = "≤ 6 queries, ≤ 5 × empty"
    yield measure(f"caseload, {PATIENTS} patients", budget, caseload, lambda: desk.get("/bench/empty/"))
    for number in range(PATIENTS, MANY):
        _patient(clinic, dana, ball, number, now=now - timedelta(days=20))
    yield measure(f"caseload, {MANY} patients", budget, caseload, lambda: desk.get("/bench/empty/"))


def _patient(clinic: Clinic, dana: User, version: ProgramVersion, number: int, *, now: datetime) -> Program:
    patient = people.make_patient(clinic, f"Patient {number}", owner=dana)
    program = a_program(patient, version, now=now)
    adjust_dose(item_of(program, "BRG"), changes={"sets": 15}, reason="bench", actor=dana, now=now)
    a_session(program, as_planned(item_of(program, "BRG")), now=now + timedelta(days=1))
    return Program.objects.select_related("patient__user", "patient__clinic").get(pk=program.pk)


def main() -> None:
    setup_test_environment()
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        with override_settings(ROOT_URLCONF="bench.urls"):
            found = list(benchmarks())
    finally:
        runner.teardown_databases(databases)
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps([asdict(one) for one in found], indent=1) + "\n")
        return
    sys.stdout.write(f"{'what':31} {'÷ floor':>9} {'quartiles':>14} {'queries':>8} {'bytes':>8}  budget\n")
    for one in found:
        quartiles = f"{one.low:.1f}–{one.high:.1f}"
        sys.stdout.write(
            f"{one.name:31} {one.ratio:9.1f} {quartiles:>14} {one.queries:8} {one.bytes:8}  {one.budget}\n"
        )


if __name__ == "__main__":
    main()
