"""A real browser before the real pages. What it complains about, and what it asks of another host, is a fault."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from unittest import mock

import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from clinic.models import User
from patients.models import Patient
from tests.conftest import NO_BROWSER
from tests.factories.browsers import shown_again, signed_in
from tests.factories.library import published_library

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name is looked up but our own: what a page would fetch from elsewhere fails, and is told.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
]
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
PATIENCE = 15_000  # milliseconds for an element to come: other tests start whole machines beside this one

PageOf = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.fail(NO_BROWSER) if os.environ.get("STEPWELL_CI") == "1" else pytest.skip(NO_BROWSER)
    # Playwright keeps an event loop in this thread, in which Django would refuse to touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def kept_style_sheets() -> Iterator[None]:
    """Browsers keep static files for a while, as they do in production: most of a page's time would go into them."""
    serve = StaticFilesHandler.serve

    def serve_to_keep(handler: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(handler, request)
        answer["Cache-Control"] = "max-age=600"
        return answer

    with mock.patch.object(StaticFilesHandler, "serve", serve_to_keep):
        yield


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What browsers had to complain about in this test: errors of scripts, of the page's policy, strange hosts."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def context_of(chromium, live_server, complaints) -> Iterator[Callable[..., BrowserContext]]:
    """`context_of(person, size)`: a browser in which that person is signed in; None for a stranger."""
    opened: list[BrowserContext] = []

    def listen(page: Page) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type == "error":
                complaints.append(f"{page.url}: {message.text}")

        def asked(request: Request) -> None:
            if not request.url.startswith((live_server.url, "data:", "about:", "tel:")):
                complaints.append(f"{page.url} asked for {request.url}")

        page.on("console", said)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on("request", asked)

    def open_for(person: User | Patient | None, size: dict[str, int], **more: object) -> BrowserContext:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=size,  # type: ignore[arg-type]
            reduced_motion="reduce",
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(PATIENCE)
        context.on("page", listen)
        user = person.user if isinstance(person, Patient) else person
        if user:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": live_server.url}]
            )
        opened.append(context)
        return context

    yield open_for
    for context in opened:
        context.close()


def session_of(user: User) -> str:
    return shown_again(signed_in(user), user).cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def page_of(context_of) -> PageOf:
    """`page_of(ana)` on a phone, `page_of(dana)` on a desk; `size` and `java_script_enabled` may be given."""

    def open_for(person: User | Patient | None, *, size: dict[str, int] | None = None, **more: object) -> Page:
        usual = PHONE if person is None or isinstance(person, Patient) else DESK
        return context_of(person, size or usual, **more).new_page()

    return open_for


@pytest.fixture
def clock() -> Iterator[Callable[[datetime], None]]:
    """`clock(moment)`: from now on it is then, for the pages and the workers; it goes on ticking."""
    running: list[time_machine.travel] = []

    def set_to(moment: datetime) -> None:
        while running:
            running.pop().stop()
        running.append(time_machine.travel(moment, tick=True))
        running[-1].start()

    yield set_to
    while running:
        running.pop().stop()


@pytest.fixture
def library(clinic):
    """The eight published templates by their code."""
    return published_library(clinic)
