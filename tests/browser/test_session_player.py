"""The session on a phone: one exercise a screen, and nothing that was typed gets lost."""

import pytest
from playwright.sync_api import Page

from patients.models import ExerciseLog, Session
from tests.browser.hands import at, choose, fill_in, go_on, press, words_of
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

SIZE = {"width": 390, "height": 844}


@pytest.fixture
def program(ana, library, clock):
    clock(at(0, 18))
    return a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))


@pytest.fixture
def phone(page_of, ana, program) -> Page:
    page = page_of(ana, size=SIZE)
    page.goto(f"/session/?only={item_of(program, 'BRG').pk}")
    page.get_by_role("button", name="Next", exact=True).wait_for()
    return page


def stored(page: Page) -> str:
    return page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('session ')).join(' ')")


def test_one_exercise_a_screen(page_of, ana, library, clock):
    clock(at(0, 18))
    a_program(ana, library["HINGE_REEDUCATION"], now=at(0, 9))
    page = page_of(ana, size=SIZE)
    page.goto("/session/")
    seen = []
    for _screen in range(4):
        page.locator("[data-at]").wait_for()
        seen.append((page.locator("[data-at]").inner_text(), page.locator(".exercise:visible").count()))
        go_on(page)

    assert seen == [("1 / 4", 0), ("2 / 4", 1), ("3 / 4", 1), ("4 / 4", 0)]
    assert not page.get_by_role("button", name="Next", exact=True).is_visible()
    press(page, "Back")
    assert page.locator("[data-at]").inner_text() == "3 / 4"


def test_a_screen_has_what_an_exercise_needs(phone):
    go_on(phone)

    assert phone.locator(".exercise .drawing").is_visible()
    assert "Set 1 of 2 Set done Rest between sets: 60 s Start the rest" in words_of(phone)
    press(phone, "Set done")
    assert phone.locator("[data-set-now]").inner_text() == "2"
    assert phone.locator("[data-timer-face]").inner_text() in {"1:00", "0:59", "0:58"}
    box = phone.locator("[data-step='1']").first.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48


def test_the_last_set_leaves_the_focus_on_its_button(phone):
    go_on(phone)
    button = phone.get_by_role("button", name="Set done")
    button.focus()
    for _set in range(3):
        phone.keyboard.press("Enter")

    assert phone.locator("[data-set-now]").inner_text() == "2"
    assert button.get_attribute("aria-disabled") == "true"
    assert button.evaluate("it => it === document.activeElement")


def test_a_reload_takes_nothing(phone, program):
    item = item_of(program, "BRG")
    choose(phone, f"before-{item.region}", 2)
    go_on(phone)
    phone.locator(f'input[name="{item.pk}-both-1"]').fill("11")
    choose(phone, f"{item.pk}-pain_during", 3)
    phone.reload()

    assert phone.locator("[data-at]").inner_text() == "2 / 3"
    assert phone.locator(f'input[name="{item.pk}-both-1"]').input_value() == "11"
    choose(phone, f"{item.pk}-pain_after", 1)
    go_on(phone)
    press(phone, "Save session")
    phone.wait_for_url("**/session/*-*/")
    done = ExerciseLog.objects.get()
    assert (done.sets[0]["reps"], done.pain_before, done.pain_during) == (11, 2, 3)


def test_without_a_connection_the_page_stays_and_says_so(phone, program):
    fill_in(phone, item_of(program, "BRG"))
    phone.context.set_offline(True)
    press(phone, "Save session")
    said = phone.get_by_role("alert").inner_text()
    phone.context.set_offline(False)
    phone.locator("[data-offline]").wait_for(state="hidden")
    press(phone, "Save session")
    phone.wait_for_url("**/session/*-*/")

    assert "What you typed is kept here" in said
    assert Session.objects.count() == 1


def test_what_is_saved_is_kept_no_longer(phone, program):
    fill_in(phone, item_of(program, "BRG"))
    before = stored(phone)
    press(phone, "Save session")
    phone.wait_for_url("**/session/*-*/")

    assert stored(phone) == ""
    assert str(Session.objects.get().pk) in before


def test_the_go_key_of_a_phone_leads_on(phone, program):
    go_on(phone)
    phone.locator(f'input[name="{item_of(program, "BRG").pk}-both-1"]').press("Enter")

    assert phone.locator("[data-at]").inner_text() == "3 / 3"
    assert Session.objects.count() == 0


def test_a_fault_opens_its_screen(phone):
    go_on(phone)
    go_on(phone)
    press(phone, "Save session")
    phone.locator(".error-summary").wait_for()

    assert phone.locator("[data-at]").inner_text() != "3 / 3"
    assert phone.locator(".error-summary").is_visible()


def test_who_did_it_earlier_gets_the_long_form(page_of, ana, program):
    page = page_of(ana, size=SIZE)
    page.goto("/session/?earlier=1")

    page.get_by_role("button", name="Save session").wait_for()
    assert page.locator(".exercise:visible").count() == 1
    assert not page.get_by_role("button", name="Next", exact=True).is_visible()


@pytest.mark.parametrize("letters", [16, 32])
def test_a_long_number_can_be_read_in_full(page_of, ana, library, clock, letters):
    clock(at(0, 18))
    given = {"slump": "eases_looking_up", "side": "both"}
    a_program(ana, library["NERVE_FIRST_HINGE"], now=at(-1, 9), gates=("nerve_glide_cleared",), **given)
    page = page_of(ana, size=SIZE)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": letters}})
    page.goto("/session/")
    go_on(page)
    on_its_screen = numbers_cut_off(page)
    press(page, "Show all of it on one page")

    assert on_its_screen == []
    assert numbers_cut_off(page) == []


def numbers_cut_off(page: Page) -> list[str]:
    found = []
    for width in (320, 360, 390, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        for number in page.locator(".stepper input:visible").all():
            number.fill("1800")
            cut = number.evaluate("input => input.scrollWidth - input.clientWidth")
            found += [f"{width} px: {cut}"] if cut > 0 else []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    return found
