"""The ledger as people read it: a line for the last word on an exercise and a day, what came before it folded in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from patients import ledger
from patients.fact_words import facts_in_words, limits_in_words
from patients.models import Decision, PainFlag
from programs.rulebook import current_rules, in_words
from programs.rules import Facts, limits, why_not

OUTCOMES: dict[str, Promise] = {
    "advance": gettext_lazy("a step forward"),
    "hold": gettext_lazy("stays as it is"),
    "repeat_lighter": gettext_lazy("made lighter"),
    "regress": gettext_lazy("a step back"),
    "stop_and_flag": gettext_lazy("stopped"),
    "withdrawn": gettext_lazy("no longer counted"),
    "level": gettext_lazy("level set"),
    "dose": gettext_lazy("dose changed"),
    "side": gettext_lazy("side changed"),
    "limits": gettext_lazy("own limits set"),
    "usual_pain": gettext_lazy("usual pain set anew"),
    "lock": gettext_lazy("level locked"),
    "unlock": gettext_lazy("level unlocked"),
    "release": gettext_lazy("hold lifted"),
    "swap": gettext_lazy("swapped"),
    "equipment": gettext_lazy("what was missing is at home"),
    "sides_apart": gettext_lazy("each side on its own"),
    "sides_together": gettext_lazy("both sides together again"),
    "version": gettext_lazy("another version"),
    "take_off": gettext_lazy("taken off the program"),
}


@dataclass(frozen=True)
class LedgerLine:
    decision: Decision
    outcome: str
    reason: str
    facts: list[tuple[str, str]]
    earlier: list["LedgerLine"] = field(default_factory=list)  # of the same exercise and day, replaced by this one

    @property
    def can_be_read_again(self) -> bool:
        """Whether today's rules are those that decided: only then what follows from the facts is known."""
        return bool(self.decision.facts) and self.decision.ruleset == ledger.ruleset()

    @cached_property
    def limits(self) -> list[tuple[str, str]]:
        """The pain limits of this person on that day: as the rules resolved them, or what a therapist had set."""
        if not self.can_be_read_again:
            return []
        return limits_in_words(limits(Facts.from_mapping(self.decision.facts), current_rules().params))

    @cached_property
    def why_not(self) -> list[str]:
        """All that kept the day from moving on; the rule that spoke is only the first of it."""
        if not self.can_be_read_again:
            return []
        missing = why_not(Facts.from_mapping(self.decision.facts), current_rules())
        return [in_words(one.key, one.values) for one in missing]


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
