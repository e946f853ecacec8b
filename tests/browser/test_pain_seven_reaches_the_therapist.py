"""Pain seven stops the exercise at once, reaches the therapist, and comes back as something lighter."""

import pytest

from patients.adjustments import set_level
from patients.models import PainFlag
from tests.browser.hands import at, choose_labelled, log, press, the_worker_comes, words_of
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bridge(ana, dana, library, clock):
    """Ana's bridge, one level above the first."""
    clock(at(0, 9))
    program = a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))
    set_level(item_of(program, "BRG"), "BRG-2", reason="Did this before.", actor=dana, now=at(0, 9))
    return item_of(program, "BRG")


def test_pain_seven_stops_the_exercise_and_reaches_the_therapist(page_of, clock, ana, dana, bridge):
    # Monday evening. What must stop is said on the very next page, before any worker has run.
    clock(at(0, 19))
    phone = page_of(ana)
    said = log(phone, bridge, during=7, after=4)
    assert "Stop this exercise." in said
    assert "Call 020 7946 0100" in said
    assert PainFlag.objects.count() == 0
    phone.goto("/today/")
    assert "On hold" in words_of(phone)
    assert phone.get_by_role("link", name="Start session").count() == 0

    the_worker_comes()

    # Tuesday morning at the clinic: the flag stands first in the queue.
    clock(at(1, 9))
    desk = page_of(dana)
    desk.goto("/staff/triage/")
    assert "Pain 7, usual 2" in words_of(desk)
    desk.get_by_role("link", name="Ana Silva").first.click()
    press(desk, "Take")
    assert PainFlag.objects.get().owner == dana

    desk.get_by_text("Call logged").last.click()
    choose_labelled(desk, "outcome", "reached")
    press(desk, "Record the attempt")
    assert "The attempt is recorded." in words_of(desk)

    desk.locator("summary", has_text="Resolve").click()
    desk.locator('select[name="code"]').select_option("level_changed")
    choose_labelled(desk, "effect", "step_back")
    desk.get_by_label("What was said or found").fill("Pulled at full height. One level back, half the range.")
    press(desk, "Close the flag")
    assert "Closed" in words_of(desk)
    flag = PainFlag.objects.get()
    assert (flag.state, flag.resolved_by, flag.effect) == ("resolved", dana, "step_back")

    # On Wednesday the exercise is asked for again, one level lower.
    clock(at(2, 9))
    phone = page_of(ana)
    phone.goto("/today/")
    today = words_of(phone)
    below = item_of(bridge.program, "BRG").level
    assert below.code == "BRG-1"
    assert below.name.lower() in today.lower()
    assert "On hold" not in today
    assert phone.get_by_role("link", name="Start session").count() == 1
