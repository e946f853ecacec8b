"""Left and right on levels of their own, where the library allows it; and together again (handbook E12)."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.models import ProgramEvent, ProgramItem, Proposal
from patients.models.assignment import ONE_SIDE
from patients.program_items import locked_items, need_reason

CARRIED = (
    "position",
    "ladder_version",
    "level",
    "cap",
    "region",
    "dose",
    "level_since",
    "by_hand",
    "last_performed_on",
    "approval",
)
OVERRIDE = ("override", "override_reason", "override_review_on")


@transaction.atomic
def go_own_ways(item: ProgramItem, *, reason: str, actor: User | None, now: datetime) -> list[ProgramItem]:
    """End `item` and start its left and its right side in its place; gives the two.

    Both begin where the exercise stands, on one line of history with it: level, dose, limits, lock and days stay, and
    counting starts again for each. Raises Refused where the library does not allow it and where a hold lies over it.
    """
    need_reason(reason)
    if item.apart or not item.ladder_version.sides_may_part:
        raise Refused(_("Nothing was changed: the library keeps both sides of this exercise on one level."))
    return _exchange(_running([item]), ONE_SIDE, kind="sides_apart", reason=reason, actor=actor, now=now)


@transaction.atomic
def bring_together(item: ProgramItem, *, reason: str, actor: User | None, now: datetime) -> ProgramItem:
    """End both sides and go on with one exercise: at the lower level, with the dose of that side; gives it.

    A side that was taken off is trained again. Raises Refused where a hold lies over one of them.
    """
    need_reason(reason)
    if not item.apart:
        raise Refused(_("Nothing was changed: the sides of this exercise are together."))
    sides = _running(sides_of(item))
    return _exchange(sides, [item.episode.side], kind="sides_together", reason=reason, actor=actor, now=now)[0]


def sides_of(item: ProgramItem) -> list[ProgramItem]:
    """The running sides of an exercise whose sides are apart, the one on the lower level first."""
    running = ProgramItem.objects.filter(program=item.program_id, episode=item.episode_id, ended_on=None, apart=True)
    mine = running.filter(ladder_version=item.ladder_version_id).select_related("level", "program")
    return list(mine.order_by("level__position", "pk"))


def _running(items: Sequence[ProgramItem]) -> list[ProgramItem]:
    """The same exercises under the lock of their program. Raises Refused where one has ended or is on hold."""
    running = {one.pk: one for one in locked_items(items[0].program)} if items else {}
    found = [running[one.pk] for one in items if one.pk in running]
    if not found or len(found) < len(items):
        raise Refused(_("Nothing was changed: this exercise has ended."))
    if any(one.stopped_by_id for one in found):
        raise Refused(_("Nothing was changed: this exercise is on hold. Follow that up first."))
    return found


def _exchange(
    old: Sequence[ProgramItem], sides: Sequence[str], *, kind: str, reason: str, actor: User | None, now: datetime
) -> list[ProgramItem]:
    patient = old[0].program.patient
    today = local_date(now, patient.zone)
    for item in old:
        item.ended_on, item.ended_reason = today, kind
        ledger.record_person(item, kind, "", "", reason=reason, actor=actor, now=now)
        item.save()
    Proposal.objects.filter(item__in=old).withdraw(actor=actor, now=now)
    made = [_in_place_of(old, side, apart=len(sides) > 1, today=today) for side in sides]
    for item in made:
        item.save()
        ProgramEvent.objects.create(
            program=item.program, item=item, kind=kind, to_state=item.level.code, actor=actor, at=now, note=reason
        )
    audit.note(kind, made[0], clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return made


def _in_place_of(old: Sequence[ProgramItem], side: str, *, apart: bool, today: date) -> ProgramItem:
    """As the first of `old` stands; with the lock and the strictest limits of all of them."""
    lowest = old[0]
    fixed = next((one for one in old if one.override), lowest)
    item = ProgramItem(
        **{name: getattr(lowest, name) for name in CARRIED},
        **{name: getattr(fixed, name) for name in OVERRIDE},
        program=lowest.program,
        episode=lowest.episode,
        first_id=lowest.line_id,
        side=side,
        apart=apart,
        starts_on=today,
    )
    item.state = {key: value for key, value in ledger.fresh_state(lowest).items() if key != "last_reps"}
    limits = [limit for one in old for limit in one.limits.items()]
    item.limits = {name: min(value for key, value in limits if key == name) for name, _value in limits}
    return item
