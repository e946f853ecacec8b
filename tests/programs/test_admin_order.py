"""Levels of a ladder, moved by their buttons: the page as it stands is saved, then the row takes its step."""

import pytest

from programs.models import Ladder
from tests.factories.library import loaded_library
from tests.programs.admin_pages import filled_in, page


@pytest.fixture
def theos(client_of, theo):
    return client_of(theo)


@pytest.fixture
def bridge(clinic, now) -> Ladder:
    loaded_library(clinic, now)
    return Ladder.objects.get(code="BRG")


def order(ladder: Ladder) -> list[str]:
    return list(ladder.levels.order_by("position").values_list("code", flat=True))


def press(client, ladder: Ladder, code: str, way: str, **changes: str):
    data = filled_in(client.get(page(ladder))) | changes
    level = ladder.levels.get(code=code)
    return client.post(page(ladder), data | {"_move": f"{level.pk} {way}"})


@pytest.mark.parametrize(
    ("code", "way", "first_three"),
    [
        ("BRG-2", "up", ["BRG-2", "BRG-1", "BRG-3"]),
        ("BRG-2", "down", ["BRG-1", "BRG-3", "BRG-2"]),
        ("BRG-1", "up", ["BRG-1", "BRG-2", "BRG-3"]),
    ],
)
def test_a_level_takes_a_step(theos, bridge, code, way, first_three):
    answer = press(theos, bridge, code, way)

    assert order(bridge)[:3] == first_three
    assert answer.headers["Location"] == f"{page(bridge)}#{bridge.levels.get(code=code).pk}"


def test_what_was_typed_is_saved_with_the_step(theos, bridge):
    press(theos, bridge, "BRG-2", "up", title="My bridge")

    assert Ladder.objects.get(code="BRG").title == "My bridge"


def test_without_scripts_a_level_is_added_on_a_page_that_has_room_for_it(theos, bridge):
    data = filled_in(theos.get(page(bridge))) | {"title": "My bridge"}
    answer = theos.post(page(bridge), data | {"_more": "levels-5"}, follow=True)

    assert Ladder.objects.get(code="BRG").title == "My bridge"
    assert [len(inline.formset.extra_forms) for inline in answer.context["inline_admin_formsets"]] == [1]


def test_a_level_of_another_ladder_is_not_moved(theos, bridge):
    other = Ladder.objects.get(code="CRL")
    data = filled_in(theos.get(page(bridge)))
    theos.post(page(bridge), data | {"_move": f"{other.levels.get(code='CRL-2').pk} up"})

    assert order(other)[:2] == ["CRL-1", "CRL-2"]


def test_enter_in_a_field_saves_and_moves_nothing(theos, bridge):
    text = theos.get(page(bridge)).content.decode()

    assert text.index('name="_continue"') < text.index('name="_move"')


def test_a_level_is_named_after_its_ladder(theos, bridge):
    data = filled_in(theos.get(page(bridge)))
    blank = {"levels-TOTAL_FORMS": "8", "levels-7-code": "CRL-9", "levels-7-name": "odd", "levels-7-ladder": bridge.pk}
    numbers = {name: data[f"levels-0-{name}"] for name in ("sides", "mode", "sets", "reps_low", "reps_high", "tempo")}
    more = ("rest_s", "per_day_low", "per_day_high", "per_week_low", "per_week_high", "load_unit", "successes")
    numbers |= {name: data[f"levels-0-{name}"] for name in (*more, "min_days", "approval")}
    answer = theos.post(page(bridge), data | blank | {f"levels-7-{name}": value for name, value in numbers.items()})

    assert "It stands on ladder BRG: begin with BRG and a hyphen." in answer.content.decode()
