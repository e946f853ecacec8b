"""The exercises of a running program: read under a lock, moved in memory, and written in one statement."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.models import Patient, Program, ProgramEvent, ProgramItem
from programs.dose import as_json, dose_of, from_json, heavier_dose, lighter_dose
from programs.models import LevelVersion

RELATED = ("ladder_version", "level", "cap", "stopped_by", "episode")  # read with an exercise that is judged or shown


def move_to(item: ProgramItem, level: LevelVersion, *, today: date) -> None:
    """Put `item` on `level` in memory: its full dose, no streaks, the days at the level counted from today."""
    item.level, item.dose, item.level_since = level, as_json(dose_of(level)), today
    item.state = ledger.fresh_state(item)


def step_back(item: ProgramItem, levels: Iterable[LevelVersion], *, today: date) -> None:
    """One level down on its ladder's `levels`; on the lowest level the dose is made lighter instead."""
    below = [level for level in levels if level.position < item.level.position]
    lower = max(below, key=lambda level: level.position, default=None)
    if lower is None:
        make_lighter(item)
    else:
        move_to(item, lower, today=today)


def raise_load(item: ProgramItem) -> None:
    """The next weight or band, in memory; the caller has seen that it was earned."""
    dose = from_json(item.dose)
    item.dose = as_json(heavier_dose(dose, item.level, two_for_two_met=True) or dose)


def make_lighter(item: ProgramItem) -> None:
    """One step lighter; the dose it had is kept, so that the first success restores just that (handbook E29)."""
    if not ledger.memory(item).lightened:
        item.state = {**item.state, "full_dose": item.dose}
    item.dose = as_json(lighter_dose(from_json(item.dose), item.level))
    item.state = ledger.fresh_state(item, lightened=True)


def running_program(patient: Patient) -> Program | None:
    return Program.objects.filter(patient=patient, ended_on=None).select_related("patient__clinic").first()


def locked_items(program: Program) -> list[ProgramItem]:
    """The running items of a program under a row lock, so that two requests at once are judged one after the other.

    Locked first and read afterwards: PostgreSQL reads the tables joined to a row before it waits for the row's lock,
    and drops an exercise whose level another request has just changed.
    """
    return _locked(ProgramItem.objects.filter(program=program, ended_on=None))


def locked_items_of(patient: Patient) -> list[ProgramItem]:
    """`locked_items` of the program the patient has now, each item with it."""
    running = ProgramItem.objects.filter(program__patient=patient, program__ended_on=None, ended_on=None)
    return _locked(running, "program")


def locked_item(item: ProgramItem) -> ProgramItem:
    mine = ProgramItem.objects.filter(pk=item.pk)
    _wait_for(mine)
    return mine.select_related(*RELATED, "program__patient").get()


def in_order(items: Iterable[ProgramItem]) -> list[ProgramItem]:
    """As they stand on the program. Not by the database: beside joined tables Django writes ORDER BY slowly."""
    return sorted(items, key=lambda item: (item.position, item.pk))


def _locked(running: QuerySet[ProgramItem], *related: str) -> list[ProgramItem]:
    _wait_for(running)
    items = in_order(running.select_related(*RELATED, *related))
    for item in items:
        item.as_locked = {name: getattr(item, name) for name in SAVED}
    return items


def _wait_for(items: QuerySet[ProgramItem]) -> None:
    """Lock the rows, in one order for everybody."""
    if connection.features.has_select_for_update:
        list(items.select_for_update(of=("self",)).only("pk").order_by("pk"))


SAVED = (
    "level_id",
    "dose",
    "state",
    "level_since",
    "last_performed_on",
    "judged_until",
    "override",
    "override_reason",
    "override_review_on",
    "stopped_by_id",
    "sequence",
    "ended_on",
    "ended_reason",
)


def save_items(items: list[ProgramItem]) -> None:
    """Write what has changed since `locked_items` read it, for all of them in one statement."""
    changed = {name for item in items for name in SAVED if getattr(item, name) != item.as_locked[name]}
    moved = [item for item in items if any(getattr(item, name) != item.as_locked[name] for name in changed)]
    fields = [name.removesuffix("_id") for name in SAVED if name in changed]
    if len(moved) == 1:
        moved[0].save(update_fields=fields)
    elif moved:
        ProgramItem.objects.bulk_update(moved, fields)


def today_of(item: ProgramItem, now: datetime) -> date:
    return local_date(now, item.program.patient.zone)


def need_reason(reason: str) -> None:
    """Raises Refused for an empty reason: what a person changes by hand says why."""
    if not reason.strip():
        raise Refused(_("Nothing was changed."), {"reason": _("Say why: the next person will ask.")})


def record_event(
    program: Program,
    item: ProgramItem | None,
    kind: str,
    before: str,
    after: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> ProgramEvent:
    """Keep one change of a program, or of one of its exercises: an event and an audit row. `actor` None: the rules."""
    event = ProgramEvent.objects.create(
        program=program,
        item=item,
        kind=kind,
        from_state=before,
        to_state=after,
        actor=actor,
        at=now,
        note=note,
        data=data or {},
    )
    patient = program.patient
    audit.note(kind, item or program, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return event
