"""The numbers a clinic may change: all of them, within bounds, each with its source."""

import re
from dataclasses import fields

import pytest
import yaml

from clinic.refusals import Refused
from programs.clinical_numbers import BY_NAME, NUMBERS, changed_rules, rules_from
from programs.rulebook import current_rules, library_values
from programs.rules import Params


def test_every_number_of_the_rules_is_there():
    assert set(BY_NAME) == {one.name for one in fields(Params)} - {"pain_policy"}


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.name)
def test_today_s_number_is_within_its_bounds_and_names_its_source(number):
    value = getattr(current_rules().params, number.name)

    assert number.low <= value <= number.high
    assert isinstance(value, int) == number.whole
    assert re.match(r"(seed|lit|default)\b", number.source)


def test_unchanged_numbers_are_today_s_rules():
    assert changed_rules({}) == current_rules()


@pytest.mark.parametrize("value", [3.5, True, "4", None])
def test_a_whole_number_stays_whole(value):
    with pytest.raises(Refused):
        changed_rules({"jump": value})


def test_a_file_may_change_some_numbers():
    assert rules_from("params: {stop_pain: 6}").params.stop_pain == 6


def test_a_whole_rules_file_may_be_tried():
    progression, _flags = library_values()
    progression["rules"] = [rule for rule in progression["rules"] if rule["id"] != "R-P08"]

    assert "R-P08" not in rules_from(yaml.safe_dump(progression)).ids


def test_whole_flag_rules_may_be_tried():
    _progression, flags = library_values()
    flags["rules"] = [rule for rule in flags["rules"] if rule["code"] != "FL-OVER"]

    assert "FL-OVER" not in rules_from(yaml.safe_dump(flags)).ids


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("params: [", "not YAML"),
        ("- 1", "Rules are a mapping"),
        ("params: {stop_pain: 40}", "cannot be tried"),
        ("version: 2\nrules: []", "lacks params"),
    ],
)
def test_a_broken_file_says_what_is_wrong(text, words):
    with pytest.raises(Refused, match=words):
        rules_from(text)
