"""docs/safety/hazards.md: each hazard names its harm, its control and tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.programs.rules.rule_table import line, sections

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/safety/hazards.md").read_text(encoding="utf-8")
HAZARDS = sections(PAGE)


@cache
def found_in(file: str) -> set[str]:
    path = ROOT / file
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_hazards_are_numbered_without_a_gap():
    assert list(HAZARDS) == [f"H-{number:02}" for number in range(1, len(HAZARDS) + 1)]
    assert len(HAZARDS) > 20


@pytest.mark.parametrize("hazard", HAZARDS)
def test_a_hazard_says_what_harm_it_does_what_stands_against_it_and_what_is_left(hazard):
    assert [name for name in ("Harm", "Control", "Left") if not line(HAZARDS[hazard], name)] == []


@pytest.mark.parametrize("hazard", HAZARDS)
def test_the_tests_that_prove_its_control_exist(hazard):
    named = re.findall(r"`([^`]+)`", line(HAZARDS[hazard], "Shown by"))
    assert len(named) > 1
    assert [one for one in named if one.partition("::")[2] not in found_in(one.partition("::")[0])] == []
