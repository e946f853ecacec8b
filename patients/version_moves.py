"""Moving running programs to a newer version of their template, taking it back, and telling the patient once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import holding, ledger
from patients.assignments import new_item
from patients.contraindications import Record, record_of
from patients.models import Decision, Program, ProgramEvent, ProgramItem, Proposal, Session
from patients.models.assignment import MOVED, MOVED_BACK
from patients.program_items import locked_items
from patients.program_news import is_unread, language_of, words_of
from patients.version_changes import (
    Changes,
    Fate,
    Line,
    change_notes,
    changes,
    dose_of_level,
    on_older_versions,
    own_numbers_kept,
    whole,
)
from programs.models import Phase, ProgramVersion

KEPT = ("dose", "state", "position", "approval")  # of an exercise, beside its ladder, level, cap and end


class CannotMove(Refused):
    """The reasons stand in the message, one after the other."""


class CannotUndo(Refused):
    pass


@dataclass(frozen=True)
class Outcome:
    """What became of one program when several were moved: `why_not` is empty for one that runs on the version now."""

    program: Program
    why_not: str = ""


def newest_of(version: ProgramVersion | None) -> ProgramVersion | None:
    """The newest published version of the same template, if it is newer; None for a program put together by hand."""
    if version is None:
        return None
    newer = ProgramVersion.objects.published().filter(
        template=version.template_id, template__retired_at=None, number__gt=version.number
    )
    return newer.select_related("template").order_by("-number").first()


def preview(program: Program, version: ProgramVersion, *, now: datetime) -> Changes | None:
    """What moving `program` would change today, contraindications included; None if it runs on it or is over."""
    found = on_older_versions(Program.objects.filter(pk=program.pk), version).first()
    return _changes(found, version, whole(version), now=now) if found else None


def _changes(program: Program, version: ProgramVersion, phases: Sequence[Phase], *, now: datetime) -> Changes:
    today = local_date(now, program.patient.zone)
    return changes(program, version, phases, record=_record(program), today=today)


def _record(program: Program) -> Record:
    program.episode.patient = program.patient
    return record_of(program.episode)


def move_all(
    programs: Iterable[Program], version: ProgramVersion, *, actor: User | None, now: datetime
) -> list[Outcome]:
    """Move each in a transaction of its own: one that is refused says why, and the others go on."""
    outcomes = []
    for program in programs:
        try:
            move(program, version, actor=actor, now=now)
        except Refused as refusal:
            outcomes.append(Outcome(program, str(refusal)))
        else:
            outcomes.append(Outcome(program))
    return outcomes


@transaction.atomic
def move(program: Program, version: ProgramVersion, *, actor: User | None, now: datetime) -> ProgramEvent | None:
    """Let `program` run on `version`, a newer published one of its template, from now on. Twice is once (None).

    Levels, streaks, locks and a patient's own numbers stay (handbook E32). What was before is kept in the event, so
    that `undo` can bring it back. Raises CannotMove with every reason: paused, held, locked, contraindicated.
    """
    locked_items(program)  # before anything is read: a session being logged moves levels too
    if version.state != ProgramVersion.State.PUBLISHED:
        raise CannotMove(_("Only a published version can be moved to."))
    found = on_older_versions(Program.objects.filter(pk=program.pk), version).first()
    if found is None:
        if Program.objects.filter(pk=program.pk, version=version, ended_on=None).exists():
            return None
        raise CannotMove(_("This program has ended, or runs on another template by now."))
    plan = _changes(found, version, whole(version), now=now)
    if plan.refused:
        raise CannotMove("; ".join(capfirst(why) for why in plan.refused) + ".")
    notes = change_notes(found, version)
    was = _row(found)
    with translation.override(language_of(found.patient)):
        told = words_of(plan)
    claimed = Program.objects.filter(pk=found.pk, version=found.version_id, phase=found.phase_id, ended_on=None).update(
        version=version, phase=plan.phase, path=plan.path, pain_policy=plan.pain_policy
    )
    if not claimed:
        raise CannotMove(_("Somebody else has just changed this program."))
    items = _carry_out(plan, actor=actor, now=now)
    event = ProgramEvent.objects.create(
        program=found,
        kind=MOVED,
        from_state=str(found.version.number) if found.version else "",
        to_state=str(version.number),
        actor=actor,
        at=now,
        note="\n".join(notes),
        data={
            "program": was,
            "version": str(version.pk),
            "items": items,
            "running": _running(found),
            "told": told,
        },
    )
    audit.note("move_version", found, clinic=found.patient.clinic_id, actor=actor, now=now, patient_id=found.patient_id)
    return event


def _row(program: Program) -> dict[str, str | None]:
    phase = str(program.phase_id) if program.phase_id else None
    return {
        "version": str(program.version_id),
        "phase": phase,
        "path": program.path,
        "pain_policy": program.pain_policy,
    }


def _carry_out(plan: Changes, *, actor: User | None, now: datetime) -> dict[str, Any]:
    """Change the exercises; gives, by item id, what each was before (None for one that comes new)."""
    program = plan.program
    today = local_date(now, program.patient.zone)
    before: dict[str, Any] = {}
    for place, line in enumerate(plan.lines):
        if line.fate is Fate.LEFT_OFF:
            continue
        if line.item is None:
            before[str(_start(plan, line, place, today=today).pk)] = None
            continue
        item = line.item
        item.program = program
        before[str(item.pk)] = _snapshot(item)
        item.position = place
        if line.fate is Fate.ENDED:
            item.ended_on, item.ended_reason = today, "version"
            Proposal.objects.filter(item=item).withdraw(actor=actor, now=now)
        elif line.part is not None:
            item.cap, item.approval = line.cap, _approval(plan)
            if line.new_ladder:
                _take_on(item, line)
                _ledger(item, plan.version.number, actor=actor, now=now)
        item.save()
    return before


def _snapshot(item: ProgramItem) -> dict[str, Any]:
    cap = str(item.cap_id) if item.cap_id else None
    ids = {"ladder_version": str(item.ladder_version_id), "level": str(item.level_id), "cap": cap}
    return ids | {name: getattr(item, name) for name in KEPT}


def _take_on(item: ProgramItem, line: Line) -> None:
    """The same exercise by the new version's words and numbers. Streaks stay: what was earned was earned."""
    assert line.level is not None and line.dose is not None and line.level_before is not None
    if full := item.state.get("full_dose"):
        restored = own_numbers_kept(full, dose_of_level(line.level_before), dose_of_level(line.level))
        item.state = {**item.state, "full_dose": restored}
    item.ladder_version, item.level, item.dose = line.ladder, line.level, dict(line.dose)


