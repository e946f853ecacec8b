"""The drawing of a level as patients see it."""

import pytest

from programs.models import LevelVersion
from programs.templatetags.picture import picture


def level(**details: str) -> LevelVersion:
    return LevelVersion(code="BRG-2", name="bridge with pillow", content={"details": details})


def test_without_a_choice_it_is_the_ladders_own_with_the_name_of_the_level():
    assert "bridge with pillow" in picture(level())


def test_a_chosen_drawing_says_what_the_trainer_wrote():
    shown = picture(level(drawing="brg-4", picture_text="Feet on the ball, hips up"))

    assert ("Feet on the ball, hips up" in shown, "bridge with pillow" in shown) == (True, False)
    assert shown != picture(level(picture_text="Feet on the ball, hips up"))


@pytest.mark.parametrize("name", ["none", "moon", "../../base"])
def test_no_drawing_is_nothing(name):
    assert picture(level(drawing=name)) == ""
