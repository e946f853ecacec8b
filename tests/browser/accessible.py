"""What every page must stand: axe in light and dark, and a screen of 320 pixels."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# In the second scheme only what has to do with colour is asked again.
ASKED = {
    "light": {"type": "tag", "values": TAGS},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}
RUN = """asked => axe.run({runOnly: asked, resultTypes: ["violations"]})
  .then(found => found.violations.map(v => [v.id, v.nodes.map(n => n.target.join(" "))]))"""
NARROWEST = 320
# Colours that fade from one scheme to the other are looked at when they have arrived.
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  .then(() => Promise.allSettled(document.getAnimations().map(one => one.finished))).then(() => null)"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def faults_of(page: Page) -> list[str]:
    """Everything wrong with the page as it stands, a line each; the size of the window is as before."""
    faults = []
    page.evaluate(AXE_SCRIPT)
    for scheme, asked in ASKED.items():
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.evaluate(SETTLED)
        for rule, places in page.evaluate(RUN, asked):
            faults.append(f"{scheme}: {rule} at {', '.join(places[:3])}")
    size = page.viewport_size
    if size:
        page.set_viewport_size({"width": NARROWEST, "height": size["height"]})
        over = page.evaluate(OVERFLOW)
        if over > 0:
            faults.append(f"at {NARROWEST} px the page is {over} px too wide")
        page.set_viewport_size(size)
    return faults
