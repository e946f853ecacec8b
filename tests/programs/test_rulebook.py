import pytest
from django.utils import translation

from programs.rulebook import current_rules, in_words, trying


def test_a_reason_is_built_again_from_its_key_and_values():
    with translation.override("en"):
        assert in_words("The {side} leg did {done} of {asked}.", {"side": "left", "done": 29, "asked": 30}) == (
            "The left leg did 29 of 30."
        )


def test_rules_on_trial_are_asked_inside_and_forgotten_outside():
    with trying(current_rules().with_params(stop_pain=5)):
        inside = current_rules().params.stop_pain

    assert (inside, current_rules().params.stop_pain) == (5, 7)


def test_rules_on_trial_are_forgotten_after_a_fault_too():
    with pytest.raises(ZeroDivisionError), trying(current_rules().with_params(stop_pain=5)):
        raise ZeroDivisionError

    assert current_rules().params.stop_pain == 7
