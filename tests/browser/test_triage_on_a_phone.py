"""On a phone there is room for one thing: the list of flags, or the flag that is open."""

import pytest

from patients.models import PainFlag
from tests.browser.conftest import PHONE
from tests.browser.hands import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_flag_takes_the_place_of_the_list_and_leads_back_to_it(page_of, clinic, ana, dana, clock):
    clock(at(0, 9))
    PainFlag.objects.create(
        clinic=clinic, patient=ana, severity=2, group="safety", code="FL-X", headline="new weakness",
        opened_at=at(0, 8), last_event_at=at(0, 8),
    )  # fmt: skip
    phone = page_of(dana, size=PHONE)
    phone.goto("/staff/triage/")
    link = phone.locator("#queue").get_by_role("link", name="Ana Silva")
    link.click()

    phone.get_by_role("link", name="Back to the list").wait_for()
    assert phone.get_by_role("button", name="Take").is_visible()
    assert not link.is_visible()
    phone.wait_for_function("document.activeElement.id === 'pane'")

    phone.get_by_role("link", name="Back to the list").click()
    link.wait_for()
