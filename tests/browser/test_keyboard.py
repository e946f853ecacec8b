"""Hands that stay on the keyboard: what has the focus is seen, and a page that changes by itself does not take it."""

import pytest
from playwright.sync_api import Page

from patients.models import PainFlag
from tests.browser.hands import at
from tests.factories.people import make_patient
from tests.factories.programs import a_program, a_session, as_planned, item_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

LOW = {"width": 1440, "height": 620}
# Where the focus is, and whether a bar that stays lies over it.
FOCUSED = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  if (it === document.body) return null;
  const on_top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return [it.textContent.trim(), on_top !== null && (it.contains(on_top) || on_top.contains(it))];
}"""


def hidden_on_the_way_back(page: Page) -> list[str]:
    """What cannot be seen although it has the focus, from the last link of the page to its first."""
    page.locator("main :is(a, summary):visible").last.focus()
    hidden = []
    while found := page.evaluate(FOCUSED):
        text, seen = found
        if not seen:
            hidden.append(text)
        page.keyboard.press("Shift+Tab")
    return hidden


@pytest.fixture
def flag(clinic, ana, library, clock):
    program = a_program(ana, library["HINGE_REEDUCATION"], now=at(0, 9))
    a_session(program, as_planned(item_of(program, "HNG")), now=at(0, 10))
    clock(at(0, 12))
    return PainFlag.objects.create(
        clinic=clinic, patient=ana, severity=3, group="safety", code="FL-X", headline="new weakness",
        opened_at=at(0, 11), last_event_at=at(0, 11),
    )  # fmt: skip


def test_no_bar_that_stays_lies_over_what_has_the_focus(page_of, clinic, dana, flag):
    for number in range(12):
        make_patient(clinic, f"Patient {number}", owner=dana)
    desk = page_of(dana, size=LOW)

    hidden = {}
    for path in ("/staff/", f"/staff/triage/{flag.pk}/"):
        desk.goto(path)
        hidden[path] = hidden_on_the_way_back(desk)

    assert list(hidden.values()) == [[], []]


def test_a_list_that_fetches_itself_anew_leaves_the_focus_where_it_is(page_of, dana, flag):
    desk = page_of(dana)
    desk.clock.install()
    desk.goto("/staff/triage/")
    desk.get_by_role("link", name="Waiting").focus()

    with desk.expect_response("**/staff/triage/?tab=new*"):
        desk.clock.run_for(16_000)
    desk.clock.run_for(1_000)

    assert desk.evaluate("document.activeElement.textContent").startswith("Waiting")


def test_the_search_gives_the_focus_back(page_of, dana, flag):
    desk = page_of(dana)
    desk.goto("/staff/")
    before = desk.get_by_role("link", name="Ana Silva")
    before.focus()

    desk.keyboard.press("/")
    assert desk.evaluate("document.activeElement.id") == "command"
    desk.keyboard.press("Escape")

    assert before.evaluate("it => it === document.activeElement")


def test_a_fault_that_stands_in_no_list_has_the_focus(page_of, owner):
    desk = page_of(owner)
    desk.goto("/staff/access-log/")
    desk.get_by_label("Patient’s name").fill("Zzz")
    desk.keyboard.press("Enter")
    desk.locator("#id_name_error").wait_for()

    assert desk.evaluate("document.activeElement.id") == "id_name"
