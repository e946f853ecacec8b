"""Steps that wait for a therapist: approved into a change, or declined with a word why."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.adjustments import adjust_dose, refuse_ruled_out, set_level
from patients.equipment import lacking_next, missing_gates
from patients.gates import record_gate
from patients.models import ProgramItem, Proposal
from patients.models.proposal import NEXT_PHASE
from patients.phases import sign_off_phase
from patients.program_items import locked_item, move_to, need_reason, raise_load
from programs.equipment import thing_words
from programs.models import LevelVersion


class AlreadyDecided(Refused):
    pass


@transaction.atomic
def approve(proposal: Proposal, *, actor: User | None, now: datetime) -> Proposal:
    """Carry out what was proposed: the next level, with its missing gates recorded by `actor`, or the next phase.

    Two people may press at once: exactly one carries it out. Raises Refused if it is closed.
    """
    _close(proposal, Proposal.State.APPROVED, note="", actor=actor, now=now)
    if proposal.kind == NEXT_PHASE:
        sign_off_phase(proposal.item.program, actor=actor, now=now)
        return proposal
    item = locked_item(proposal.item)
    _refuse_held(item)
    if proposal.is_load_step:
        refuse_ruled_out(item, item.level)
        return _raise_load(proposal, item, actor=actor, now=now)
    above = next_level(item.level)
    if above is None:
        raise Refused(_("There is no higher level on this ladder."))
    refuse_ruled_out(item, above)
    if lacks := lacking_next(item):
        what = ", ".join(map(thing_words, lacks))
        raise Refused(
            _("%(level)s needs: %(what)s. Put it on the list of what is at home, or give more repetitions.")
            % {"level": above.code, "what": what}
        )
    _record_gates(item, above, actor=actor, now=now)
    before = item.level.code
    move_to(item, above, today=local_date(now, item.program.patient.zone))
    ledger.record_person(item, "level", before, above.code, reason=_("approved"), actor=actor, now=now)
    item.save()
    return proposal


@transaction.atomic
def approve_changed(
    proposal: Proposal,
    *,
    level: str,
    changes: Mapping[str, int | str],
    reason: str,
    actor: User | None,
    now: datetime,
) -> Proposal:
    """Decide otherwise than proposed: the exercise goes to `level` of its ladder, with `changes` to that level's dose.

    Missing gates of a higher level are recorded by `actor`. Raises Refused naming the field, also where nothing would
    be different from today.
    """
    need_reason(reason)
    _close(proposal, Proposal.State.APPROVED, note=reason.strip(), actor=actor, now=now)
    item = locked_item(proposal.item)
    _refuse_held(item)
    wanted = item.ladder_version.levels.filter(code=level).first()
    if wanted is not None and wanted.pk == item.level_id and not changes:
        raise Refused(
            _("Nothing was changed."), {"level": _("It is on this level today. To leave it so, choose “Not yet”.")}
        )
    if wanted is not None and wanted.position > item.level.position:
        _record_gates(item, wanted, actor=actor, now=now)
    if wanted is None or wanted.pk != item.level_id:
        set_level(item, level, reason=reason, actor=actor, now=now)
    if changes:
        adjust_dose(item, changes=changes, reason=reason, actor=actor, now=now)
    return proposal


def _refuse_held(item: ProgramItem) -> None:
    if item.ended_on is not None:
        raise Refused(_("This exercise has ended."))
    if item.stopped_by_id is not None:
        raise Refused(_("This exercise is on hold: lift the hold first."))


def _record_gates(item: ProgramItem, level: LevelVersion, *, actor: User | None, now: datetime) -> None:
    for code in missing_gates(item.episode_id, level):
        if record_gate(item.episode, code, actor=actor, now=now).waiting_for:
            raise Refused(_("A logged session still has to show it: a day with the whole dose, without a fault."))


def _raise_load(proposal: Proposal, item: ProgramItem, *, actor: User | None, now: datetime) -> Proposal:
    raise_load(item)
    item.state = ledger.fresh_state(item)
    ledger.record_person(item, "dose", "", "", reason=_("approved"), actor=actor, now=now)
    item.save()
    return proposal


def next_level(level: LevelVersion) -> LevelVersion | None:
    return LevelVersion.objects.filter(ladder_version=level.ladder_version_id, position=level.position + 1).first()


@transaction.atomic
def decline(proposal: Proposal, *, note: str, actor: User | None, now: datetime) -> Proposal:
    """Leave things as they are and say why. The next clean day may propose it again."""
    if not note.strip():
        raise Refused(_("Nothing was changed."), {"note": _("Say why: the next person will ask.")})
    _close(proposal, Proposal.State.DECLINED, note=note.strip(), actor=actor, now=now)
    return proposal


def _close(proposal: Proposal, state: str, *, note: str, actor: User | None, now: datetime) -> None:
    closed = Proposal.objects.filter(pk=proposal.pk, state=Proposal.State.OPEN).update(
        state=state, note=note, closed_at=now, closed_by=actor
    )
    proposal.refresh_from_db()
    if not closed:
        raise AlreadyDecided(
            _("Somebody has decided this already: %(state)s.") % {"state": proposal.get_state_display()}
        )
    patient = proposal.patient
    audit.note(state, proposal, clinic=patient.clinic_id, actor=actor, now=now, patient_id=patient.pk)
