"""The table of docs/clinical-rules.md: rule, source, tests. `python -m tests.programs.rules.rule_table` writes it anew.

Sources come from the rules, tests from the heading of each rule on that page; nothing is typed twice.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from programs.rulebook import current_rules

FILE = Path(__file__).parents[3] / "docs" / "clinical-rules.md"
START, END = "<!-- table of rules: written by tests/programs/rules/rule_table.py -->\n", "<!-- end of the table -->\n"


def sources() -> dict[str, str]:
    """Rule id to source, in the order in which the rules are read."""
    rules = current_rules()
    found = {rule.id: rule.source for rule in rules.progression}
    found |= {rule.code: rule.source for rule in rules.flags}
    found |= {rule.code: rule.source for rule in rules.tick_rules}
    return found | {rule.code: rule.source for rule in rules.text_rules}


def sections(page: str) -> dict[str, str]:
    """Rule id to what stands under its heading."""
    found = re.finditer(r"^### (\S+)[^\n]*\n(.*?)(?=^##|\Z)", page, flags=re.DOTALL | re.MULTILINE)
    return {heading[1]: heading[2] for heading in found}


def line(section: str, name: str) -> str:
    found: list[str] = re.findall(rf"^- {name}: (.*)$", section, flags=re.MULTILINE)
    return found[0]


def table(page: str) -> str:
    told: Mapping[str, str] = sections(page)
    rows = [f"| {rule} | {source} | {line(told[rule], 'Tests')} |" for rule, source in sources().items()]
    return "\n".join(["| rule | source | tests |", "|---|---|---|", *rows, ""])


def with_table(page: str) -> str:
    before, _start, rest = page.partition(START)
    _old, _end, after = rest.partition(END)
    return before + START + "\n" + table(page) + "\n" + END + after


if __name__ == "__main__":
    FILE.write_text(with_table(FILE.read_text(encoding="utf-8")), encoding="utf-8")
