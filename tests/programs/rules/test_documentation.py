import re
from pathlib import Path

import pytest

from programs.rulebook import current_rules

from .rule_table import END, FILE, START, line, sections, sources, table

ROOT = Path(__file__).parents[3]
PAGE = FILE.read_text(encoding="utf-8")
SECTIONS = sections(PAGE)
SOURCES = sources()


def test_every_rule_has_its_heading_and_every_heading_its_rule():
    headings = re.findall(r"^### (\S+)", PAGE, flags=re.MULTILINE)
    assert sorted(headings) == sorted(current_rules().ids)


@pytest.mark.parametrize("rule", SOURCES)
def test_the_page_names_the_source_and_marks_a_clinic_default(rule):
    mark = " (clinic default)" if SOURCES[rule].startswith("default") else ""
    assert line(SECTIONS[rule], "Source") == SOURCES[rule] + mark


@pytest.mark.parametrize("rule", SOURCES)
def test_the_page_says_when_and_names_tests_that_exist(rule):
    assert line(SECTIONS[rule], "When").endswith(".")
    named = re.findall(r"`(\w+\.(?:py|yaml))`", line(SECTIONS[rule], "Tests"))
    assert named
    assert [name for name in named if not any((ROOT / "tests").rglob(name))] == []


def test_the_table_says_of_every_rule_its_source_and_its_tests():
    """If it does not: python -m tests.programs.rules.rule_table"""
    written = PAGE.partition(START)[2].partition(END)[0]
    assert written.strip() == table(PAGE).strip()


def test_the_table_has_no_line_for_a_rule_that_is_gone():
    rows = re.findall(r"^\| ((?:R|FL)-\S+) \|", PAGE, flags=re.MULTILINE)
    assert sorted(rows) == sorted(SOURCES)


def test_the_page_counts_every_example_under_the_rule_it_shows():
    vectors = (Path(__file__).parent / "progression_vectors.yaml").read_text(encoding="utf-8")
    shown = dict(re.findall(r"\{id: (V\d+).*?rule: ([\w-]+)", vectors))
    assert all(re.search(rf"\b{example}\b", SECTIONS[rule]) for example, rule in shown.items())
