"""What a patient has at home: their own list, and what happens when the next level needs more (handbook E21)."""

from collections.abc import Collection, Sequence
from datetime import datetime
from math import ceil
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from patients import ledger
from patients.models import GateRecord, Patient, ProgramItem, Proposal
from patients.program_items import locked_item, record_event
from programs.dose import as_json, changed, dose_of, from_json
from programs.equipment import lacking_for_step, thing_words
from programs.models import LevelVersion
from programs.rules import Dose

MORE = 1.2  # handbook E21: a fifth more repetitions, where the next level has to wait for a thing
COUNTED = ("reps_low", "reps_high", "seconds_low", "seconds_high")


class NotOffered(Refused):
    """More repetitions take the place of a step that was earned and cannot be taken; here none was."""


def owned_by(patient: Patient) -> Collection[str] | None:
    """Codes of what the patient has; None where nobody has asked yet."""
    known = patient.equipment_asked_at is not None or patient.equipment
    return frozenset(patient.equipment) if known else None


@transaction.atomic
def set_equipment(patient: Patient, codes: Sequence[str], *, actor: User | None, now: datetime) -> Patient:
    """Replace the list of what a patient has. An empty list says: asked, and nothing there.

    A step that waited only for what is there now waits no more: the next clean day takes it.
    """
    before = owned_by(patient)
    patient.equipment, patient.equipment_asked_at = sorted(set(codes)), now
    patient.save(update_fields=["equipment", "equipment_asked_at"])
    for proposal in Proposal.objects.filter(patient=patient, kind="gate_check").open().select_related("item"):
        _close_if_met(proposal, patient, before, actor=actor, now=now)
    audit.note("equipment", patient, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
    return patient


def _close_if_met(
    proposal: Proposal, patient: Patient, before: Collection[str] | None, *, actor: User | None, now: datetime
) -> None:
    item = locked_item(proposal.item)
    above = _above(item)
    lacked = lacking_for_step(item.level, above, before) if above else []
    if above is None or not lacked or lacking_for_step(item.level, above, owned_by(patient)):
        return
    if missing_gates(item.episode_id, above):
        return
    what = {"level": above.code, "things": ", ".join(map(thing_words, lacked))}
    reason = _("What %(level)s needs is at home now: %(things)s. The next clean day moves on.") % what
    Proposal.objects.filter(pk=proposal.pk).withdraw(actor=actor, now=now)
    ledger.record_person(item, "equipment", "", "", reason=reason, actor=actor, now=now)
    item.save(update_fields=["sequence"])


def missing_gates(episode_id: UUID, level: LevelVersion) -> list[str]:
    """Codes of the gates `level` asks for that nobody has recorded in the episode."""
    met = set(GateRecord.objects.met().filter(episode=episode_id).values_list("code", flat=True))
    return [code for code in level.content["requires_gates"] if code not in met]


@transaction.atomic
def add_equipment(patient: Patient, code: str, *, actor: User | None, now: datetime) -> Patient:
    """The patient has one more thing. Of `barbell_or_dumbbell` either will do, and both are kept as had."""
    return set_equipment(patient, [*patient.equipment, code], actor=actor, now=now)


def lacking_next(item: ProgramItem) -> list[str]:
    """What the level above asks for anew and the patient lacks. One query; give the item with program and patient."""
    above = _above(item)
    return lacking_for_step(item.level, above, owned_by(item.program.patient)) if above else []


def more_of(item: ProgramItem) -> Dose | None:
    """Today's dose with a fifth more repetitions, or seconds; None where that has been done at this level already."""
    dose, full = from_json(item.dose), dose_of(item.level)
    if any((getattr(dose, name) or 0) > (getattr(full, name) or 0) for name in COUNTED):
        return None
    raised = {name: ceil(value * MORE) for name in COUNTED if (value := getattr(dose, name)) is not None}
    try:
        return changed(dose, raised)
    except ValueError:
        return None


@transaction.atomic
def more_instead(item: ProgramItem, *, actor: User | None, now: datetime) -> ProgramItem:
    """A fifth more repetitions instead of the next level, which needs a thing that is not there. Once a level.

    Only where the rules have found the step earned and only the thing missing: an open proposal says so. Counting
    starts again. Raises NotOffered.
    """
    item = locked_item(item)
    waiting = Proposal.objects.filter(item=item, kind="gate_check").open()
    dose = more_of(item)
    if item.ended_on or item.stopped_by_id or item.override or not waiting.exists() or not lacking_next(item):
        raise NotOffered(_("Nothing was changed: the next level is not waiting for a thing you do not have."))
    if dose is None:
        raise NotOffered(_("Nothing was changed: this level has its extra repetitions already."))
    item.dose = as_json(dose)
    item.state = ledger.fresh_state(item)
    reason = _("a fifth more instead of the next level, which needs equipment")
    ledger.record_person(item, "dose", "", "", reason=reason, actor=actor, now=now)
    item.save()
    waiting.update(state=Proposal.State.WITHDRAWN, closed_at=now, closed_by=actor, note=reason)
    record_event(item.program, item, "dose", "", "", actor=actor, now=now, note=reason)
    return item


def _above(item: ProgramItem) -> LevelVersion | None:
    found = LevelVersion.objects.filter(ladder_version=item.ladder_version_id, position=item.level.position + 1)
    above = found.first()
    if above:
        above.ladder_version = item.level.ladder_version = item.ladder_version
    return above
