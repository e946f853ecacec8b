import pytest
import time_machine

from tests.factories.programs import a_program


@pytest.fixture(autouse=True)
def the_clock(now):
    """The request reads the clock itself: it stands at the `now` of the tests until one moves it."""
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def portal(client_of, ana):
    return client_of(ana)


@pytest.fixture
def nerve_program(ana, library, now):
    """Two exercises from the second day on: a nerve slider done on both sides, and the kneeling hinge."""
    given = {"slump": "eases_looking_up", "side": "both"}
    return a_program(ana, library["NERVE_FIRST_HINGE"], now=now, gates=("nerve_glide_cleared",), **given)
