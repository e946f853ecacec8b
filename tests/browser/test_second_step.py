"""A second step set up and used, as a browser does it: an app without any script, a passkey with one."""

import pytest
from playwright.sync_api import Page

from tests.browser.accessible import faults_of
from tests.browser.conftest import DESK, PHONE
from tests.browser.hands import press
from tests.clinic.test_second_factor import code_now
from tests.factories import people

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def look(complaints):
    def look_at(page: Page) -> list[str]:
        before = len(complaints)
        faults = faults_of(page)
        del complaints[before:]  # axe writes inline styles as it measures
        return [f"{page.url}: {fault}" for fault in faults]

    return look_at


def type_password(page: Page) -> None:
    page.goto("/sign-in/staff/")
    page.get_by_label("E-mail").fill("dana@people.example")
    page.get_by_label("Password").fill(people.PASSWORD)
    press(page, "Sign in")


def test_an_app_is_set_up_and_used_without_a_script(page_of, dana):
    page = page_of(None, size=PHONE, java_script_enabled=False)
    type_password(page)
    page.get_by_role("heading", name="Set up a second step").wait_for()
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator("code.key").inner_text()
    page.get_by_label("Code the app shows now").fill(code_now(secret))
    press(page, "Done")
    assert page.locator(".codes code").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/staff/")

    again = page_of(None, size=PHONE, java_script_enabled=False)
    type_password(again)
    again.get_by_label("Code from your app").fill(code_now(secret, step=2))
    press(again, "Sign in")
    again.wait_for_url("**/staff/")


def test_a_passkey_is_set_up_and_used(page_of, dana, look):
    page = page_of(None, size=DESK)
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    how = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    how |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": how})

    type_password(page)
    faults = look(page)
    page.get_by_role("link", name="Set up an app").click()
    faults += look(page)
    page.goto("/account/second-step/passkey/")
    faults += look(page)
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    faults += look(page)
    page.goto("/account/second-step/")
    page.get_by_text("My laptop").first.wait_for()
    faults += look(page)
    page.get_by_role("link", name="Remove My laptop").click()
    faults += look(page)
    press(page, "Remove the passkey")
    page.get_by_text("This is your only second step.").wait_for()

    page.goto("/account/")
    page.context.clear_cookies()
    type_password(page)
    page.get_by_role("heading", name="Second step").wait_for()
    faults += look(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/staff/")

    page.goto("/account/confirm/passkey/?next=/staff/triage/")
    faults += look(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/staff/triage/")
    assert "\n".join(faults) == ""
