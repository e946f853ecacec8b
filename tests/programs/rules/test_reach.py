"""Every rule can speak: one example for each, so that no rule is dead data."""

import pytest

from programs.rulebook import current_rules
from programs.rules import RED_FLAGS, Facts, Outcome, Scope, Words, assess, decide, held_scope

NERVE: dict[str, object] = {"kind": "nerve", "painful": True}
SPEAKS: dict[str, dict[str, object]] = {
    "R-S01": {"red_flags": ["weight_loss"], "neuro": ["weakness"]},
    "R-S02": {"neuro": ["numb_or_tingle_new", "weakness"]},
    "R-S03": {"neuro": ["numb_or_tingle_new"]},
    "R-S04": {"words": ["tear"], "strength_loss": True},
    "R-S05": {"pain_after": 9},
    "R-S07": {"pain_after": 7},
    "R-S06": {"words": ["sharp"], "pain_after": 4},
    "R-N01": NERVE,
    "R-N02": {**NERVE, "form": "lost", "technique_retry_used": True},
    "R-N04": {"kind": "nerve", "check": "worse", "bad_next_day": 1},
    "R-S08": {"policy": "strict", "pain_during": 3},
    "R-H01": {"open_stop": True, "override": "lock"},
    "R-H02": {"override": "pause", "gap": 40},
    "R-H03": {"override": "lock", "pain_during": 6},
    "R-G01": {"gap": 29},
    "R-P01": {"pain_after": 6},
    "R-P02": {"pain_during": 5, "jumps": 1},
    "R-P04": {"check": "worse", "bad_next_day": 1},
    "R-G02": {"gap": 28},
    "R-K01": {"cramp": "resolved", "cramps": 2},
    "R-N03": {**NERVE, "form": "lost"},
    "R-N05": {"kind": "nerve", "next_day": 4},
    "R-P03": {"pain_during": 5},
    "R-P05": {"next_day": 4},
    "R-P06": {"words": ["sharp"], "pain_after": 3},
    "R-P07": {"worsening_two": True},
    "R-G03": {"gap": 14},
    "R-K02": {"cramp": "unresolved", "cramps": 1},
    "R-T01": {"form": "lost"},
    "R-C02": {"completion_l": 0.49, "incomplete": 1},
    "R-B01": {"contraindicated": True, "pain_after": 5},
    "R-P08": {"pain_after": 5},
    "R-K03": {"cramp": "resolved"},
    "R-T02": {"form": "partly"},
    "R-T03": {"full_rom": False},
    "R-D01": {"late_h": 73},
    "R-C01": {"done_ratio": 1.6},
    "R-C04": {"completion_l": 29 / 30},
    "R-C03": {"completion_l": 0.9, "completion_r": 0.9},
    "R-X01": {"check": "pending"},
    "R-X02": {"check": "unanswered"},
    "R-X04": {"check": "shared"},
    "R-X03": {"same_day_extra": True},
    "R-L01": {"lightened": True, "successes": 0},
    "R-A01": {"successes": 0},
    "R-A02": {"days_at_level": 2},
    "R-A08": {"mode": "fatigue", "at_top": False, "gate_missing": True},
    "R-A03": {"gate_missing": True, "cap_reached": True},
    "R-A04": {"cap_reached": True, "approval": "therapist"},
    "R-A05": {"approval": "therapist", "load_step": True},
    "R-A06": {"load_step": True},
    "R-A07": {},
}
FIRES: dict[str, dict[str, object]] = {
    "FL-RED-CES": {"red_flags": ["bladder_change"]},
    "FL-RED-PE": {"red_flags": ["short_of_breath"]},
    "FL-RED-DVT": {"red_flags": ["whole_leg_swollen"]},
    "FL-RED-INF": {"red_flags": ["fever_unwell"]},
    "FL-RED-TRAUMA": {"red_flags": ["major_fall"]},
    "FL-RED-NEURO": {"red_flags": ["new_weakness"]},
    "FL-RED-ACUTE": {"red_flags": ["acute_event"]},
    "FL-RED-SENS": {"red_flags": ["new_numb_tingle"]},
    "FL-RED-SYS": {"red_flags": ["weight_loss"]},
    "FL-WEAK": {"neuro": ["weakness"]},
    "FL-SENS": {"neuro": ["numb_or_tingle_new"]},
    "FL-POP": {"words": ["pop"], "pain_during": 4},
    "FL-PAIN9": {"pain_during": 9},
    "FL-PAIN7": {"pain_during": 8},
    "FL-PAIN6": {"pain_during": 6},
    "FL-SHARP": {"words": ["sharp"], "pain_during": 4},
    "FL-SHARP-LOW": {"words": ["sharp"], "pain_during": 3},
    "FL-JUMP": {"pain_during": 5},
    "FL-JUMP2": {"pain_during": 5, "jumps": 1},
    "FL-24H": {"check": "worse"},
    "FL-24H2": {"check": "worse", "bad_next_day": 1},
    "FL-TREND": {"worsening_two": True},
    "FL-NERVE": NERVE,
    "FL-NERVE-RETRY": {**NERVE, "form": "lost", "technique_retry_used": True},
    "FL-CRAMP": {"cramp": "unresolved", "cramps": 2},
    "FL-GAP": {"gap": 29},
    "FL-OVER": {"done_ratio": 1.6},
    "FL-STRICT": {"policy": "strict", "pain_during": 3},
}


