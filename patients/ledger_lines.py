"""The ledger as people read it: a line for the last word on an exercise and a day, what came before it folded in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from patients.fact_words import facts_in_words
from patients.models import Decision, PainFlag
from programs.rulebook import in_words

OUTCOMES: dict[str, Promise] = {
    "advance": gettext_lazy("a step forward"),
    "hold": gettext_lazy("stays as it is"),
    "lighter": gettext_lazy("made lighter"),
    "regress": gettext_lazy("a step back"),
    "stop_and_flag": gettext_lazy("stopped"),
    "level": gettext_lazy("level set"),
    "dose": gettext_lazy("dose changed"),
    "side": gettext_lazy("side changed"),
    "limits": gettext_lazy("own limits set"),
    "lock": gettext_lazy("level locked"),
    "unlock": gettext_lazy("level unlocked"),
    "release": gettext_lazy("hold lifted"),
}


@dataclass(frozen=True)
class LedgerLine:
    decision: Decision
    outcome: str
    reason: str
    facts: list[tuple[str, str]]
    earlier: list["LedgerLine"] = field(default_factory=list)  # of the same exercise and day, replaced by this one


def ledger_lines(decisions: Iterable[Decision]) -> list[LedgerLine]:
    """Of rows given the latest first. A day is judged at once and again when the next day is known: the last counts."""
    lines: list[LedgerLine] = []
    leading: dict[tuple[UUID, date], LedgerLine] = {}
    for row in decisions:
        line = _line(row)
        if row.trigger == Decision.Trigger.PERSON:
            lines.append(line)
        elif last := leading.get((row.item_id, row.local_date)):
            last.earlier.append(line)
        else:
            leading[(row.item_id, row.local_date)] = line
            lines.append(line)
    return lines


def _line(row: Decision) -> LedgerLine:
    by_rules = row.trigger != Decision.Trigger.PERSON
    return LedgerLine(
        decision=row,
        outcome=str(OUTCOMES.get(row.outcome, row.outcome)),
        reason=in_words(row.reason_key, row.reason_values) if by_rules else _own_words(row),
        facts=facts_in_words(row.facts),
    )


def _own_words(row: Decision) -> str:
    """What a person gave as the reason. A lifted hold keeps the effect that was chosen for it."""
    effects = PainFlag.Effect
    return str(effects(row.reason).label) if row.outcome == "release" and row.reason in effects.values else row.reason
