from django.utils import translation

from programs.rulebook import in_words


def test_a_reason_is_built_again_from_its_key_and_values():
    with translation.override("en"):
        assert in_words("The {side} leg did {done} of {asked}.", {"side": "left", "done": 29, "asked": 30}) == (
            "The left leg did 29 of 30."
        )
