"""Every number of the code on both sides of its edge: each test here fails if one of them moves by one."""

from dataclasses import fields, replace

import pytest

from programs.rulebook import current_rules
from programs.rules import (
    BadFact,
    BadRules,
    Dose,
    Effort,
    Facts,
    ItemState,
    Log,
    Target,
    after,
    assess,
    decide,
    lighter,
    next_load,
    two_rises,
)
from programs.rules import needs as needs_of
from programs.rules.condition import Condition
from programs.rules.derived import judge

RULES = current_rules()
SCORES = (
    *("usual", "advance_max", "regress_at", "stop_at", "baseline"),
    *("pain_before", "pain_during", "pain_after", "next_day"),
)
COUNTS = ("successes", "days_at_level", "min_days", "gap", "cramps", "bad_next_day", "jumps", "incomplete")
SHARES = ("completion_l", "completion_r", "done_ratio", "late_h")


def judged(**facts):
    return judge(Facts(**facts), RULES.params).values


def asks(key, wanted):
    return Condition.parse("R-S01", key, wanted)


# What a fact may be


@pytest.mark.parametrize("key", SCORES)
def test_a_score_goes_from_0_to_10(key):
    assert [getattr(Facts(**{key: value}), key) for value in (0, 10)] == [0, 10]
    for beyond in (-1, 11):
        with pytest.raises(BadFact, match=f"{key} = {beyond}: must be a .*number from 0 to 10"):
            Facts(**{key: beyond})


@pytest.mark.parametrize(("key", "least"), [*((key, 0) for key in COUNTS), ("successes_required", 1)])
def test_a_count_has_a_least_and_no_most(key, least):
    assert getattr(Facts(**{key: least}), key) == least
    assert getattr(Facts(**{key: 999}), key) == 999
    with pytest.raises(BadFact, match=f"of {least} or more"):
        Facts(**{key: least - 1})


@pytest.mark.parametrize("key", SHARES)
def test_a_share_is_nothing_or_more(key):
    assert getattr(Facts(**{key: 0}), key) == 0
    with pytest.raises(BadFact, match="must be a number of 0 or more"):
        Facts(**{key: -0.01})


def test_sixty_letters_of_a_bad_value_are_shown_and_no_more():
    def shown(length):
        with pytest.raises(BadFact) as refusal:
            Facts.from_mapping({"kind": "x" * length})
        return str(refusal.value).partition(" = ")[2].partition(": must")[0]

    assert shown(58) == '"' + "x" * 58 + '"'
    assert shown(59) == '"' + "x" * 56 + "..."


# What a rule may ask


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [("jump", -10, 10), *((key, 0, 10) for key in ("max_pain", "worst_pain", "stop_at", "nerve_max"))],
)
def test_a_rule_asks_for_a_pain_there_can_be(key, low, high):
    assert [asks(key, value).wanted for value in (low, high)] == [low, high]
    for beyond in (low - 1, high + 1):
        with pytest.raises(BadRules, match=f"from {low} to {high}"):
            asks(key, beyond)


def test_a_rule_asks_for_a_share_of_nothing_or_more():
    assert [asks("completion", value).wanted for value in (0, 0.5)] == [0, 0.5]
    with pytest.raises(BadRules, match="of 0 or more"):
        asks("completion", -0.5)


def test_a_parameter_is_nothing_or_more():
    assert RULES.with_params(half_dose=0).params.half_dose == 0
    with pytest.raises(BadRules, match=r"params\.half_dose: -0\.1 must be a number of 0 or more"):
        RULES.with_params(half_dose=-0.1)


# What follows from the facts


def test_no_pain_at_all_is_a_worst_of_nothing():
    assert judged(pain_during=0, pain_after=0)["worst_pain"] == 0
    assert judged(pain_during=0, pain_after=0, next_day=0)["worst_pain"] == 0
    assert judged(pain_during=0, pain_after=0, next_day=1)["worst_pain"] == 1


def test_sharp_pain_is_new_above_what_was_there_before():
    assert judged(words=("sharp",), pain_before=3, pain_during=3)["sharp_new"] is False
    assert judged(words=("sharp",), pain_before=3, pain_during=4)["sharp_new"] is True


def test_a_glide_hurts_above_what_it_may_reach():
    assert judged(kind="nerve", pain_before=0, pain_during=2)["nerve_painful"] is False
    assert judged(kind="nerve", pain_before=0, pain_during=3)["nerve_painful"] is True


def test_almost_a_whole_percent_is_not_one():
    assert judged(completion_l=0.9999)["percent"] == 99
    assert judged(completion_l=0.29)["percent"] == 29  # 0.29 * 100 is 28.999999999999996


def test_a_thousandfold_dose_is_the_most_that_is_said():
    assert judged(completion_l=1e300, completion_r=5000)["percent_l"] == 100_000
    assert judged(completion_l=999.5)["percent_l"] == 99_950


def test_a_figure_is_said_with_one_digit_after_the_point():
    said = [one.key.format(**one.values) for one in needs_of(Facts(done_ratio=1.567), RULES)]
    assert "At most 1.5 times the dose: 1.6" in said


