from copy import deepcopy

import pytest
import yaml

from programs.rulebook import LIBRARY, current_rules
from programs.rules import BadRules, Facts, RuleSet, Target, decide

NAMES = ("progression_rules.yaml", "flag_rules.yaml")
FILES = [yaml.safe_load((LIBRARY / name).read_text(encoding="utf-8")) for name in NAMES]


@pytest.fixture
def files():
    return deepcopy(FILES)


def test_the_rules_carry_a_version_and_the_digest_of_their_content(files):
    before = RuleSet.from_values(*files)
    files[0]["params"]["stop_pain"] = 8
    after = RuleSet.from_values(*files)

    assert before.version == 2
    assert before.digest == current_rules().digest != after.digest


def test_the_rules_are_read_once():
    assert current_rules() is current_rules()


def progression(index, **changes):
    return lambda files: files[0]["rules"][index].update(changes)


def flag(index, **changes):
    return lambda files: files[1]["rules"][index].update(changes)


@pytest.mark.parametrize(
    ("breaks", "message"),
    [
        (progression(0, when={"red_flgas": "any"}), "R-S01: asks for red_flgas, which is not a fact"),
        (progression(0, when={"form": "any"}), "R-S01: form: 'any' does not fit: this fact is never empty"),
        (progression(0, when={"form": "goood"}), "R-S01: form: 'goood' must be one of ok, partly, lost"),
        (progression(0, when={"form_ge": 1}), "R-S01: form_ge: 1 compares something that is not a number"),
        (progression(0, when={"max_pain_ge": "stop_att"}), "R-S01: max_pain_ge: 'stop_att' is neither a limit"),
        (progression(0, when={"max_pain_ge": True}), "R-S01: max_pain_ge: True must be a number"),
        (progression(0, when={"neuro": "weakness"}), "R-S01: neuro: 'weakness' needs _has or _in"),
        (progression(0, when={"neuro_has": "weak"}), "R-S01: neuro_has: 'weak' must be a list of weakness"),
        (progression(0, when={"form_has": "ok"}), "R-S01: form_has: 'ok' does not fit: not a list"),
        (progression(0, when={"neuro_in": []}), "R-S01: neuro_in: () must be a list"),
        (progression(0, when={"neuro_in": ["headache"]}), "R-S01: neuro_in: ('headache',) must be a list of weakness"),
        (progression(0, when=None), "R-S01: when must be a mapping"),
        (progression(0, id="S01"), "S01: needs id: in capitals, such as R-S01"),
        (progression(0, id="R-A07"), "R-A07: stands twice"),
        (progression(0, then="stop"), "R-S01: 'stop' is none of stop_and_flag, regress"),
        (progression(0, scope="leg"), "R-S01: 'leg' is none of item, region, plan"),
        (progression(0, scope=None), "R-S01: a stop has a scope, and nothing else has one"),
        (progression(0, then="hold"), "R-S01: a stop has a scope, and nothing else has one"),
        (progression(0, colour="red"), "R-S01: has colour, which nothing reads"),
        (progression(0, counts="twice"), "R-S01: 'twice' is none of bank"),
        (progression(0, say=[]), "R-S01: say must be a list of texts"),
        (progression(0, say=["After {gapp} days."]), "R-S01: says gapp, which nobody fills in"),
        (progression(0, say=["Pain {next_day}."]), "R-S01: the last sentence must do without figures"),
        (progression(0, needs=["No {gapp}"]), "R-S01: says gapp, which nobody fills in"),
        (progression(0, needs=["No pain of {next_day}"]), "R-S01: the last sentence must do without figures"),
        (lambda files: files[0]["rules"][0].pop("needs"), "R-S01: lacks needs"),
        (progression(-1, needs=["Luck"]), "R-A07: has needs, which nothing reads"),
        (progression(0, source="a friend"), "R-S01: source must begin with seed, lit or default"),
        (progression(0, reason=""), "R-S01: reason must be text"),
        (progression(0, when={}), "R-A07: only the last rule matches everything"),
        (progression(-1, when={"form": "ok"}), "R-A07: only the last rule matches everything"),
        (progression(-1, change=None), "R-A07: an advance says whether the load or the level changes"),
        (progression(-1, change="colour"), "R-A07: change: 'colour' must be one of load, level, restore or null"),
        (lambda files: files[0]["rules"].insert(20, files[0]["rules"].pop(31)), "stands below a milder rule"),
        (lambda files: files[0]["rules"][0].pop("reason"), "R-S01: lacks reason"),
        (lambda files: files[0].update(rules={}), "progression rules: must be a list of entries"),
        (lambda files: files[0].pop("params"), "progression rules: lacks params"),
        (lambda files: files[0].update(params=[]), "params: must be a mapping"),
        (lambda files: files[0]["params"].update(jump="3"), "params.jump: '3' must be a number of 0 or more"),
        (lambda files: files[0]["params"].update(pain_policy="lax"), "params.pain_policy: 'lax' must be one of"),
        (lambda files: files[0]["params"].pop("jump"), "params: lacks jump"),
        (lambda files: files[0].update(version=3), "version: both files must carry the same whole number"),
        (flag(0, code="FL RED"), "FL RED: needs code: in capitals"),
        (flag(0, severity=6), "FL-RED-CES: severity 6 must be a whole number from 1 to 5"),
        (flag(0, stop="leg"), "FL-RED-CES: 'leg' is none of item, region, plan"),
        (flag(0, when={}), "FL-RED-CES: would flag every log"),
        (flag(6, when={"form": "ok"}), "flag rules: no rule reads acute_event"),
        (lambda files: files[1]["severities"].pop(5), "severities: must be 1 to 5"),
        (lambda files: files[1]["severities"][2].update(ack="soon"), "severities.2: 'soon' is not a target"),
        (lambda files: files[1]["text_rules"][0].update(words="chest"), "FL-FREETEXT-URGENT: words must be a list"),
        (lambda files: files[1]["tick_rules"][0].update(severity=0), "FL-NOLOG: severity 0 must be a whole number"),
    ],
)
def test_broken_rules_are_refused_by_name(breaks, message, files):
    breaks(files)

    with pytest.raises(BadRules) as refusal:
        RuleSet.from_values(*files)
    assert message in str(refusal.value)


def test_a_parameter_may_be_replaced_and_every_rule_reads_it(rules):
    gentle = rules.with_params(jump=2, advance_pain_max=3)

    assert decide(Facts(baseline=1, pain_during=3), rules).rule_id == "R-P08"
    assert decide(Facts(baseline=1, pain_during=3), gentle).rule_id == "R-P03"
    assert decide(Facts(pain_during=3), gentle).rule_id == "R-A07"
    assert gentle.progression == rules.progression


def test_a_parameter_that_does_not_exist_cannot_be_replaced(rules):
    with pytest.raises(BadRules, match="has stop, which nothing reads"):
        rules.with_params(stop=1)


def test_targets_are_staffed_minutes_working_days_or_the_next_visit(rules):
    targets = {level: (severity.ack, severity.contact) for level, severity in rules.severities.items()}
    assert targets == {
        1: (Target(minutes=15), Target(minutes=30)),
        2: (Target(minutes=60), Target(minutes=240)),
        3: (Target(minutes=240), Target(working_days=1)),
        4: (Target(working_days=1), Target(working_days=3, or_next_visit=True)),
        5: (None, Target(or_next_visit=True)),
    }


def test_an_overdue_flag_keeps_the_severity_of_the_flag(rules):
    assert {rule.code: rule.severity for rule in rules.tick_rules}["FL-SLA"] is None
