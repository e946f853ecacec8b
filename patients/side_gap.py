"""Left against right: one side that does clearly less, session after session, is worth a look (handbook E12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from patients.models import ExerciseLog, ProgramItem

GAP = 0.2  # FL-SIDES: more than a fifth less than the other side …
SESSIONS = 3  # … in this many sessions running
LOOKED_BACK = timedelta(days=60)


def newly_apart(items: Sequence[ProgramItem], *, last_night: date, today: date) -> list[ProgramItem]:
    """Exercises whose third such session running has come since `last_night`, the midnight worked before this one.

    Said once a run: what was apart before says nothing again. One query, none where no exercise has two sides.
    """
    trained = [
        item
        for item in items
        if item.last_performed_on
        and last_night <= item.last_performed_on
        and len(item.sides_asked(item.level.content["sides"])) == 2
    ]
    if not trained:
        return []
    rows = ExerciseLog.objects.filter(
        item__in=trained,
        session__is_current=True,
        session__local_date__range=(today - LOOKED_BACK, today - timedelta(days=1)),
        skipped="",
    ).values_list("item", "session__local_date", "sets")
    logs: dict[UUID, list[tuple[date, Sequence[Mapping[str, object]]]]] = defaultdict(list)
    for item_id, day, sets in rows.order_by("session__performed_at", "pk"):
        logs[item_id].append((day, sets))
    return [item for item in trained if _has_just_begun(logs[item.pk], last_night)]


def _has_just_begun(logs: Sequence[tuple[date, Sequence[Mapping[str, object]]]], last_night: date) -> bool:
    """Whether a run of SESSIONS with the same weaker side was completed on a day since `last_night`."""
    run, weaker = 0, ""
    for day, sets in logs:
        side = weaker_side(sets)
        run, weaker = (run + 1 if side == weaker else 1, side) if side else (0, "")
        if run == SESSIONS and day >= last_night:
            return True
    return False


def weaker_side(sets: Sequence[Mapping[str, object]]) -> str:
    """The side that did more than a fifth less than the other in one session; empty if neither did."""
    done = {"left": 0, "right": 0}
    for one in sets:
        if one["side"] in done:
            done[str(one["side"])] += int(str(one.get("reps") or one.get("seconds") or 0))
    side, least = min(done.items(), key=lambda pair: pair[1])
    most = max(done.values())
    return side if most and least < most * (1 - GAP) else ""
