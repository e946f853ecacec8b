"""What was ruled out since it was assigned, as Ana sees it: no exercise, the reason, and whom to ask."""

from uuid import uuid4

import pytest

from patients.examinations import examine
from patients.models import Session
from tests.factories.programs import a_program, item_of
from tests.factories.stretches import stretch_program


@pytest.fixture
def program(ana, library, clinic, dana, now):
    found = a_program(ana, stretch_program(clinic), now=now)
    examine(found.episode, slump="eases_looking_up", leg_tingling=False, actor=dana, now=now)
    return found


def test_today_says_why_and_whom_to_ask_and_shows_no_dose(portal, program):
    page = portal.get("/today/").content.decode()
    place = page.partition("Gentle hold")[2].partition("</li>")[0]

    assert "Not for you now" in place
    assert "a check of the nerve says that held stretches are not for you now" in place
    assert 'href="tel:02079460100"' in place
    assert "2 × 20" not in place


def test_the_program_page_does_not_say_how_it_is_done(portal, program):
    page = portal.get("/program/").content.decode()
    place = page.partition("Gentle hold")[2].partition("</section>")[0]

    assert "Ask your clinic before you do it." in place
    assert "Hold and breathe" not in place


def test_the_form_of_a_session_leaves_it_out(portal, program):
    page = portal.get("/session/").content.decode()

    assert str(item_of(program, "STA").pk) not in page
    assert str(item_of(program, "BRG").pk) in page


def test_a_form_opened_before_is_refused_in_words_and_loses_nothing(portal, program):
    """Ana had the page open when Dana recorded the screen."""
    key = item_of(program, "STA").pk
    typed = {
        "client_id": str(uuid4()),
        "before-posterior_thigh_hip": "2",
        f"{key}-skipped": "",
        f"{key}-left-1": "27",
        f"{key}-right-1": "26",
        f"{key}-pain_during": "1",
        f"{key}-pain_after": "1",
        f"{key}-form": "ok",
        f"{key}-cramp": "",
        f"{key}-note": "Felt a pull behind the knee",
    }
    page = portal.post("/session/", typed).content.decode()

    assert "Ask your clinic first. If it hurt, report the pain." in page
    assert 'value="27"' in page
    assert "Felt a pull behind the knee" in page
    assert not Session.objects.exists()