# What is decided, and flagged


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        *(({"gap": days}, rule) for days, rule in ((7, "R-A07"), (8, "R-G03"), (14, "R-G03"), (15, "R-G02"))),
        *(({"gap": days}, rule) for days, rule in ((28, "R-G02"), (29, "R-G01"))),
        ({"words": ("sharp",), "pain_during": 3}, "R-P06"),
        ({"words": ("sharp",), "pain_during": 4}, "R-S06"),
        ({"pain_during": 5, "jumps": 0}, "R-P03"),
        ({"pain_during": 5, "jumps": 1}, "R-P02"),
        ({"check": "worse", "bad_next_day": 0}, "R-P05"),
        ({"check": "worse", "bad_next_day": 1}, "R-P04"),
        ({"kind": "nerve", "check": "worse", "bad_next_day": 0}, "R-N05"),
        ({"kind": "nerve", "check": "worse", "bad_next_day": 1}, "R-N04"),
        ({"cramp": "resolved", "cramps": 1}, "R-K03"),
        ({"cramp": "resolved", "cramps": 2}, "R-K01"),
        ({"completion_l": 0.4, "completion_r": 0.4, "incomplete": 0}, "R-C03"),
        ({"completion_l": 0.4, "completion_r": 0.4, "incomplete": 1}, "R-C02"),
        ({"completion_l": 0.99, "completion_r": 0.99}, "R-C03"),
        ({"completion_l": 1.0, "completion_r": 1.0}, "R-A07"),
    ],
)
def test_the_rule_speaks_from_its_number_on(facts, rule):
    assert decide(Facts(**facts), RULES).rule_id == rule


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"pain_during": 5, "jumps": 0}, {"FL-JUMP"}),
        ({"pain_during": 5, "jumps": 1}, {"FL-JUMP2"}),
        ({"check": "worse", "bad_next_day": 0}, {"FL-24H"}),
        ({"check": "worse", "bad_next_day": 1}, {"FL-24H2"}),
        ({"words": ("sharp",), "pain_during": 3}, {"FL-SHARP-LOW"}),
        ({"words": ("sharp",), "pain_during": 4}, {"FL-SHARP"}),
        ({"cramp": "resolved", "cramps": 1}, set()),
        ({"cramp": "resolved", "cramps": 2}, {"FL-CRAMP"}),
        ({"gap": 28}, set()),
        ({"gap": 29}, {"FL-GAP"}),
    ],
)
def test_the_flag_is_raised_from_its_number_on(facts, codes):
    assert {finding.code for finding in assess(Facts(**facts), RULES)} == codes


def test_rules_that_ask_for_the_same_in_plain_words_are_one_need_however_they_put_it_fully():
    told = {"R-X01": ("The answer is in by {until}", "The next-day answer is in")}
    otherwise = [replace(rule, needs=told.get(rule.id, rule.needs)) for rule in RULES.progression]
    changed = needs_of(Facts(), replace(RULES, progression=tuple(otherwise)))

    assert len(changed) == len(needs_of(Facts(), RULES))


# What is carried from log to log


def test_a_dose_nobody_names_counts_as_one():
    state = after(ItemState(), Facts(), decide(Facts(), RULES), RULES)
    rising = ItemState(efforts=(Effort(1, 1.0), Effort(2, 0.95)))

    assert state.efforts == (Effort(1, 1.0),)
    assert Effort(1).dose == Log(order=(), facts=Facts()).dose == 1.0
    assert rising.into(Facts(pain_during=3), RULES).worsening_two is False
    assert replace(rising, efforts=(Effort(1), Effort(2))).into(Facts(pain_during=3), RULES).worsening_two is True


def test_the_last_two_logs_are_kept():
    state = ItemState()
    for pain in (0, 1, 2):
        state = after(state, Facts(pain_during=pain), decide(Facts(), RULES), RULES)
    assert state.efforts == (Effort(1), Effort(2))


def test_of_more_logs_the_last_three_count():
    assert two_rises([Effort(pain) for pain in (9, 1, 2, 3)], RULES.params)
    assert not two_rises([Effort(pain) for pain in (1, 2, 3, 3)], RULES.params)
    assert not two_rises([Effort(1), Effort(3)], RULES.params)
    assert not two_rises([Effort(pain) for pain in (2, 2, 3)], RULES.params)


def test_exactly_half_the_dose_is_not_too_little():
    def incomplete(share):
        return after(ItemState(), Facts(completion_l=share), decide(Facts(), RULES), RULES).incomplete

    assert (incomplete(0.5), incomplete(0.49)) == (0, 1)


def test_a_jump_is_three_above_the_baseline():
    def jumps(pain):
        return after(ItemState(), Facts(baseline=2, pain_during=pain), decide(Facts(), RULES), RULES).jumps

    assert (jumps(4), jumps(5)) == (0, 1)


def test_a_new_exercise_starts_from_nothing():
    assert [value for one in fields(ItemState) if (value := getattr(ItemState(), one.name))] == []


