"""What a report wants stopped, flag group by flag group: so that closing one flag lifts its own hold and no other's."""

from collections.abc import Sequence
from dataclasses import dataclass

from patients import holding
from patients.models import Hold, PainReport
from programs.rulebook import current_rules
from programs.rules import Facts, Finding, Scope, decide


@dataclass(frozen=True)
class Wish:
    """`scope` as it was held: a stop of one exercise widens to its area where no exercise was named."""

    report: PainReport
    scope: Scope
    severity: int
    rule_id: str
    reason: str

    def is_for(self, hold: Hold) -> bool:
        """Whether `hold` is just what this asks for, neither wider nor narrower."""
        return hold.scope == self.scope and self.is_under(hold)

    def is_under(self, hold: Hold) -> bool:
        """Whether `hold` stops all that this asks for. A report without an area was about several, held at once."""
        everywhere = self.scope == Scope.REGION and not self.report.region and hold.opened_at == self.report.reported_at
        return everywhere or holding.covers(hold, self.scope, self.report.item_id, self.report.region)


def wishes_of(report: PainReport, findings: Sequence[Finding]) -> dict[str, Wish]:
    """Flag group → what its findings in this report want held. `findings`: all of the report, most severe first."""
    if not report.facts or not findings:
        return {}
    verdict = decide(Facts.from_mapping(report.facts), current_rules())
    scopes: dict[str, Scope] = {}
    for finding in findings:
        if finding.stop:
            scopes[finding.group] = max(finding.stop, scopes.get(finding.group, finding.stop), key=_width)
    if verdict.scope and verdict.scope.width > max(map(_width, scopes.values()), default=-1):
        scopes[findings[0].group] = verdict.scope  # the deciding rule stops more than any flag asks for
    return {
        group: Wish(
            report=report,
            scope=Scope.REGION if scope == Scope.ITEM and report.item_id is None else scope,
            severity=min(one.severity for one in findings if one.group == group),
            rule_id=verdict.rule_id,
            reason=verdict.reason,
        )
        for group, scope in scopes.items()
    }


def _width(scope: Scope) -> int:
    return scope.width
