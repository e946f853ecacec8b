"""What follows from a judgement: what must stop is held, what has changed is saved, and the next step is proposed."""

from collections.abc import Sequence
from datetime import timedelta

from patients import holding
from patients.court import STRICTER, Court, Stop
from patients.models import Decision, Hold, PainReport, Program, ProgramEvent, ProgramItem, Proposal
from patients.models.proposal import NEXT_PHASE
from patients.program_items import save_items
from programs.rulebook import current_rules
from programs.rules import Decision as Verdict
from programs.rules import Facts, Finding, assess, decide, held_scope

PROPOSAL_DUE = timedelta(days=14)  # handbook 2.2


def note_stop(court: Court, item: ProgramItem, facts: Facts, verdict: Verdict | None = None) -> None:
    """What must stop is remembered here and held by `close` once everything is judged.

    Asks the same functions as the flags do, so that hold and flag cannot disagree.
    """
    verdict = verdict or decide(facts, current_rules())
    findings = assess(facts, current_rules())
    scope = held_scope(verdict, findings)
    if scope is not None:
        court.stops.append(Stop(scope, item, verdict.rule_id, verdict.reason, severity_of(findings)))


def severity_of(findings: Sequence[Finding]) -> int:
    """How urgent a stop is: as urgent as the flags that ask for it, or as those beside a rule that stops alone."""
    stopping = [one for one in findings if one.stop] or findings
    return min((one.severity for one in stopping), default=3)


def enforce(court: Court) -> list[Hold]:
    """Place the holds, the widest and most severe first: a narrower one under it adds nothing."""
    placed: list[Hold] = []
    for stop in sorted(court.stops, key=lambda stop: (-stop.scope.width, stop.severity)):
        if any(_held_by(hold, stop) for hold in placed):
            continue
        placed.append(court.place(stop))
    return placed


def _held_by(hold: Hold, stop: Stop) -> bool:
    return hold.severity <= stop.severity and holding.covers(hold, stop.scope, stop.item.pk, stop.item.region)


def close(court: Court) -> list[Hold]:
    """Hold what must stop, save the items, append the ledger rows and the proposals. Ends every judgement."""
    holds = enforce(court)
    _note_events(court)
    if court.judged or court.stops:
        save_items(court.items)
    Decision.objects.bulk_create(court.made)
    PainReport.objects.bulk_create(court.told)
    # A step up that was earned before a bad day is not earned any more.
    if worse := [row.item_id for row in court.made if row.outcome in STRICTER]:
        Proposal.objects.filter(item__in=worse).withdraw(actor=None, now=court.now)
    _open_proposals(court)
    return holds


def _note_events(court: Court) -> None:
    """What the rules did to a program beside their decisions; each is said once."""
    for item, kind, level in court.notes:
        known = ProgramEvent.objects.filter(item=item, kind=kind, to_state=level)
        if not known.exists():
            ProgramEvent.objects.create(program=court.program, item=item, kind=kind, to_state=level, at=court.now)


def _open_proposals(court: Court) -> None:
    """One open proposal an exercise; it waits for a therapist and never lapses into a change (handbook E31).

    The next phase is proposed once a program, and only where its exit waits for a person.
    """
    wanted = {row.item_id: row for row in court.made if row.proposal}
    if not wanted:
        return
    waiting = list(
        Proposal.objects.filter(item__program=court.program, state=Proposal.State.OPEN).values_list("item_id", "kind")
    )
    taken = {item_id for item_id, _kind in waiting}
    phase_waits = any(kind == NEXT_PHASE for _item, kind in waiting) or not _exit_waits_for_person(court.program)
    new = []
    for item_id, row in wanted.items():
        if item_id in taken or (row.proposal == NEXT_PHASE and phase_waits):
            continue
        phase_waits = phase_waits or row.proposal == NEXT_PHASE
        new.append(
            Proposal(
                patient=court.program.patient,
                item=row.item,
                kind=row.proposal,
                decision=row,
                opened_at=court.now,
                due_on=court.today + PROPOSAL_DUE,
            )
        )
    Proposal.objects.bulk_create(new)


def _exit_waits_for_person(program: Program) -> bool:
    exit = program.phase.exit if program.phase else {}
    conditions = [*exit.get("all", []), *exit.get("any", [])]
    return not conditions or any("therapist" in one or "measure" in one or "gate" in one for one in conditions)
