"""Fixtures of the fault suite, and the table that `bin/faults` prints."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.factories.library import published_library
from tests.faults.processes import Machine

LONG = os.environ.get("STEPWELL_FAULTS") == "long"
ROWS = pytest.StashKey[list[tuple[str, str]]]()


@pytest.fixture
def rounds() -> int:
    """How often a fault is repeated: a few times in the suite, many in bin/faults."""
    return 20 if LONG else 2


@pytest.fixture
def machine(transactional_db, tmp_path) -> Iterator[Machine]:
    """A machine with nothing running but its Redis."""
    machine = Machine(tmp_path)
    try:
        machine.start_redis()
        yield machine
    finally:
        machine.stop_all()


@pytest.fixture
def library(clinic):
    return published_library(clinic)


@pytest.fixture
def tell(request) -> Callable[[str], None]:
    """Adds a line to the table: what was done to the machine, and what came of it."""
    rows = request.config.stash.setdefault(ROWS, [])
    name = request.node.name.removeprefix("test_").replace("_", " ")
    return lambda text: rows.append((name, text))


def pytest_terminal_summary(terminalreporter, config) -> None:
    rows = config.stash.get(ROWS, [])
    if rows and LONG:
        width = max(len(name) for name, _text in rows)
        terminalreporter.section("faults")
        for name, text in rows:
            terminalreporter.write_line(f"{name:<{width}}  {text}")
