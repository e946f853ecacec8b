import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rulebook import current_rules
from programs.rules import Effort, Facts, ItemState, Log, Outcome, after, baseline, decide, replay, two_rises

from .logs import any_facts

RULES = current_rules()
ON_THE_WAY = ItemState(successes=1)


def judged(state=ON_THE_WAY, *, applied=True, dose=1.0, **facts):
    told = state.into(Facts(**facts), RULES, dose=dose)
    return after(state, told, decide(told, RULES), RULES, dose=dose, applied=applied)


@pytest.mark.parametrize(
    ("facts", "successes"),
    [
        ({"successes_required": 5}, 2),
        ({"days_at_level": 1}, 2),
        ({"gate_missing": True}, 2),
        ({"cap_reached": True}, 2),
        ({"approval": "therapist"}, 2),
        ({}, 0),
        ({"load_step": True}, 0),
        ({"pain_during": 6}, 0),
        ({"pain_during": 8}, 0),
        ({"form": "lost"}, 0),
        ({"pain_during": 4}, 0),
        ({"gap": 8}, 0),
        ({"gap": 8, "override": "lock"}, 0),
        ({"gap": 7, "override": "lock"}, 1),
        ({"late_h": 96}, 1),
        ({"check": "unanswered"}, 1),
        ({"completion_l": 0.9}, 1),
        ({"completion_l": 0.9, "completion_r": 0.9}, 1),
        ({"cramp": "resolved"}, 1),
        ({"form": "partly"}, 1),
        ({"same_day_extra": True}, 1),
        ({"check": "pending"}, 1),
    ],
)
def test_successes_are_banked_kept_or_lost(facts, successes):
    assert judged(**facts).successes == successes


def test_an_advance_that_waits_its_turn_banks_its_success():
    assert judged(applied=False).successes == 2


@pytest.mark.parametrize(
    ("streak", "facts"),
    [
        ("bad_next_day", {"check": "worse"}),
        ("jumps", {"pain_during": 5}),
        ("cramps", {"cramp": "resolved"}),
        ("incomplete", {"completion_l": 0.4}),
    ],
)
def test_a_streak_grows_when_seen_and_ends_with_a_clean_log(streak, facts):
    seen = judged(**facts)

    assert getattr(seen, streak) == 1
    assert getattr(judged(seen, form="partly"), streak) == 1
    assert getattr(judged(seen, **facts), streak) == 2
    clean = judged(replace(seen, lightened=False), successes_required=9)
    assert (clean.bad_next_day, clean.jumps, clean.cramps, clean.incomplete) == (0, 0, 0, 0)


def test_a_provisional_decision_changes_nothing():
    assert judged(check="pending") == ON_THE_WAY


def test_a_lighter_dose_stays_until_the_first_success_restores_it():
    lighter = judged(form="lost")
    assert (lighter.successes, lighter.lightened) == (0, True)

    still = judged(lighter, form="partly")
    assert still.lightened

    told = still.into(Facts(), RULES)
    decision = decide(told, RULES)
    restored = after(still, told, decision, RULES)
    assert (decision.rule_id, decision.change) == ("R-L01", "restore")
    assert (restored.successes, restored.lightened) == (0, False)


def test_a_step_back_comes_with_its_own_full_dose():
    assert judged(ItemState(lightened=True), pain_during=6).lightened is False


def test_a_stop_leaves_the_lighter_dose_alone():
    assert judged(ItemState(lightened=True), pain_during=8).lightened is True


def test_the_technique_of_a_glide_is_corrected_once():
    painful: dict[str, Any] = {"kind": "nerve", "painful": True, "form": "partly"}
    first = judged(**painful)
    assert first.technique_retry_used

    assert decide(first.into(Facts(**painful), RULES), RULES).rule_id == "R-N02"
    assert judged(replace(first, lightened=False), kind="nerve").technique_retry_used is False


def test_two_rises_at_the_same_or_a_lower_dose_are_a_trend():
    def rises(*efforts):
        return two_rises([Effort(pain, dose) for pain, dose in efforts], RULES.params)

    assert rises((1, 10), (2, 10), (3, 9))
    assert not rises((2, 10), (3, 10))
    assert not rises((0, 10), (1, 10), (2, 10))
    assert not rises((1, 10), (3, 10), (3, 10))
    assert not rises((1, 10), (2, 10), (3, 12))


def test_the_third_log_of_a_rise_is_told_so():
    state = judged(judged(ItemState(), pain_during=0), pain_during=2)
    assert state.efforts == (Effort(0), Effort(2))
    assert state.into(Facts(pain_during=3), RULES).worsening_two is True
    assert state.into(Facts(pain_during=2), RULES).worsening_two is False


def test_after_a_person_sets_the_level_counting_starts_again():
    state = ItemState(successes=3, jumps=1, lightened=True, efforts=(Effort(1),))
    assert state.level_set() == ItemState(jumps=1)


def test_a_person_may_make_the_dose_lighter():
    assert ItemState(successes=3).made_lighter() == ItemState(lightened=True)


def test_a_state_survives_being_stored():
    state = ItemState(successes=3, jumps=1, lightened=True, efforts=(Effort(1, 30.0), Effort(2)))
    assert ItemState.from_mapping(state.to_mapping()) == state
    assert ItemState.from_mapping({}) == ItemState()


@pytest.mark.parametrize(
    ("scores", "usual", "expected"),
    [
        ([], 3, 3),
        ([9, 9], 3, 3),
        ([1, 2, 9], 3, 2),
        ([9, 9, 1, 2, 1, 2, 1, 2, 1], 3, 1),
        ([1, 2, 1, 2], 3, 1.5),
        ([6, 6, 6], 3, 4),
    ],
)
def test_the_baseline_is_the_recent_median_and_never_creeps(scores, usual, expected):
    assert baseline(scores, usual, RULES.params) == expected


a_history = st.lists(any_facts, max_size=6).map(
    lambda all_facts: [Log(order=(number,), facts=facts) for number, facts in enumerate(all_facts)]
)


@given(a_history, st.randoms(use_true_random=False))
def test_6_the_order_of_arrival_changes_nothing(logs, chance: random.Random):
    shuffled = chance.sample(logs, len(logs))
    assert replay(ItemState(), shuffled, RULES) == replay(ItemState(), logs, RULES)


@given(any_facts, st.builds(ItemState, successes=st.integers(0, 9), lightened=st.booleans()))
def test_only_a_clean_log_adds_a_success_and_a_strict_one_takes_all(facts, state):
    told = state.into(facts, RULES)
    decision = decide(told, RULES)
    successes = after(state, told, decision, RULES).successes

    assert successes in {0, state.successes, state.successes + 1}
    if decision.outcome.mildness < Outcome.HOLD.mildness:
        assert successes == 0
