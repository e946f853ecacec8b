from dataclasses import fields

import pytest

from programs.rules import BadFact, Facts
from programs.rules.facts import SHAPES


def test_the_base_values_are_a_clean_second_success():
    assert Facts.from_mapping({}) == Facts()
    assert Facts().to_mapping() == {
        "kind": "strength",
        "usual": 2,
        "advance_max": None,
        "regress_at": None,
        "stop_at": None,
        "baseline": 2,
        "pain_before": 2,
        "pain_during": 1,
        "pain_after": 1,
        "next_day": None,
        "check": "ok",
        "says_worse": False,
        "form": "ok",
        "full_rom": True,
        "mode": "reps",
        "at_top": True,
        "painful": False,
        "technique_retry_used": False,
        "completion_l": 1.0,
        "completion_r": 1.0,
        "done_ratio": 1.0,
        "successes": 1,
        "successes_required": 2,
        "days_at_level": 5,
        "min_days": 3,
        "gap": 2,
        "cramp": None,
        "cramps": 0,
        "bad_next_day": 0,
        "jumps": 0,
        "incomplete": 0,
        "red_flags": [],
        "neuro": [],
        "words": [],
        "strength_loss": False,
        "override": None,
        "open_stop": False,
        "contraindicated": False,
        "approval": "auto",
        "policy": "monitored",
        "late_h": 1,
        "same_day_extra": False,
        "gate_missing": False,
        "cap_reached": False,
        "load_step": False,
        "worsening_two": False,
        "lightened": False,
    }


def test_every_fact_has_a_shape():
    assert list(SHAPES) == [one.name for one in fields(Facts)]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pian_during", 3),
        ("pain_during", 11),
        ("pain_during", -1),
        ("pain_during", True),
        ("pain_during", "3"),
        ("pain_during", 2.5),
        ("pain_during", None),
        ("pain_during", [3]),
        ("next_day", 11),
        ("next_day", False),
        ("stop_at", 11),
        ("baseline", True),
        ("baseline", 10.5),
        ("baseline", float("nan")),
        ("completion_l", -0.1),
        ("completion_l", float("inf")),
        ("completion_l", True),
        ("done_ratio", "1"),
        ("late_h", -1),
        ("successes_required", 0),
        ("gap", 2.0),
        ("kind", "stretch"),
        ("kind", None),
        ("kind", ["nerve"]),
        ("check", None),
        ("full_rom", 1),
        ("full_rom", None),
        ("cramp", "none"),
        ("cramp", False),
        ("red_flags", "chest_pain"),
        ("red_flags", None),
        ("red_flags", ["headache"]),
        ("red_flags", [1]),
        ("red_flags", [["chest_pain"]]),
        ("neuro", {"weakness": True}),
        ("words", ["Pop"]),
        ("override", "stop"),
    ],
)
def test_a_fact_nobody_can_judge_is_refused_by_name(key, value):
    with pytest.raises(BadFact) as refusal:
        Facts.from_mapping({key: value})

    assert refusal.value.key == key
    assert str(refusal.value).startswith(f"{key} = ")


def test_facts_made_in_code_are_checked_too():
    with pytest.raises(BadFact, match="must be a whole number from 0 to 10"):
        Facts(pain_during=12)


def test_a_long_value_is_cut_in_the_message():
    with pytest.raises(BadFact) as refusal:
        Facts.from_mapping({"kind": "x" * 500})

    assert len(str(refusal.value)) < 250
