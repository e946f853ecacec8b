import pytest

from patients.simulation.book import plain_book
from programs.models import ProgramVersion
from tests.factories.library import published_library


@pytest.fixture
def library(clinic) -> dict[str, ProgramVersion]:
    return published_library(clinic)


@pytest.fixture
def squats(library) -> dict:
    """Squat and single-leg control as plain values: two exercises at a time."""
    return plain_book(library["SQUAT_AND_SINGLE_LEG"])
