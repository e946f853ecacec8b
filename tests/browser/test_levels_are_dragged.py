"""Levels of a ladder by drag: the page says where one went, and what is saved is what stands there."""

import pytest

from programs.models import Level
from tests.browser.hands import press

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def order() -> list[str]:
    return list(Level.objects.filter(ladder__code="CRL").order_by("position").values_list("code", flat=True))


def test_a_level_is_dragged_to_the_front(page_of, theo, library):
    level = Level.objects.get(code="CRL-4")
    desk = page_of(theo)
    desk.goto(f"/admin/programs/ladder/{level.ladder_id}/change/")
    heads = desk.locator(".level-head")

    heads.filter(has_text="CRL-4").drag_to(heads.filter(has_text="CRL-1"), target_position={"x": 200, "y": 3})

    said = desk.locator("[data-reorder-status]").inner_text()
    before = order()
    press(desk, "Save and continue editing")
    desk.get_by_text("was changed successfully").wait_for()
    assert (said, before) == ("CRL-4 moved, not saved yet: place 1 / 5", ["CRL-1", "CRL-2", "CRL-3", "CRL-4", "CRL-5"])
    assert order() == ["CRL-4", "CRL-1", "CRL-2", "CRL-3", "CRL-5"]
