"""What the next step asks for, and what stands in the way: read off the rules that decide."""

import pytest
from hypothesis import given

from programs.rulebook import current_rules
from programs.rules import Facts, Outcome, Words, decide, needs, why_not

from .logs import any_facts

RULES = current_rules()


def missing(words=None, **facts):
    return [one.key.format(**one.values) for one in why_not(Facts(**facts), RULES, words)]


@given(any_facts)
def test_nothing_stands_in_the_way_exactly_where_the_rules_move_on(facts):
    advances = decide(facts, RULES).outcome is Outcome.ADVANCE
    assert (why_not(facts, RULES) == ()) is advances


@given(any_facts)
def test_the_rule_that_spoke_is_among_those_in_the_way(facts):
    decision = decide(facts, RULES)
    in_the_way = {rule for need in why_not(facts, RULES) for rule in need.rules}
    assert (decision.rule_id in in_the_way) is (decision.outcome is not Outcome.ADVANCE)


@given(any_facts)
def test_every_need_is_a_whole_phrase(facts):
    for need in needs(facts, RULES):
        phrase = need.key.format(**need.values)
        assert phrase[0].isupper() and "{" not in phrase and "None" not in phrase


def test_every_rule_but_those_that_move_on_guards_something():
    assert [rule.id for rule in RULES.progression if not rule.needs] == ["R-A06", "R-A07"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"successes": 0}, ["Clean days: 1 of 2 with this one"]),
        ({"pain_after": 4}, ["Pain during and after at most 2: 4"]),
        ({"completion_l": 24 / 30}, ["The whole dose: 80 percent", "Both sides finish the dose: left 80 percent, "]),
        ({"check": "pending"}, ["The next-day answer is in"]),
        ({"check": "unanswered"}, ["The next-day answer is in"]),
        ({"days_at_level": 1}, ["Days at this level: 1 of 3"]),
        ({"gate_missing": True}, ["What the next level asks for is recorded"]),
        ({"cap_reached": True}, ["A level above within the phase"]),
        ({"approval": "therapist"}, ["A therapist agrees"]),
        ({"lightened": True}, ["Back on the full dose"]),
        ({"override": "lock"}, ["Level not locked by a therapist"]),
        ({"late_h": 96}, ["Logged within 72 hours: 96"]),
        ({"gap": 30}, ["Less than 8 days off: 30"]),
    ],
)
def test_what_is_missing_is_said_with_its_figures(facts, expected):
    found = missing(**facts)
    assert len(found) == len(expected)
    assert all(phrase.startswith(start) for phrase, start in zip(found, expected, strict=True))


def test_every_reason_is_named_not_only_the_first():
    assert missing(pain_after=4, check="pending", gate_missing=True, cap_reached=True) == [
        "Pain during and after at most 2: 4",
        "The next-day answer is in",
        "What the next level asks for is recorded",
        "A level above within the phase",
    ]


def test_what_only_the_clinic_knows_makes_it_exact():
    known = Words(gates="hinge with 3 contacts", cap="BRG-4", until="Thursday 10:00", done=24, asked=30)
    assert missing(known, check="pending", gate_missing=True, cap_reached=True, completion_l=0.8, completion_r=0.8) == [
        "The whole dose: 24 of 30",
        "The next-day answer is in: open until Thursday 10:00",
        "Recorded before the next level: hinge with 3 contacts",
        "A level above, below the cap BRG-4",
    ]


def test_a_milder_rule_says_the_most_that_is_asked_for():
    assert missing(pain_during=8)[0] == "Pain below 6, the next day too: worst 8"
    assert missing(pain_during=4, stop_at=4)[0] == "Pain below 4, the next day too: worst 4"


def test_a_squat_is_not_asked_about_glides():
    asked = {need.key for need in needs(Facts(), RULES)}
    assert {need.key for need in needs(Facts(kind="nerve"), RULES)} - asked == {
        "A glide that does not hurt, pain at most {nerve_max}: {max_pain}"
    }
    assert any("strict" in need.key for need in needs(Facts(policy="strict"), RULES))
