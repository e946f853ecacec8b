"""`manage.py decide`: facts as JSON lines in, one decision a line out."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.rulebook import current_rules
from programs.rules import BadFact, Facts, RuleSet, assess, decide


class BadLine(ValueError):
    """A line nobody can judge: names the line, and the key where there is one."""


class Command(BaseCommand):
    help = (
        "Reads facts as JSON lines on standard input (only what differs from a clean second success) and prints "
        "outcome, rule, reason, flags, severity and scope of each as JSON. A bad line ends it with status 2."
    )
    requires_system_checks = ()
    stealth_options = ("lines",)

    def handle(self, *args: Any, **options: Any) -> None:
        lines: Any = options.get("lines") or getattr(sys.stdin, "buffer", sys.stdin)
        try:
            for answer in answers(lines, current_rules()):
                self.stdout.write(json.dumps(answer))
        except BadLine as refusal:
            raise CommandError(str(refusal), returncode=2) from refusal


def answers(lines: Iterable[str | bytes], rules: RuleSet) -> Iterator[dict[str, object]]:
    """One answer per line that is not blank. Raises BadLine at the first that cannot be judged."""
    for number, line in enumerate(lines, start=1):
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
            if text.strip():
                yield answer(Facts.from_mapping(_object(text)), rules)
        except BadFact as refusal:
            raise BadLine(f"line {number}: {refusal}") from refusal
        except (ValueError, RecursionError) as refusal:
            raise BadLine(f"line {number}: not a JSON object: {refusal}") from refusal


def answer(facts: Facts, rules: RuleSet) -> dict[str, object]:
    decision, findings = decide(facts, rules), assess(facts, rules)
    return {
        "outcome": decision.outcome,
        "rule": decision.rule_id,
        "reason": decision.reason,
        "flags": sorted(finding.code for finding in findings),
        "severity": min((finding.severity for finding in findings), default=None),
        "scope": decision.scope,
    }


def _object(text: str) -> dict[str, object]:
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise ValueError("facts stand between { and }")
    return found


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise BadFact(key, value, "given twice")
        found[key] = value
    return found


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")
