"""Steps that wait for a therapist: approved into a change, or declined with a word why."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from clinic.models import User
from clinic.refusals import Refused
from clinic.zones import local_date
from patients import ledger
from patients.assignments import locked_item, move_to, raise_load, refuse_ruled_out
from patients.gates import record_gate
from patients.models import GateRecord, ProgramItem, Proposal
from patients.phases import sign_off_phase
from programs.models import LevelVersion


@transaction.atomic
def approve(proposal: Proposal, *, actor: User | None, now: datetime) -> Proposal:
    """Carry out what was proposed: the next level, with its missing gates recorded by `actor`, or the next phase.

    Two people may press at once: exactly one carries it out. Raises Refused if it is closed.
    """
    _close(proposal, Proposal.State.APPROVED, note="", actor=actor, now=now)
    if proposal.kind == "next_phase":
        sign_off_phase(proposal.item.program, actor=actor, now=now)
        return proposal
    item = locked_item(proposal.item)
    if is_load_step(proposal):
        refuse_ruled_out(item, item.level)
        return _raise_load(proposal, item, actor=actor, now=now)
    above = next_level(item.level)
    if above is None:
        raise Refused(_("There is no higher level on this ladder."))
    refuse_ruled_out(item, above)
    for code in missing_gates(item.episode_id, above):
        if record_gate(item.episode, code, actor=actor, now=now).waiting_for:
            raise Refused(_("A logged session still has to show it: a day with the whole dose, without a fault."))
    before = item.level.code
    move_to(item, above, today=local_date(now, item.program.patient.zone))
    ledger.record_person(item, "level", before, above.code, reason=_("approved"), actor=actor, now=now)
    item.save()
    return proposal


def is_load_step(proposal: Proposal) -> bool:
    """Whether the next weight or band was earned, not the next level."""
    return bool(proposal.decision and proposal.decision.facts.get("load_step"))


def _raise_load(proposal: Proposal, item: ProgramItem, *, actor: User | None, now: datetime) -> Proposal:
    raise_load(item)
    item.state = ledger.fresh_state(item)
    ledger.record_person(item, "dose", "", "", reason=_("approved"), actor=actor, now=now)
    item.save()
    return proposal


def next_level(level: LevelVersion) -> LevelVersion | None:
    return LevelVersion.objects.filter(ladder_version=level.ladder_version_id, position=level.position + 1).first()


def missing_gates(episode_id: UUID, level: LevelVersion) -> list[str]:
    """Codes of the gates `level` asks for that nobody has recorded in the episode."""
    met = set(GateRecord.objects.met().filter(episode=episode_id).values_list("code", flat=True))
    return [code for code in level.content["requires_gates"] if code not in met]


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
        raise Refused(_("Somebody has decided this already: %(state)s.") % {"state": proposal.get_state_display()})
