"""Theo publishes a changed program: who is in it keeps theirs, who comes next gets the new one."""

import pytest

from patients.models import Program
from programs.models import Ladder, ProgramVersion
from tests.browser.hands import at, press, words_of
from tests.factories.people import make_patient
from tests.factories.programs import a_program, an_episode

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def running(ana, library, clock):
    clock(at(0, 9))
    return a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))


def dose_on_today(page) -> str:
    page.goto("/today/")
    return page.locator("main .item-dose").first.inner_text()


def test_a_new_version_leaves_running_programs_alone(page_of, clock, clinic, ana, dana, theo, running):
    before = dose_on_today(page_of(ana))

    # Theo makes the first bridge shorter, drafts a version with it, and publishes it with a word why.
    admin = page_of(theo)
    ladder = Ladder.objects.get(clinic=clinic, code="BRG")
    first = ladder.levels.order_by("position").first()
    admin.goto(f"/admin/programs/ladder/{ladder.pk}/change/")
    row = admin.locator(f'input[type="hidden"][value="{first.pk}"]').get_attribute("name").removesuffix("-id")
    admin.locator(f"#{row} summary").first.click()
    admin.locator(f'input[name="{row}-reps_low"]').fill("5")
    admin.locator(f'input[name="{row}-reps_high"]').fill("6")
    admin.get_by_role("button", name="Save", exact=True).click()
    admin.goto(f"/admin/programs/programversion/{running.version_id}/change/")
    admin.get_by_role("link", name="New draft").click()
    press(admin, "New draft")
    draft = ProgramVersion.objects.get(template=running.version.template, state="draft")
    admin.goto(f"/admin/programs/programversion/{draft.pk}/change/")
    admin.get_by_role("link", name="Publish…").click()
    admin.get_by_label("What changed and why").fill("Fewer repetitions to begin with.")
    press(admin, "Publish")
    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.published_by) == ("published", 2, theo)

    # Nothing has moved under Ana.
    assert dose_on_today(page_of(ana)) == before
    assert Program.objects.get(patient=ana).version.number == 1

    # The next patient to be given the program gets the new version, from the same page as always.
    newcomer = make_patient(clinic, "Other Patient", owner=dana)
    episode = an_episode(newcomer, now=at(0, 9))
    desk = page_of(dana)
    desk.goto(f"/staff/patients/{newcomer.pk}/episodes/{episode.pk}/assign/")
    desk.locator(f'[name="version"][value="{draft.pk}"]').check()
    press(desk, "Assign and start today")
    assert Program.objects.get(patient=newcomer).version == draft
    after = dose_on_today(page_of(newcomer))
    assert after != before
    assert "5" in after
    assert "Other Patient" in words_of(desk)
