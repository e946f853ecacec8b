import re
from pathlib import Path

import pytest

from programs.rulebook import current_rules

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "clinical-rules.md").read_text(encoding="utf-8")
SECTIONS = {
    found[1]: found[2]
    for found in re.finditer(r"^### (\S+)[^\n]*\n(.*?)(?=^##|\Z)", PAGE, flags=re.DOTALL | re.MULTILINE)
}
RULES = current_rules()
SOURCES = {
    **{rule.id: rule.source for rule in RULES.progression},
    **{rule.code: rule.source for rule in RULES.flags},
    **{rule.code: rule.source for rule in RULES.tick_rules},
    **{rule.code: rule.source for rule in RULES.text_rules},
}


def line(rule, name):
    return re.findall(rf"^- {name}: (.*)$", SECTIONS[rule], flags=re.MULTILINE)[0]


def test_every_rule_has_its_heading_and_every_heading_its_rule():
    headings = re.findall(r"^### (\S+)", PAGE, flags=re.MULTILINE)
    assert sorted(headings) == sorted(RULES.ids)


@pytest.mark.parametrize("rule", SOURCES)
def test_the_page_names_the_source_and_marks_a_clinic_default(rule):
    mark = " (clinic default)" if SOURCES[rule].startswith("default") else ""
    assert line(rule, "Source") == SOURCES[rule] + mark


@pytest.mark.parametrize("rule", SOURCES)
def test_the_page_says_when_and_names_tests_that_exist(rule):
    assert line(rule, "When").endswith(".")
    named = re.findall(r"`(\w+\.(?:py|yaml))`", line(rule, "Tests"))
    assert named
    assert [name for name in named if not any((ROOT / "tests").rglob(name))] == []


def test_the_page_counts_every_example_under_the_rule_it_shows():
    vectors = (Path(__file__).parent / "progression_vectors.yaml").read_text(encoding="utf-8")
    shown = dict(re.findall(r"\{id: (V\d+).*?rule: ([\w-]+)", vectors))
    assert all(re.search(rf"\b{example}\b", SECTIONS[rule]) for example, rule in shown.items())
