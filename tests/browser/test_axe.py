"""Every page there is, as the person it is for sees it: no violation of WCAG 2.2 AA, and nothing cut off at 320 pixels.

The pages are those of the table of answers (tests/architecture/access_table.py), in which no route may be missing.
"""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from patients import consent_texts, restriction
from tests.architecture.access_table import TABLE
from tests.architecture.routes import Line, read, spread, walk
from tests.architecture.rows import live, one_of_everything
from tests.architecture.world import address
from tests.browser.accessible import faults_of
from tests.browser.conftest import DESK, PHONE
from tests.browser.hands import at, choose, go_on, log, press, the_worker_comes
from tests.factories.programs import a_program, item_of

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]

# Pages that open for who has just shown once more who they are.
ASKED_AGAIN = (
    "portal:address",
    "workspace:record_copy",
    "workspace:close_account",
    "workspace:address",
    "workspace:restrict",
    "workspace:reopen",
)

# Door: whose it is, and the routes behind it.
DOORS = {
    "portal": ("ana", PHONE, "portal:"),
    "workspace": ("dana", DESK, "workspace:"),
    "post": ("ravi", DESK, "reminders:"),
    "library": ("theo", DESK, "admin:"),
    "trial": ("anonymous", PHONE, "intake:"),
    "sign-in": ("anonymous", PHONE, ("account_login", "sign_in", "password", "invitation", "reminders:unsubscribe")),
    "own account": ("ana", PHONE, ("account", "confirm_by_mail")),
    "team": (
        "owner",
        DESK,
        (
            "team",
            "absence",
            "account",
            "mfa_",
            "workspace:access_log",
            "workspace:closed",
            "workspace:member",
            "workspace:consent_texts",
            *ASKED_AGAIN[1:],
        ),
    ),
}
PAGES = [line for line in spread(read(TABLE), walk()) if line.method == "GET"]
# Answers for machines, pieces of a page, and what only leads on.
NO_PAGES = {
    "healthz",
    "readyz",
    "landing",
    "admin:jsi18n",
    "admin:programs_ladder_yaml",
    "admin:programs_ladder_csv",
    "portal:program_pdf",
    "programs:picture",
    "workspace:find",
    "workspace:banners",
    "workspace:flag_report_file",
}


def behind(door: str) -> list[Line]:
    role, _size, routes = DOORS[door]
    mine = [line for line in PAGES if line.route.startswith(routes)]
    return [line for line in mine if line.expected[role] == (302 if line.route in ASKED_AGAIN else 200)]


def test_every_page_is_behind_a_door():
    """A page that nobody here opens would never be looked at."""
    looked_at = {line.route for door in DOORS for line in behind(door)} | NO_PAGES
    pages = {line.route for line in PAGES if 200 in line.statuses and not line.route.startswith("api:")}
    assert sorted(pages - looked_at) == []


@pytest.fixture
def look(complaints) -> Callable[[Page, str], list[str]]:
    """`look(page, name)`: what is wrong with the page as it stands, each line with its name."""

    def look_at(page: Page, name: str) -> list[str]:
        before = len(complaints)
        faults = faults_of(page)
        # Axe itself writes inline styles as it measures: what the policy says to that is not the page's fault.
        del complaints[before:]
        return [f"{name}: {fault}" for fault in faults]

    return look_at


@pytest.mark.parametrize("door", DOORS)
def test_every_page_can_be_read_by_everybody(door, request, page_of, clinic, ana, dana, look):
    role, size, _routes = DOORS[door]
    clinic.trial_open = True
    clinic.save()
    live(ana, text="Ours", now=timezone.now())
    rows = one_of_everything(ana, dana, text="Ours")
    page = page_of(None if role == "anonymous" else request.getfixturevalue(role), size=size)
    faults = []
    for line in behind(door):
        if line.route in NO_PAGES:
            continue
        answer = page.goto(address(line, rows))
        assert answer is not None
        faults += look(page, line.route) if answer.status == 200 else [f"{line.route}: answered {answer.status}"]
    assert "\n".join(faults) == ""


