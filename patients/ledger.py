"""The memory of an exercise (level, dose, streaks, recent scores), and the rows that say what became of it."""

from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from json import dumps
from typing import Any

from clinic.models import User
from clinic.zones import local_date
from patients.models import Decision, ProgramItem
from programs.models import LevelVersion
from programs.rulebook import current_rules
from programs.rules import ItemState

SCORES_KEPT = 7  # handbook: baseline = median of the last 7 pre-session scores


def memory(item: ProgramItem) -> ItemState:
    return ItemState.from_mapping(item.state.get("memory", {}))


def scores(item: ProgramItem) -> list[int]:
    return list(item.state.get("scores", []))


def remember(item: ProgramItem, state: ItemState, *, score: int | None = None) -> None:
    kept = scores(item) + ([] if score is None else [score])
    item.state = {**item.state, "memory": state.to_mapping(), "scores": kept[-SCORES_KEPT:]}


def fresh_state(item: ProgramItem, *, lightened: bool = False) -> dict[str, Any]:
    """The item's memory after a person changed its level or dose: counting starts again, scores stay."""
    state = memory(item).level_set()
    return {**item.state, "memory": (state.made_lighter() if lightened else state).to_mapping(), "two_over": 0}


def snapshot(item: ProgramItem) -> dict[str, Any]:
    """Everything a later replay needs to judge the same day again."""
    return {
        "level": str(item.level_id),
        "dose": item.dose,
        "state": item.state,
        "level_since": item.level_since.isoformat(),
    }


def restore(item: ProgramItem, before: Mapping[str, Any], levels: Mapping[str, LevelVersion]) -> None:
    item.level = levels[before["level"]]
    item.dose, item.state = before["dose"], before["state"]
    item.level_since = date.fromisoformat(before["level_since"])


def digest_of(row: Decision, *, after: str) -> str:
    """Names a row by what it judged: logs and facts, where the exercise stood, and the row it follows (`after`)."""
    thing = [str(row.item_id), str(row.local_date), row.sequence, row.outcome, row.facts, row.logs, row.before]
    return sha256(dumps([*thing, row.ruleset, after], sort_keys=True).encode()).hexdigest()


def ruleset() -> str:
    rules = current_rules()
    return f"{rules.version}-{rules.digest[:12]}"


def record_person(
    item: ProgramItem,
    kind: str,
    before: str,
    after: str,
    *,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Decision:
    """The ledger row of a person's act. Replays stop at it: what a person set is not undone by older logs."""
    item.sequence += 1
    return Decision.objects.create(
        item=item,
        sequence=item.sequence,
        trigger=Decision.Trigger.PERSON,
        local_date=local_date(now, item.program.patient.zone),
        outcome=kind,
        rule_id="person",
        ruleset=ruleset(),
        reason_key=reason,
        reason=reason,
        facts={},
        digest=sha256(f"{item.pk} {item.sequence} {now.isoformat()}".encode()).hexdigest(),
        before={},
        level_from=before if kind in ("level", "release") else "",
        level_to=after if kind in ("level", "release") else "",
        decided_at=now,
        applied_at=now,
        actor=actor,
    )
