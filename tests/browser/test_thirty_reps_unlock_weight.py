"""Thirty repetitions on each leg unlock weight: the weaker leg decides, and a person has the last word."""

import pytest

from patients.adjustments import set_level
from patients.models import Proposal
from tests.browser.hands import answer, at, log, press, words_of
from tests.factories import people
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lena(clinic, dana):
    return people.make_patient(clinic, "Lena Fischer", owner=dana)


@pytest.fixture
def deadlift(lena, dana, library, clock):
    """Lena's single-leg deadlift at the level of thirty slow repetitions on each leg."""
    clock(at(0, 9))
    program = a_program(lena, library["SQUAT_AND_SINGLE_LEG"], now=at(0, 9), side="both")
    item = item_of(program, "SLD")
    set_level(item, "SLD-3", reason="Stands freely, both hips level.", actor=dana, now=at(0, 9))
    return item_of(program, "SLD")


def test_thirty_reps_on_each_leg_unlock_weight(page_of, clock, lena, dana, deadlift):
    # Monday: the left leg gives up one repetition early.
    clock(at(0, 19))
    phone = page_of(lena)
    said = log(phone, deadlift, reps={"left": 29, "right": 30})
    assert "The left leg did 29 of 30: the weaker side decides." in said

    # Two clean days later the only thing missing is somebody who has seen it.
    for day in (2, 4):
        clock(at(day - 1, 12, 30))
        answer(phone, lena)
        clock(at(day, 19))
        said = log(phone, deadlift, reps={"left": 30, "right": 30})
        assert "How it feels the next day decides what comes next." in said
    assert not Proposal.objects.exists()
    clock(at(5, 12, 30))
    answer(phone, lena)
    proposal = Proposal.objects.get(patient=lena)
    assert (proposal.kind, proposal.state) == ("gate_check", "open")

    # Dana has watched her in the practice.
    desk = page_of(dana)
    desk.goto(f"/staff/patients/{lena.pk}/")
    assert "Ready for the next level, once you record what is missing." in words_of(desk)
    press(desk, "Approve")
    assert "Approved." in desk.inner_text("body")

    # The next time Lena opens her plan, the weight is there.
    phone.goto("/today/")
    today = words_of(phone)
    assert "Weight held in front" in today
    assert "2 kg" in today
