"""What a session may say, and what cannot be true: every fault is named by field before anything is saved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.refusals import Refused
from clinic.zones import local_date
from patients.contraindication_words import for_patient
from patients.contraindications import ruled_out
from patients.examinations import ruled_out_since
from patients.models import Program, ProgramItem
from programs.dose import BOUNDS
from programs.rules import RED_FLAGS

TOO_LATE = timedelta(days=14)  # handbook E7
HURTS = "hurts"
SKIP_REASONS = (HURTS, "cramp", "no_time", "no_equipment", "unsure", "other")
TOLD_LATE = "too_late"  # not a reason anybody can choose
WORDS = ("pop", "snap", "tear", "sharp")
NEURO = ("weakness", "numb_or_tingle_new")


@dataclass(frozen=True)
class SetDone:
    """One set of one side. `load` in grams for weights, band step for bands; None means as prescribed."""

    side: str  # left | right | both
    reps: int | None = None
    seconds: int | None = None
    load: int | None = None


@dataclass(frozen=True)
class Entry:
    """What was done of one exercise. Pain 0 to 10. A skipped exercise carries its reason and needs nothing else."""

    item_id: UUID
    sets: Sequence[SetDone] = ()
    pain_before: int | None = None
    pain_during: int | None = None
    pain_after: int | None = None
    form: str = "ok"  # ok | partly | lost
    cramp: str = ""  # "" | resolved | unresolved
    words: Sequence[str] = ()
    strength_loss: bool = False
    painful: bool = False
    full_rom: bool = True
    skipped: str = ""
    note: str = ""


def as_noted(entries: Sequence[Entry], *, performed_at: datetime, saved_at: datetime) -> Sequence[Entry]:
    """The entries as they count: told more than 14 days later they are a note and no work done (handbook E7)."""
    if saved_at - performed_at <= TOO_LATE:
        return entries
    return [replace(entry, skipped=entry.skipped or TOLD_LATE) for entry in entries]


class NothingSaved(Refused):
    """The entry cannot be right; every fault is named by field."""


def refuse_absurd(
    program: Program,
    items: Sequence[ProgramItem],
    entries: Sequence[Entry],
    *,
    effort: int | None,
    red_flags: Collection[str],
    neuro: Collection[str],
    performed_at: datetime,
    now: datetime,
) -> None:
    errors = _time_faults(program, performed_at, now)
    if program.ended_on is not None:
        errors[""] = _("This program has ended: call the clinic instead.")
    if not entries:
        errors[""] = _("Say for at least one exercise what you did.")
    if effort is not None and not 0 <= effort <= 10:
        errors["effort"] = _("Effort %(value)s: goes from 0 to 10.") % {"value": effort}
    for code in [*(set(red_flags) - set(RED_FLAGS)), *(set(neuro) - set(NEURO))]:
        errors["red_flags"] = _("%(code)s is not on the list.") % {"code": code}
    by_id = {item.pk: item for item in items}
    for entry in entries:
        item = by_id.get(entry.item_id)
        if item is None:
            errors[f"{entry.item_id}"] = _("This exercise is not on your program now.")
        else:
            errors |= {f"{entry.item_id}-{key}": text for key, text in _entry_faults(item, entry).items()}
            if text := _not_for_them(item, entry, performed_at):
                errors[f"{entry.item_id}"] = text
    if len({entry.item_id for entry in entries}) < len(entries):
        errors[""] = _("An exercise is named twice.")
    if errors:
        raise NothingSaved(_("Nothing was saved yet. Your answers are still below."), errors)


def _not_for_them(item: ProgramItem, entry: Entry, performed_at: datetime) -> str:
    """What is ruled out is not logged as done. What was done before anybody knew is, and so is why it was left out."""
    codes = [] if entry.skipped else ruled_out(item)
    since = ruled_out_since(item) if codes else None
    if not codes or (since and performed_at < since):
        return ""
    why = ", ".join(map(for_patient, codes))
    text = _("Not for you at the moment: %(why)s. Ask your clinic first. If it hurt, report the pain.")
    return text % {"why": why}


def _time_faults(program: Program, performed_at: datetime, now: datetime) -> dict[str, str]:
    if performed_at > now + timedelta(minutes=5):
        return {"performed_at": _("This time has not come yet.")}
    if local_date(performed_at, program.patient.zone) < program.started_on:
        began = date_format(program.started_on)
        return {"performed_at": _("That is before your program began, on %(day)s.") % {"day": began}}
    return {}


def _entry_faults(item: ProgramItem, entry: Entry) -> dict[str, str]:
    errors = _pain_faults(entry)
    if entry.skipped and entry.skipped not in SKIP_REASONS:
        errors["skipped"] = _("%(value)s is not a reason on the list.") % {"value": entry.skipped}
    if entry.form not in ("ok", "partly", "lost"):
        errors["form"] = _("%(value)s: choose ok, partly or lost.") % {"value": entry.form}
    if entry.cramp not in ("", "resolved", "unresolved"):
        errors["cramp"] = _("%(value)s: choose none, settled or not settled.") % {"value": entry.cramp}
    if strange := set(entry.words) - set(WORDS):
        errors["words"] = _("%(value)s is not a word on the list.") % {"value": ", ".join(sorted(strange))}
    return errors if entry.skipped else errors | _set_faults(item, entry.sets)


def _pain_faults(entry: Entry) -> dict[str, str]:
    """What was done needs all three numbers; what was left out because it hurts, the one it is judged by."""
    needed = {"pain_before", "pain_during", "pain_after"}
    if entry.skipped:
        needed = {"pain_during"} if entry.skipped == HURTS else set()
    errors: dict[str, str] = {}
    for name in ("pain_before", "pain_during", "pain_after"):
        value = getattr(entry, name)
        if value is None and name in needed:
            errors[name] = _("Choose a number from 0 to 10.")
        elif value is not None and not 0 <= value <= 10:
            errors[name] = _("Pain %(value)s: goes from 0 to 10.") % {"value": value}
    return errors


def _set_faults(item: ProgramItem, sets: Sequence[SetDone]) -> dict[str, str]:
    sides = item.sides_asked(item.level.content["sides"])
    names = {"left": _(" on the left"), "right": _(" on the right"), "both": ""}
    if not sets:
        return {"sets": _("Enter what you did, or skip the exercise and say why.")}
    for side in sides:
        mine = [one for one in sets if one.side == side]
        if len(mine) > BOUNDS["sets"]:
            return {"sets": _("%(value)s sets are more than one session can hold (20).") % {"value": len(mine)}}
        least = min((min(one.reps or 0, one.seconds or 0) for one in mine), default=0)
        if least < 0:
            text = _("%(value)s%(side)s: what was done is 0 or more.")
            return {f"sets-{side}": text % {"side": names[side], "value": least}}
        for one in mine:
            if one.reps is not None and one.reps > BOUNDS["reps_high"]:
                text = _("Reps%(side)s: %(value)s is more than one session can hold (300).")
                return {f"sets-{side}": text % {"side": names[side], "value": one.reps}}
            if one.seconds is not None and one.seconds > BOUNDS["seconds_high"]:
                text = _("Seconds%(side)s: %(value)s is more than one session can hold (1800).")
                return {f"sets-{side}": text % {"side": names[side], "value": one.seconds}}
            if one.load is not None and not 0 <= one.load <= BOUNDS["load_grams"]:
                text = _("Weight %(value)s kg: goes from 0 to 300.")
                return {"load": text % {"value": one.load / 1000}}
    if strange := {one.side for one in sets} - set(sides):
        return {"sets": _("This exercise is not logged for: %(sides)s.") % {"sides": ", ".join(sorted(strange))}}
    if not any((one.reps or one.seconds) for one in sets):
        return {"sets": _("Enter what you did, or skip the exercise and say why.")}
    return {}
