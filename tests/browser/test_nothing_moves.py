"""What comes after a page moves nothing on it: a finger on its way to one patient must not meet another."""

import pytest

from patients.models import PainFlag
from tests.browser.conftest import DESK, PHONE
from tests.browser.hands import at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHERE = "document.querySelector('#queue').getBoundingClientRect().top"
NOTE_WHERE = f"""
document.addEventListener("htmx:beforeSwap", (event) => {{
  if (event.target.matches(".figures-short")) window.before = {WHERE};
}});
"""


@pytest.mark.parametrize("size", [PHONE, {"width": 768, "height": 900}, DESK])
def test_the_list_of_flags_stays_where_it_is_when_the_figures_come(page_of, clinic, ana, dana, clock, size):
    clock(at(0, 9))
    PainFlag.objects.create(
        clinic=clinic, patient=ana, severity=2, group="safety", code="FL-X", headline="new weakness",
        opened_at=at(0, 8), last_event_at=at(0, 8),
    )  # fmt: skip
    desk = page_of(dana, size=size)
    desk.add_init_script(NOTE_WHERE)
    desk.goto("/staff/triage/")
    desk.locator(".figures-short > *").first.wait_for(state="attached")
    assert desk.evaluate(f"window.before === {WHERE}")