# How much


def test_a_dose_of_which_nothing_is_said_is_one():
    assert (Dose().low_end, Dose().high_end, Dose().size) == (1, 1, 1.0)
    assert (Dose(sets=2).low_end, Dose(sets=2).high_end) == (2, 2)
    assert Dose(seconds_low=20).high_end == Dose(reps_low=20).high_end == 20


def test_load_band_and_range_are_part_of_the_size():
    assert [Dose(band_step=step).size for step in (0, 1, 2)] == [1.0, 2.0, 3.0]
    assert (Dose(load_grams=500).size, Dose(rom_pct=50).size) == (500.0, 0.5)


@pytest.mark.parametrize(("before", "then"), [(100, 75), (75, 50), (60, 50), (51, 50), (50, 50), (49, 49)])
def test_the_range_goes_by_a_quarter_down_to_half(before, then):
    assert lighter(Dose(rom_pct=before), ["shorten_rom"])[0].rom_pct == then


@pytest.mark.parametrize(
    ("before", "then"), [((3, 5), (2, 4)), ((2, 2), (1, 1)), ((1, 2), (1, 1)), ((1, 3), (1, 2)), ((1, 1), (1, 1))]
)
def test_bouts_go_one_at_a_time_down_to_one(before, then):
    less = lighter(Dose(per_day_low=before[0], per_day_high=before[1]), [])[0]
    assert (less.per_day_low, less.per_day_high) == then


@pytest.mark.parametrize(
    ("before", "then"), [((3, None), (2, None)), ((1, None), (1, None)), ((2, 4), (1, 3)), ((1, 3), (1, 2))]
)
def test_sets_go_one_at_a_time_down_to_one(before, then):
    less = lighter(Dose(sets=before[0], sets_max=before[1]), ["minus_one_set"])[0]
    assert (less.sets, less.sets_max) == then


def test_without_plates_a_load_goes_down_to_the_gram():
    assert lighter(Dose(load_grams=19_999), ["less_load_10pct"])[0].load_grams == 17_999


@pytest.mark.parametrize(
    ("grams", "step", "expected"),
    [
        (10_000, 100, 10_500),
        (10_100, 100, 10_700),
        (9050, 500, None),
        (9950, 3650, None),
        (10_000, 1000, 11_000),
        (40, 1, 42),
    ],
)
def test_the_next_load_is_at_most_a_tenth_more(grams, step, expected):
    assert next_load(grams, min_step_grams=step) == expected


@pytest.mark.parametrize("given", [{"grams": -1}, {"min_step_grams": 0}, {"step_pct": 0}])
def test_a_load_that_cannot_be_stepped_is_refused(given):
    values = {"grams": 1000, "min_step_grams": 1, "step_pct": 1} | given
    with pytest.raises(ValueError, match="grams from 0"):
        next_load(values["grams"], min_step_grams=values["min_step_grams"], step_pct=values["step_pct"])


def test_the_least_that_can_be_stepped():
    assert next_load(1000, min_step_grams=1, step_pct=1) == 1010
    assert next_load(0, min_step_grams=1, two_for_two_met=True) == 1


# How urgent


URGENCY = {
    1: "FL-RED-CES FL-RED-PE",
    2: "FL-RED-DVT FL-RED-INF FL-RED-TRAUMA FL-RED-NEURO FL-RED-ACUTE FL-WEAK FL-POP FL-PAIN9 FL-FREETEXT-URGENT",
    3: "FL-RED-SENS FL-RED-SYS FL-SENS FL-PAIN7 FL-SHARP FL-NERVE FL-NERVE-RETRY",
    4: "FL-PAIN6 FL-JUMP2 FL-24H2 FL-GAP FL-STRICT FL-NOLOG10 FL-BASE-UP FL-FREETEXT",
    5: "FL-SHARP-LOW FL-JUMP FL-24H FL-TREND FL-CRAMP FL-OVER FL-NOLOG FL-NOCHECK FL-ADH50 FL-SIDES FL-STALL",
    None: "FL-SLA",  # as urgent as the flag that is late
}


@pytest.mark.parametrize("severity", URGENCY)
def test_every_flag_is_as_urgent_as_agreed(severity):
    """Who changes an urgency changes it here too: it decides who is called when."""
    found = {rule.code: rule.severity for rule in RULES.flags}
    found |= {rule.code: rule.severity for rule in RULES.tick_rules}
    found |= {rule.code: rule.severity for rule in RULES.text_rules}
    assert {code for code, level in found.items() if level == severity} == set(URGENCY[severity].split())


def test_a_target_of_which_nothing_is_said_is_no_time():
    assert (Target().minutes, Target().working_days) == (0, 0)


def test_a_rule_that_asks_for_both_decisions_of_a_person_is_a_persons_too():
    person, hand = (next(rule for rule in RULES.progression if rule.id == name) for name in ("R-H01", "R-H02"))
    assert replace(person, when=(*person.when, *hand.when)).is_human
