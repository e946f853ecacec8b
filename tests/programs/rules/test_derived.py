from dataclasses import asdict

import pytest

from programs.rules import Facts, limits
from programs.rules.derived import DERIVED, THRESHOLDS, judge


def judged(rules, **facts):
    return judge(Facts(**facts), rules.params).values


@pytest.mark.parametrize(
    ("usual", "expected"),
    [
        (0, (2, 6, 7)),
        (2, (2, 6, 7)),
        (3, (4, 6, 7)),
        (4, (5, 6, 7)),
        (5, (5, 6, 7)),
        (6, (5, 7, 8)),
        (7, (5, 8, 9)),
        (10, (5, 8, 9)),
    ],
)
def test_limits_rise_with_the_usual_pain(usual, expected, rules):
    found = limits(Facts(usual=usual), rules.params)
    assert (found.advance_max, found.regress_at, found.stop_at) == expected


def test_a_therapists_own_limits_go_first_even_zero(rules):
    found = limits(Facts(usual=6, advance_max=0, regress_at=3, stop_at=4), rules.params)
    assert (found.advance_max, found.regress_at, found.stop_at) == (0, 3, 4)


@pytest.mark.parametrize(("before", "expected"), [(0, 2), (2, 2), (3, 4), (4, 5), (5, 6), (9, 6)])
def test_a_glide_may_add_one_point_to_what_was_there(before, expected, rules):
    assert limits(Facts(pain_before=before), rules.params).nerve_max == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"next_day": 3, "baseline": 0, "pain_before": 0}, "worse"),
        ({"next_day": 2, "baseline": 0, "pain_before": 0}, "ok"),
        ({"next_day": 4, "baseline": 2, "pain_before": 3}, "ok"),
        ({"next_day": 5, "baseline": 2, "pain_before": 3}, "worse"),
        ({"next_day": 0, "check": "pending"}, "ok"),
        ({"next_day": 4, "check": "unanswered"}, "worse"),
        ({"next_day": 4, "check": "ok"}, "worse"),
        ({"next_day": 2, "check": "worse"}, "ok"),
        ({"next_day": 2, "says_worse": True}, "worse"),
        ({"check": "worse"}, "worse"),
        ({"check": "unanswered"}, "unanswered"),
    ],
)
def test_the_check_follows_from_the_number_where_there_is_one(facts, expected, rules):
    assert judged(rules, **facts)["check"] == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"pain_during": 9}, True),
        ({"pain_during": 8}, False),
        ({"next_day": 7}, True),
        ({"next_day": 6}, False),
        ({"next_day": 6, "usual": 6}, False),
        ({"next_day": 4, "stop_at": 4}, True),
        ({"pain_during": 4, "stop_at": 4}, False),
        ({"pain_during": 9, "stop_at": 10}, True),
    ],
)
def test_severe_is_nine_or_a_day_after_at_the_stop_level(facts, expected, rules):
    assert judged(rules, **facts)["severe"] is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"pain_before": 2, "pain_during": 3}, True),
        ({"pain_before": 0, "pain_during": 2}, False),
        ({"pain_before": 3, "pain_during": 4}, False),
        ({"pain_before": 3, "pain_after": 5}, True),
    ],
)
def test_new_pain_is_what_the_exercise_brought_on(facts, expected, rules):
    assert judged(rules, **facts)["new_pain"] is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"words": ("snap",), "pain_before": 1, "pain_during": 3}, True),
        ({"words": ("snap",), "pain_before": 2, "pain_during": 3}, False),
        ({"words": ("pop",), "pain_before": 0, "pain_during": 2}, False),
        ({"words": ("tear",), "pain_during": 0, "strength_loss": True}, True),
        ({"words": ("sharp",), "pain_during": 8}, False),
        ({"strength_loss": True, "pain_during": 8}, False),
    ],
)
def test_an_acute_event_takes_a_pop_and_lost_strength_or_clearly_more_pain(facts, expected, rules):
    assert judged(rules, **facts)["acute_event"] is expected


def test_the_numbers_at_their_edges(rules):
    assert judged(rules, late_h=72)["late"] is False
    assert judged(rules, late_h=72.5)["late"] is True
    assert judged(rules, done_ratio=1.5)["overdose"] is False
    assert judged(rules, done_ratio=1.51)["overdose"] is True
    assert judged(rules, completion_l=0.99, completion_r=1.4)["weaker_side_short"] is True
    assert judged(rules, completion_l=0.99, completion_r=0.8)["weaker_side_short"] is False
    assert judged(rules, completion_l=29 / 30)["percent"] == 96
    assert judged(rules, successes=0, successes_required=1)["successes_short"] is False
    assert judged(rules, days_at_level=3)["too_early"] is False


def test_everything_a_rule_may_ask_for_is_there(rules):
    found = judge(Facts(), rules.params)

    assert set(DERIVED) <= set(found.values)
    assert set(found.thresholds) == THRESHOLDS
    assert set(asdict(limits(Facts(), rules.params))) <= THRESHOLDS


def test_every_derived_value_fits_its_own_shape(rules):
    found = judged(rules, pain_during=4, next_day=5)
    assert {key: shape.fault(found[key]) for key, shape in DERIVED.items()} == dict.fromkeys(DERIVED)
