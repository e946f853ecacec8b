"""What hands do on the pages: choose, type, press. Everything goes by what a person can see."""

from datetime import datetime, timedelta

from playwright.sync_api import Page

from patients import tasks
from patients.models import NextDayQuestion, Patient, ProgramItem
from tests.factories.people import NOW


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """The moment on a day of the story, counted from Monday 2 March 2026; London is on UTC."""
    return NOW.replace(hour=hour, minute=minute) + timedelta(days=day)


def choose(page: Page, name: str, value: object) -> None:
    """Press the key of a scale, a radio or a tick box: their inputs lie under their labels."""
    page.locator(f'label:has(input[name="{name}"][value="{value}"])').first.click()


def choose_labelled(page: Page, name: str, value: object) -> None:
    """The same where the label stands beside its input."""
    page.locator(f'input[name="{name}"][value="{value}"]').check()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def words_of(page: Page) -> str:
    """All that can be read in the middle of the page, in one line."""
    return " ".join(page.get_by_role("main").inner_text().split())


def fill_in(
    page: Page,
    item: ProgramItem,
    *,
    reps: dict[str, int] | None = None,
    before: int = 1,
    during: int = 1,
    after: int = 1,
) -> None:
    """Walk through the screens of a session of one exercise: repetitions of every set by side, and the three pains."""
    choose(page, f"before-{item.region}", before)
    go_on(page)
    for side, number in (reps or {}).items():
        for field in page.locator(f'input[name^="{item.pk}-{side}-"]').all():
            field.fill(str(number))
    choose(page, f"{item.pk}-pain_during", during)
    choose(page, f"{item.pk}-pain_after", after)
    go_on(page)


def go_on(page: Page) -> None:
    """To the next screen of the session; without scripts all of them stand on one page."""
    button = page.get_by_role("button", name="Next", exact=True)
    if button.is_visible():
        button.click()


def log(page: Page, item: ProgramItem, **done: object) -> str:
    """From Today to the saved session of one exercise; gives what the page then says."""
    page.goto("/today/")
    page.locator(f'a[href$="only={item.pk}"]').click()
    page.wait_for_url("**/session/?only=*")
    fill_in(page, item, **done)  # type: ignore[arg-type]
    press(page, "Save session")
    page.wait_for_url("**/session/*-*/")
    return words_of(page)


def answer(page: Page, patient: Patient, *, compared: str = "same", pain: int = 1) -> str:
    """The next-day question as it stands on Today; gives what the page says afterwards."""
    page.goto("/today/")
    assert NextDayQuestion.objects.filter(patient=patient, answered_at=None).exists()
    choose_labelled(page, "compared", compared)
    choose(page, "pain", pain)
    press(page, "Save the answer")
    page.wait_for_url("**/check/*/")
    return words_of(page)


def the_worker_comes() -> None:
    """What the doorbell and the timetable make a worker do; tests/faults lets real ones do it."""
    tasks.raise_flags()