def test_pages_in_other_states_can_be_read_too(page_of, clock, clinic, ana, dana, library, look):
    """Faults on a form, an emergency, a hold, a question on top, nothing there yet."""
    clinic.trial_open = True
    clinic.save()
    clock(at(0, 19))
    phone, stranger, desk = page_of(ana), page_of(None), page_of(dana)
    phone.goto("/today/")
    faults = look(phone, "no program yet")
    desk.goto("/staff/triage/")
    faults += look(desk, "no flags")

    program = a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))
    phone.goto("/session/")
    go_on(phone)
    faults += look(phone, "an exercise of a session")
    press(phone, "Show all of it on one page")
    choose(phone, f"{item_of(program, 'BRG').pk}-pain_during", 8)
    press(phone, "Save session")
    phone.get_by_role("alert").first.wait_for()
    faults += look(phone, "a session with faults")
    log(phone, item_of(program, "BRG"), during=8)
    faults += look(phone, "a session that stops an exercise")
    clock(at(1, 12, 30))
    phone.goto("/today/")
    faults += look(phone, "a hold and a question")
    the_worker_comes()
    desk.goto("/staff/triage/")
    desk.get_by_role("link", name="Ana Silva").first.click()
    desk.get_by_role("button", name="Take").wait_for()
    faults += look(desk, "a new flag")

    stranger.goto(f"/trial/{clinic.slug}/")
    press(stranger, "Go on")
    stranger.get_by_role("alert").first.wait_for()
    faults += look(stranger, "trial: nothing ticked")
    stranger.locator('input[name="red_flags"]').first.check()
    press(stranger, "Go on")
    stranger.get_by_role("alert").first.wait_for()
    faults += look(stranger, "trial: a warning sign")
    assert "\n".join(faults) == ""


def test_pages_behind_a_step_can_be_read_too(page_of, clinic, ana, other_patient, dana, owner, colleague, look):
    """Asked who it is, another address, words that have changed, an emergency, a record that is restricted."""
    now = timezone.now()
    phone, desk, beside = page_of(ana), page_of(owner, size=DESK), page_of(colleague)
    phone.goto("/account/confirm/mail/")
    press(phone, "Send me the code")
    faults = look(phone, "a code to show who it is")
    phone.goto("/settings/address/")
    phone.get_by_label("New e-mail address").fill("ana.new@people.example")
    press(phone, "Send the code")
    faults += look(phone, "a code for another address")
    consent_texts.change(clinic, consent_texts.words_of(clinic) | {"reminders": "Write."}, actor=owner, now=now)
    phone.goto("/settings/agreed/")
    phone.get_by_role("heading", name="Words that have changed").wait_for()
    faults += look(phone, "words that have changed")

    desk.goto("/account/confirm/")
    faults += look(desk, "staff asked who it is")
    desk.goto(f"/staff/patients/{ana.pk}/same/{other_patient.pk}/")
    faults += look(desk, "two records that cannot be merged yet")
    clinic.caseload_only = True
    clinic.save()
    beside.goto("/staff/emergency/")
    faults += look(beside, "an emergency")
    beside.get_by_label("Whole name").fill("Ana Silva")
    press(beside, "Search")
    beside.get_by_role("button", name="Open the record").wait_for()
    faults += look(beside, "an emergency: whose record")
    restriction.restrict(ana, reason="Asked for it", actor=owner, now=now)
    phone.goto("/today/")
    phone.get_by_role("heading", name="Your record is restricted").wait_for()
    faults += look(phone, "restricted: the portal")
    desk.goto(f"/staff/patients/{ana.pk}/")
    faults += look(desk, "restricted: the record")
    assert "\n".join(faults) == ""


def test_the_description_of_the_api_can_be_read_too(page_of, dana, look):
    desk = page_of(dana)
    desk.goto("/api/v1/docs/")
    desk.locator(".opblock").first.wait_for()
    faults = look(desk, "the API")
    for operation in desk.locator(".opblock-summary-control").all()[::5]:
        operation.click()
    desk.locator(".opblock-body pre.microlight[tabindex]").last.wait_for()
    assert "\n".join(faults + look(desk, "the API, unfolded")) == ""
