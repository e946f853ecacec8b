import pytest

from tests.factories.library import published_library
from tests.factories.programs import a_program
from tests.factories.story import Story


@pytest.fixture
def library(clinic):
    """The eight published templates by their code."""
    return published_library(clinic)


@pytest.fixture
def program(ana, library, now):
    """Ana's one exercise: the floor bridge, two sets of eight to fifteen."""
    return a_program(ana, library["BALL_PROGRESSION"], now=now)


@pytest.fixture
def story(program):
    return Story.of(program)
