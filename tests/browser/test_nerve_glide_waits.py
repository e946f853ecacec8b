"""A nerve glide is judged by the day after: nothing rises before the answer, and a worse day makes it lighter."""

import pytest

from tests.browser.hands import answer, at, log, words_of
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def glide(ana, library, clock):
    """Ana's nerve glide on its first day: the test dose."""
    clock(at(0, 9))
    program = a_program(
        ana,
        library["NERVE_FIRST_HINGE"],
        now=at(0, 9),
        gates=("nerve_glide_cleared",),
        slump="eases_looking_up",
        leg_tingling=True,
    )
    return item_of(program, "NGL")


def test_nerve_glide_waits_for_the_next_day(page_of, clock, ana, glide):
    clock(at(0, 18))
    said = log(page_of(ana), glide)
    assert "How it feels the next day decides what comes next." in said

    # The next morning is too early: nerves answer late.
    clock(at(1, 9))
    phone = page_of(ana)
    phone.goto("/today/")
    assert "How is it since you exercised?" not in words_of(phone)
    assert item_of(glide.program, "NGL").level.code == "NGL-1"

    # After eighteen hours the question stands on top, and its answer opens the working dose.
    clock(at(1, 12, 30))
    phone.goto("/today/")
    assert phone.locator("main h2").first.inner_text() == "How is it since you exercised?"
    said = answer(phone, ana)
    assert "next level" in said
    assert item_of(glide.program, "NGL").level.code == "NGL-2"

    # Tuesday evening it goes well, on Wednesday the leg is worse: the same level, made lighter.
    clock(at(1, 18))
    log(page_of(ana), glide)
    clock(at(2, 12, 30))
    said = answer(page_of(ana), ana, compared="worse", pain=4)
    assert "made lighter" in said
    assert item_of(glide.program, "NGL").level.code == "NGL-2"