def _ledger(item: ProgramItem, number: object, *, actor: User | None, now: datetime) -> None:
    """A person's row: a replay of older days stops at it, as their levels are those of the other version."""
    reason = _("Moved to version %(number)s of the program.") % {"number": number}
    ledger.record_person(item, "version", "", "", reason=reason, actor=actor, now=now)


def _approval(plan: Changes) -> str:
    auto = plan.version.paths.get(plan.path, {}).get("auto_advance", "") if plan.path else ""
    return "therapist" if auto == "therapist" else "auto"


def _start(plan: Changes, line: Line, place: int, *, today: date) -> ProgramItem:
    assert line.level is not None and line.dose is not None and line.part is not None
    program = plan.program
    item = new_item(program, program.episode, line.level, today=today)
    item.position, item.cap, item.approval = place, line.cap, _approval(plan)
    item.starts_on = max(today, program.phase_started_on + timedelta(days=line.part.from_day - 1))
    item.stopped_by = holding.widest(holding.open_over(program.patient), item)
    item.save()
    return item


# Taking it back


def last_move(program: Program) -> ProgramEvent | None:
    """The last move of this program, unless it was taken back."""
    found = ProgramEvent.objects.filter(program=program, kind__in=(MOVED, MOVED_BACK))
    last = found.select_related("actor").order_by("-at", "-pk").first()
    return last if last and last.kind == MOVED else None


def why_not_undo(move: ProgramEvent) -> str:
    """Why this move can no longer be taken back; empty while it can."""
    if Session.objects.filter(program=move.program_id, logged_at__gt=move.at).exists():
        return _("A session has been logged since: what was done on the new version stays.")
    if Decision.objects.filter(item__program=move.program_id, decided_at__gt=move.at).exists():
        return _("A level or a dose has been decided on since.")
    version = Program.objects.filter(pk=move.program_id, ended_on=None).values_list("version", flat=True).first()
    if str(version) != move.data["version"] or _running(move.program) != move.data["running"]:
        return _("The program has been changed since.")
    return ""


def _running(program: Program) -> list[str]:
    running = ProgramItem.objects.filter(program=program, ended_on=None).order_by("pk")
    return [str(pk) for pk in running.values_list("pk", flat=True)]


@transaction.atomic
def undo(program: Program, *, actor: User | None, now: datetime) -> ProgramEvent:
    """Take the last move back: version, phase, levels and doses are again what they were before it.

    Raises CannotUndo with the reason once a session was logged, or anything else was decided, on the new version.
    """
    locked_items(program)
    last = last_move(program)
    if last is None:
        raise CannotUndo(_("There is no move to take back."))
    if why := why_not_undo(last):
        raise CannotUndo(_("The move cannot be taken back. %(why)s") % {"why": why})
    was = last.data["program"]
    claimed = Program.objects.filter(pk=program.pk, version=last.data["version"], ended_on=None).update(
        version=was["version"], phase=was["phase"], path=was["path"], pain_policy=was["pain_policy"]
    )
    if not claimed:
        raise CannotUndo(_("Somebody else has just changed this program."))
    _put_back(last, actor=actor, now=now)
    seen = not is_unread(last)
    with translation.override(language_of(program.patient)):
        told = [_("Your program is again as it was before the last change.")] if seen else []
    event = ProgramEvent.objects.create(
        program=program,
        kind=MOVED_BACK,
        from_state=last.to_state,
        to_state=last.from_state,
        actor=actor,
        at=now,
        data={"move": str(last.pk), "told": told},
    )
    patient = program.patient
    audit.note("undo_move", program, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return event


def _put_back(move: ProgramEvent, *, actor: User | None, now: datetime) -> None:
    before: dict[str, Any] = move.data["items"]
    related = ProgramItem.objects.select_related("program__patient", "level", "ladder_version", "episode")
    items = list(related.filter(pk__in=before))
    holds = holding.open_over(move.program.patient)
    for item in items:
        was = before[str(item.pk)]
        if was is None:
            item.ended_on, item.ended_reason = local_date(now, item.program.patient.zone), "version"
        else:
            other_words = str(item.ladder_version_id) != was["ladder_version"]
            item.ladder_version_id, item.level_id = UUID(was["ladder_version"]), UUID(was["level"])
            item.cap_id = UUID(was["cap"]) if was["cap"] else None
            for name in KEPT:
                setattr(item, name, was[name])
            item.ended_on, item.ended_reason = None, ""
            item.stopped_by = holding.widest(holds, item)
            if other_words:
                _ledger(item, move.from_state, actor=actor, now=now)
        item.save()
