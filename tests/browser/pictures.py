"""Takes the pictures of the README: `bin/pictures` calls this with the folder they go to."""

import logging
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import time_machine
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Page, sync_playwright

# Sets Django up before what needs its models is imported.
application = get_wsgi_application()

from reminders.demo.seed import seed_demo_clinic  # noqa: E402

# A Wednesday morning: Ana trains on it. The demo clinic's past and its ages are reckoned from here, whatever day it is.
MOMENT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESK = (390, 844), (1440, 900)
# name: (who, size of the screen, colour scheme, path, the link or button that is then pressed)
PICTURES = {
    "today": ("Ana", PHONE, "light", "/today/", ""),
    "today-dark": ("Jonas", PHONE, "dark", "/today/", ""),
    "session": ("Jonas", PHONE, "light", "/session/", "Next"),
    "progress": ("Jonas", PHONE, "light", "/progress/", ""),
    "caseload": ("Dana", DESK, "light", "/staff/", ""),
    "triage": ("Dana", DESK, "light", "/staff/triage/", "Vera Lang"),
    "triage-dark": ("Dana", DESK, "dark", "/staff/triage/", "Vera Lang"),
    "trials": ("Dana", DESK, "light", "/staff/trials/", ""),
    "library": ("Theo", DESK, "light", "/admin/programs/ladder/", ""),
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def demo_clinic() -> Iterator[str]:
    """Its address: made and served by this process, in which it always is MOMENT."""
    with time_machine.travel(MOMENT, tick=False):
        seed_demo_clinic(now=MOMENT)
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(application)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.get_by_role("button", name=re.compile(who)).first.click()
    page.wait_for_load_state()


def take(address: str, folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (who, (width, height), scheme, path, pressed) in PICTURES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
                reduced_motion="reduce",
            )
            page = context.new_page()
            sign_in(page, address, who)
            page.goto(f"{address}{path}")
            if pressed:
                page.locator("main").get_by_text(pressed, exact=True).first.click()
            page.wait_for_load_state("networkidle")  # counts and figures come beside the page
            page.screenshot(path=folder / f"{name}.png", animations="disabled")
            context.close()
        browser.close()


if __name__ == "__main__":
    if CHROMIUM is None:
        raise SystemExit("No Chromium here: install Debian's package chromium.")
    logging.disable(logging.WARNING)  # there is no broker: the doorbell would say so at each knock
    with demo_clinic() as address:
        take(address, Path(sys.argv[1]))
