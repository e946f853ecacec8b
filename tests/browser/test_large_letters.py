"""Who has set the letters of the phone twice as large reads every page of the portal without moving it sideways."""

import pytest

from tests.browser.accessible import OVERFLOW
from tests.browser.conftest import PHONE
from tests.browser.hands import at
from tests.factories.programs import a_program, a_session, as_planned, item_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

PAGES = ("today", "session", "session/?earlier=1", "progress", "program", "messages", "settings", "pain")


def test_every_page_of_the_portal_fits_a_phone_with_letters_twice_as_large(page_of, ana, library, clock):
    clock(at(1, 18))
    program = a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))
    a_session(program, as_planned(item_of(program, "BRG")), now=at(0, 18))
    page = page_of(ana, size=PHONE)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32}})
    too_wide = {}
    for name in PAGES:
        page.goto(f"/{name}" if "?" in name else f"/{name}/")
        too_wide[name] = page.evaluate(OVERFLOW)

    assert {name: over for name, over in too_wide.items() if over} == {}
