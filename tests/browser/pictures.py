"""Takes the pictures of the README: `bin/pictures` starts the demo clinic and calls this with its address."""

import re
import shutil
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Page, sync_playwright

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
# name: (who, what of the screen, colour scheme, path or the words of a link to follow)
PICTURES = {
    "today": ("Ana", PHONE, "light", "/today/"),
    "today-dark": ("Jonas", PHONE, "dark", "/today/"),
    "session": ("Jonas", PHONE, "light", "/session/"),
    "progress": ("Jonas", PHONE, "light", "/progress/"),
    "caseload": ("Dana", DESK, "light", "/staff/"),
    "triage": ("Dana", DESK, "light", "/staff/triage/"),
    "triage-dark": ("Dana", DESK, "dark", "/staff/triage/"),
    "trials": ("Dana", DESK, "light", "/staff/trials/"),
    "library": ("Theo", DESK, "light", "/admin/programs/ladder/"),
}


def wait_for(address: str, *, seconds: int = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            urlopen(f"{address}/readyz", timeout=2)
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
        else:
            return
    raise SystemExit(f"{address} does not answer.")


def sign_in(page: Page, address: str, who: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.get_by_role("button", name=re.compile(who)).first.click()
    page.wait_for_load_state()


def take(address: str, folder: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, (who, (width, height), scheme, path) in PICTURES.items():
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            page = context.new_page()
            sign_in(page, address, who)
            page.goto(f"{address}{path}")
            page.screenshot(path=folder / f"{name}.png")
            context.close()
        browser.close()


if __name__ == "__main__":
    if CHROMIUM is None:
        raise SystemExit("No Chromium here: install Debian's package chromium.")
    wait_for(sys.argv[1])
    take(sys.argv[1], Path(sys.argv[2]))
