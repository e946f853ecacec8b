"""What must stop: an exercise, an area or the whole plan, from the moment of a report until a person releases it.

`Hold` rows are the record; `ProgramItem.stopped_by` names the widest open hold over an item, so that
Today, the reminders and the rules read it without asking again. Only this module opens and releases holds, and
`widest` says what an exercise that comes new stands under.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from clinic.models import User
from patients.models import Hold, Patient, Program, ProgramItem
from patients.models.hold import HoldScope
from patients.targets import contact_due

WIDTH = {HoldScope.ITEM: 0, HoldScope.REGION: 1, HoldScope.PLAN: 2}


def place(
    patient: Patient,
    program: Program | None,
    items: Iterable[ProgramItem],
    *,
    scope: str,
    item: ProgramItem | None,
    region: str,
    severity: int,
    rule_id: str,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Hold:
    """Put a hold over `items` (the program's current ones) that fall under `scope`.

    A hold as wide and as severe that is open already stands: pressing the button twice holds once.
    The items are changed in memory; the caller saves them in the same transaction as the report.
    """
    scope = HoldScope(scope)
    if scope == HoldScope.ITEM and item is None:
        scope = HoldScope.REGION
    covering = [
        hold
        for hold in open_over(patient)
        if covers(hold, scope, item.pk if item else None, region) and hold.severity <= severity
    ]
    hold = (
        covering[0]
        if covering
        else Hold.objects.create(
            patient=patient,
            program=program,
            scope=scope,
            item=item if scope == HoldScope.ITEM else None,
            region=region if scope != HoldScope.PLAN else "",
            severity=severity,
            rule_id=rule_id,
            reason=reason[:240],
            opened_at=now,
            opened_by=actor,
            contact_due=contact_due(patient.clinic, severity, now=now),
        )
    )
    put_over(items, hold)
    return hold


def put_over(items: Iterable[ProgramItem], hold: Hold) -> None:
    """Stop in memory what `hold` covers, and leave what a wider one stops already."""
    for one in items:
        over = one.stopped_by
        if stops(hold, one) and (over is None or WIDTH[HoldScope(over.scope)] < WIDTH[HoldScope(hold.scope)]):
            one.stopped_by = hold


def stops(hold: Hold, item: ProgramItem) -> bool:
    """Whether `hold` covers `item`."""
    if hold.scope == HoldScope.PLAN:
        return True
    if hold.scope == HoldScope.REGION:
        return hold.region == item.region
    return hold.item_id == item.pk


def lift(hold: Hold, items: Iterable[ProgramItem], *, effect: str, actor: User | None, now: datetime) -> bool:
    """Release a hold; items go back to the next wider open hold over them, or run again. False if it was released."""
    released = Hold.objects.filter(pk=hold.pk, released_at=None).update(
        released_at=now, released_by=actor, effect=effect
    )
    if not released:
        return False
    left = open_over(hold.patient)
    for item in items:
        if item.stopped_by_id == hold.pk:
            item.stopped_by = widest(left, item)
    return True


def open_over(patient: Patient) -> list[Hold]:
    return list(Hold.objects.filter(patient=patient, released_at=None))


def widest(holds: Iterable[Hold], item: ProgramItem) -> Hold | None:
    """The widest of `holds` that stops `item`, the most severe of equals."""
    over = [hold for hold in holds if stops(hold, item)]
    return max(over, key=lambda hold: (WIDTH[HoldScope(hold.scope)], -hold.severity), default=None)


def covers(hold: Hold, scope: str, item_id: UUID | None, region: str) -> bool:
    """Whether an open `hold` already stops all that a new one of `scope` would stop."""
    if hold.scope == HoldScope.PLAN:
        return True
    if scope == HoldScope.PLAN:
        return False
    if hold.scope == HoldScope.REGION:
        return hold.region == region
    return scope == HoldScope.ITEM and item_id is not None and hold.item_id == item_id
