"""The key acts work in a browser that runs no scripts."""

import pytest

from patients.models import ExerciseLog, NextDayQuestion, PainReport, Session
from tests.browser.hands import at, choose, choose_labelled, log, press, words_of
from tests.factories.programs import a_program, a_session, as_planned, item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def program(ana, library, clock):
    clock(at(0, 18))
    return a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))


def test_a_session_is_logged(page_of, ana, program):
    said = log(page_of(ana, java_script_enabled=False), item_of(program, "BRG"), reps={"both": 13})

    assert "Saved. This is what comes next" in said
    assert Session.objects.get().patient == ana
    assert {one["reps"] for one in ExerciseLog.objects.get().sets} == {13}


def test_pain_is_reported(page_of, ana, program):
    page = page_of(ana, java_script_enabled=False)
    page.goto("/today/")
    page.get_by_role("link", name="Report pain now").first.click()
    choose(page, "pain", 8)
    page.locator('[name="about"]').first.wait_for(state="attached")
    press(page, "Send to the clinic")

    assert PainReport.objects.get().patient == ana
    assert "Call 020 7946 0100" in words_of(page)


def test_the_day_after_and_a_warning_sign_are_told_in_one_go(page_of, ana, program, clock):
    a_session(program, as_planned(item_of(program, "BRG")), now=at(0, 18))
    clock(at(1, 18))
    page = page_of(ana, java_script_enabled=False)
    page.goto("/today/")
    choose_labelled(page, "compared", "worse")
    choose(page, "pain", 6)
    page.get_by_text("Anything new or worrying?").click()
    choose_labelled(page, "red_flags", "chest_pain")
    press(page, "Save the answer")

    assert "Call 999 now" in words_of(page)
    question = NextDayQuestion.objects.get()
    assert (question.compared, question.pain, question.red_flags) == ("worse", 6, ["chest_pain"])
