"""The seven invariants, over every set of facts the decide command accepts."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from programs.rulebook import current_rules
from programs.rules import Facts, Outcome, Scope, assess, decide, held_scope, limits
from programs.rules.derived import check, max_pain

from .logs import any_facts

RULES = current_rules()
WORSENED_BY = {"pain_during": 10, "pain_after": 10, "next_day": 10, "gap": 60}


@st.composite
def a_log_and_a_worse_one(draw):
    facts = draw(any_facts)
    key = draw(st.sampled_from([key for key in WORSENED_BY if getattr(facts, key) is not None]))
    now = getattr(facts, key)
    return facts, replace(facts, **{key: draw(st.integers(now, max(now, WORSENED_BY[key])))})


def width(scope: Scope | None) -> int:
    return scope.width if scope else -1


@given(any_facts)
def test_1_every_input_yields_exactly_one_decision(facts):
    assert decide(facts, RULES).rule_id in RULES.ids


@given(a_log_and_a_worse_one())
def test_2_more_pain_or_a_longer_gap_is_never_decided_more_mildly(logs):
    facts, worse = logs
    assert decide(worse, RULES).outcome.mildness <= decide(facts, RULES).outcome.mildness


@given(any_facts)
def test_3_an_advance_implies_pain_within_the_limit_a_good_check_and_no_flag(facts):
    if decide(facts, RULES).outcome is Outcome.ADVANCE:
        assert max_pain(facts) <= limits(facts, RULES.params).advance_max
        assert check(facts, RULES.params) == "ok"
        assert assess(facts, RULES) == ()


@given(any_facts)
def test_4_a_stop_implies_a_flag(facts):
    if decide(facts, RULES).outcome is Outcome.STOP_AND_FLAG:
        assert assess(facts, RULES)


@given(any_facts)
def test_5_a_flag_that_stops_implies_the_decision_to_stop(facts):
    if any(finding.stop for finding in assess(facts, RULES)):
        assert decide(facts, RULES).outcome is Outcome.STOP_AND_FLAG


@given(any_facts)
def test_7_a_decision_is_made_again_from_its_stored_facts(facts):
    stored = json.loads(json.dumps(facts.to_mapping()))
    again = Facts.from_mapping(stored)

    assert again == facts
    assert (decide(again, RULES), assess(again, RULES)) == (decide(facts, RULES), assess(facts, RULES))


@given(a_log_and_a_worse_one())
def test_more_pain_never_holds_less_and_is_never_less_urgent(logs):
    facts, worse = logs

    def judged(log):
        findings = assess(log, RULES)
        return width(held_scope(decide(log, RULES), findings)), min((one.severity for one in findings), default=6)

    (held, urgency), (held_worse, urgency_worse) = judged(facts), judged(worse)
    assert held_worse >= held
    assert urgency_worse <= urgency


@given(any_facts)
def test_something_is_held_exactly_when_the_decision_is_to_stop(facts):
    decision = decide(facts, RULES)
    held = held_scope(decision, assess(facts, RULES))

    assert (held is not None) == (decision.outcome is Outcome.STOP_AND_FLAG)
    assert width(held) >= width(decision.scope)


@given(any_facts)
def test_the_reason_is_a_whole_sentence(facts):
    reason = decide(facts, RULES).reason

    assert reason[0].isupper() and reason.endswith(".")
    assert "{" not in reason and "None" not in reason
