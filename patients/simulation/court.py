"""A court that sits in memory: the real judging, with the database's part played by lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from patients import holding
from patients.court import Court, Stop
from patients.models import Decision, ExerciseLog, Hold, ProgramItem
from programs.rules import Outcome


@dataclass
class Rehearsal(Court):
    """Everything that ever happened is known already, so nothing is read; what is placed stays in memory."""

    holds: list[Hold] = field(default_factory=list)  # open ones

    def read_history(self, *, since: date) -> None:
        pass

    def stopped_at(self, item: ProgramItem, moment: datetime) -> bool:
        return item.stopped_by_id is not None

    def performed_before(self, item: ProgramItem, day: date) -> date | None:
        days = [found for (one, found), logs in self.logs.items() if one == item.pk and logs and found < day]
        return max(days, default=None)

    def _decided(self) -> list[Decision]:
        return [row for rows in self.earlier.values() for row in rows]

    def advances_since(self, moment: datetime) -> list[Decision]:
        rows = self._decided()
        return [row for row in rows if row.outcome == Outcome.ADVANCE and row.applied_at and row.applied_at > moment]

    def changed_last(self, items: Sequence[ProgramItem], *, before: datetime) -> dict[UUID, datetime]:
        wanted = {item.pk for item in items}
        rows = [row for row in self._decided() if row.item_id in wanted and row.applied_at and row.decided_at < before]
        moved = [row for row in rows if row.level_to or row.change in ("load", "restore") or row.outcome in LIGHTER]
        return {row.item_id: row.decided_at for row in sorted(moved, key=lambda row: row.decided_at)}

    def record_gate(self, item: ProgramItem, code: str, logs: Sequence[ExerciseLog]) -> None:
        pass

    def place(self, stop: Stop) -> Hold:
        standing = [hold for hold in self.holds if holding.covers(hold, stop.scope, stop.item.pk, stop.item.region)]
        if not any(hold.severity <= stop.severity for hold in standing):
            self.holds.append(
                Hold(
                    scope=stop.scope,
                    item=stop.item if stop.scope == "item" else None,
                    region=stop.item.region if stop.scope != "plan" else "",
                    severity=stop.severity,
                    rule_id=stop.rule_id,
                    opened_at=self.now,
                )
            )
        holding.put_over(self.items, self.holds[-1])
        return self.holds[-1]

    def rise(self) -> list[Decision]:
        """End one act: what was decided becomes history. Gives the decisions of the act."""
        made, self.made, self.stops, self.spared = self.made, [], [], set()
        for row in made:
            self.earlier[row.item_id].append(row)
        return made


LIGHTER = ("dose", "repeat_lighter")