def test_every_rule_has_an_example():
    rules = current_rules()
    assert list(SPEAKS) == [rule.id for rule in rules.progression]
    assert list(FIRES) == [rule.code for rule in rules.flags]


@pytest.mark.parametrize("rule", SPEAKS)
def test_the_progression_rule_can_speak(rule, rules):
    assert decide(Facts.from_mapping(SPEAKS[rule]), rules).rule_id == rule


@pytest.mark.parametrize("code", FIRES)
def test_the_flag_rule_can_fire(code, rules):
    assert code in {finding.code for finding in assess(Facts.from_mapping(FIRES[code]), rules)}


@pytest.mark.parametrize("code", RED_FLAGS)
def test_every_red_flag_is_flagged_and_stops_the_whole_plan(code, rules):
    facts = Facts(red_flags=(code,))
    decision, findings = decide(facts, rules), assess(facts, rules)

    assert (decision.outcome, decision.scope) == (Outcome.STOP_AND_FLAG, Scope.PLAN)
    assert [finding.stop for finding in findings] == [Scope.PLAN]


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("saddle_numbness", 1),
        ("bladder_change", 1),
        ("bowel_change", 1),
        ("sexual_function_change", 1),
        ("both_legs_pain_or_numb", 1),
        ("chest_pain", 1),
        ("short_of_breath", 1),
        ("new_weakness", 2),
        ("foot_drop", 2),
        ("calf_swollen_warm", 2),
        ("whole_leg_swollen", 2),
        ("fever_unwell", 2),
        ("cannot_bear_weight", 2),
        ("major_fall", 2),
        ("acute_event", 2),
        ("new_numb_tingle", 3),
        ("night_pain_unrelenting", 3),
        ("weight_loss", 3),
        ("cancer_history_new_pain", 3),
    ],
)
def test_the_red_flag_has_the_severity_of_the_handbook(code, severity, rules):
    assert min(finding.severity for finding in assess(Facts(red_flags=(code,)), rules)) == severity


def test_weakness_with_a_sign_of_both_legs_is_an_emergency(rules):
    findings = assess(Facts(red_flags=("new_weakness", "both_legs_pain_or_numb")), rules)
    assert [(finding.code, finding.severity) for finding in findings] == [("FL-RED-CES", 1), ("FL-RED-NEURO", 2)]


def test_the_wider_stop_of_a_flag_is_what_is_held(rules):
    facts = Facts(neuro=("numb_or_tingle_new",), red_flags=())
    assert held_scope(decide(facts, rules), assess(facts, rules)) is Scope.REGION
    assert held_scope(decide(Facts(), rules), assess(Facts(neuro=("weakness",)), rules)) is Scope.PLAN
    assert held_scope(decide(Facts(), rules), ()) is None


def test_twenty_nine_on_the_left_leg_holds(rules):
    decision = decide(Facts(completion_l=29 / 30), rules, Words(side="left", done=29, asked=30))

    assert decision.outcome == "hold"
    assert decision.reason == "The left leg did 29 of 30: the weaker side decides."
    assert decision.reason_key == "The {side} leg did {done} of {asked}: the weaker side decides."
    assert decision.reason_values == {"side": "left", "done": 29, "asked": 30}


def test_without_words_the_reason_does_without_figures(rules):
    assert (
        decide(Facts(completion_l=29 / 30), rules).reason
        == "One side did not finish the dose: the weaker side decides."
    )


def test_a_half_point_of_baseline_reads_as_one(rules):
    assert decide(Facts(baseline=1.5, pain_during=5), rules).reason.startswith(
        "Pain was 3.5 points above your usual 1.5."
    )
