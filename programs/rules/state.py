"""What an item carries from log to log: banked successes, streaks, the lighter dose. Still pure: a fold over logs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any, Self

from .decision import Decision, decide
from .derived import Params, judge
from .facts import Facts
from .rule import Counts, Outcome
from .ruleset import RuleSet


@dataclass(frozen=True, slots=True)
class Effort:
    """Pain during one log and how big its dose was (`Dose.size`)."""

    pain: int
    dose: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemState:
    """Before the next log. The streaks count what was seen since the last clean log."""

    successes: int = 0
    bad_next_day: int = 0
    jumps: int = 0
    cramps: int = 0
    incomplete: int = 0
    lightened: bool = False
    technique_retry_used: bool = False
    efforts: tuple[Effort, ...] = ()

    def into(self, facts: Facts, rules: RuleSet, *, dose: float = 1.0) -> Facts:
        """The facts of a new log with everything this state knows. `dose`: size of the dose prescribed that day."""
        return replace(
            facts,
            successes=self.successes,
            bad_next_day=self.bad_next_day,
            jumps=self.jumps,
            cramps=self.cramps,
            incomplete=self.incomplete,
            lightened=self.lightened,
            technique_retry_used=self.technique_retry_used,
            worsening_two=two_rises((*self.efforts, Effort(facts.pain_during, dose)), rules.params),
        )

    def level_set(self) -> Self:
        """After a person has set the level, or swapped the exercise: counting starts again (E17)."""
        return replace(self, successes=0, lightened=False, technique_retry_used=False, efforts=())

    def made_lighter(self) -> Self:
        """After a person has made the dose lighter: it stays so until the first success (E29)."""
        return replace(self, successes=0, lightened=True)

    def to_mapping(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"efforts": [[effort.pain, effort.dose] for effort in self.efforts]}

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> Self:
        efforts = tuple(Effort(pain, dose) for pain, dose in values.get("efforts", ()))
        return cls(**{**values, "efforts": efforts})


def after(
    state: ItemState,
    facts: Facts,
    decision: Decision,
    rules: RuleSet,
    *,
    dose: float = 1.0,
    applied: bool = True,
) -> ItemState:
    """The state once a log is decided.

    `state` is the one *before* the log, also when an answer or an edit decides the same log again. A provisional
    decision changes nothing yet. `applied=False`: an advance that waits its turn (E23) banks its success instead.
    """
    if decision.provisional:
        return state
    counts = decision.counts if applied or decision.counts is not Counts.SPEND else Counts.BANK
    seen = _seen(facts, rules.params)
    kept = state.successes if facts.gap < rules.params.streak_gap_days else 0
    streaks = {name: _streak(getattr(state, name), seen[name], counts) for name in seen}
    return replace(
        state,
        **streaks,
        successes={Counts.BANK: kept + 1, Counts.KEEP: kept}.get(counts, 0),
        lightened=_lightened(state, decision, counts),
        technique_retry_used=not counts.clean and (state.technique_retry_used or _glide_hurt(facts, rules.params)),
        efforts=(*state.efforts, Effort(facts.pain_during, dose))[-2:],
    )


def _seen(facts: Facts, params: Params) -> dict[str, bool]:
    values = judge(facts, params).values
    return {
        "bad_next_day": values["check"] == "worse",
        "jumps": facts.pain_during - facts.baseline >= params.jump,
        "cramps": facts.cramp is not None,
        "incomplete": min(facts.completion_l, facts.completion_r) < params.half_dose,
    }


def _streak(before: int, seen: bool, counts: Counts) -> int:
    if seen:
        return before + 1
    return 0 if counts.clean else before


def _lightened(state: ItemState, decision: Decision, counts: Counts) -> bool:
    """A lighter dose stays until the first success; another level comes with its own full dose."""
    if decision.outcome is Outcome.REPEAT_LIGHTER:
        return True
    return state.lightened and not counts.clean and decision.outcome is not Outcome.REGRESS


def _glide_hurt(facts: Facts, params: Params) -> bool:
    return facts.kind == "nerve" and bool(judge(facts, params).values["nerve_painful"])


def two_rises(efforts: Sequence[Effort], params: Params) -> bool:
    """Pain during up in each of the last two logs, at the same or a lower dose, the latest above the safe zone."""
    if len(efforts) < 3:
        return False
    first, second, third = efforts[-3:]
    rising = first.pain < second.pain < third.pain and third.pain >= params.pain_floor
    return rising and first.dose >= second.dose >= third.dose


def baseline(scores: Sequence[int], usual: int, params: Params) -> float:
    """The person's own starting pain: median of the last 7 pre-session scores, oldest first.

    With fewer than 3 it is the usual pain. It may not creep more than 1 above it until a clinician
    re-baselines (E20), or a slow flare would hide itself.
    """
    recent = scores[-params.baseline_scores :]
    middle = median(recent) if len(recent) >= params.baseline_needs else usual
    return min(middle, usual + params.baseline_above_usual)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One performed log for replay: `order` sorts by when it was *performed* (with an id against ties)."""

    order: tuple[Any, ...]
    facts: Facts
    dose: float = 1.0


def replay(state: ItemState, logs: Iterable[Log], rules: RuleSet) -> tuple[ItemState, tuple[tuple[Log, Decision], ...]]:
    """The same logs in any order of arrival give the same decisions and the same last state (E3)."""
    ledger = []
    for log in sorted(logs, key=lambda log: log.order):
        facts = state.into(log.facts, rules, dose=log.dose)
        decision = decide(facts, rules)
        ledger.append((log, decision))
        state = after(state, facts, decision, rules, dose=log.dose)
    return state, tuple(ledger)
