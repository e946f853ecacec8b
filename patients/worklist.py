"""What waits for a therapist's word: steps the rules propose, and reviews whose day has come. Nothing lapses (E31).

Everything stands with the patient's own therapist first, and while they are away with their substitute. What is
overdue, or has neither, stands with everybody on duty too: the licensed therapists, as for late flags.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import Clinic, Membership, User
from clinic.zones import local_date
from patients.models import Allowance, GateRecord, Patient, Program, ProgramItem, Proposal
from patients.models.assignment import Override
from patients.models.proposal import NEXT_PHASE
from programs.models import LevelVersion


@dataclass(frozen=True)
class Waiting:
    """One line. `kind` of a proposal: advance, gate_check, next_phase or load; of a review: lock, pause, phase,
    exception (from what rules an exercise out) or without (a gate)."""

    kind: str
    patient: Patient
    since: date
    due_on: date
    today: date
    is_orphan: bool
    program: Program | None = None
    item: ProgramItem | None = None
    proposal: Proposal | None = None
    exception: Allowance | GateRecord | None = None
    above: LevelVersion | None = None

    @property
    def is_overdue(self) -> bool:
        return self.due_on < self.today

    @property
    def is_passed_on(self) -> bool:
        return self.is_overdue or self.is_orphan


def waiting(user: User, clinic: Clinic, *, now: datetime) -> list[Waiting]:
    """Every open line of the clinic that `user` may see, the oldest first; in eight queries whatever their number."""
    today = local_date(now, clinic.zone)
    answering = answering_in(clinic, now=now)
    whole = ("decision", "item__level", "item__program__phase", *_whose("item__program__"))
    proposals = list(_proposals(user, clinic).select_related(*whole))
    above = _levels_above(proposals)

    def line(kind: str, patient: Patient, due_on: date | None, since: date | None = None, **what: Any) -> Waiting:
        assert due_on is not None
        orphan = patient.owner_id not in answering
        return Waiting(kind, patient, since or due_on, due_on, today, orphan, **what)

    lines = [
        line(
            "load" if one.is_load_step else one.kind,
            one.item.program.patient,
            one.due_on,
            local_date(one.opened_at, clinic.zone),
            program=one.item.program,
            item=one.item,
            proposal=one,
            above=above.get((one.item.ladder_version_id, one.item.level.position + 1)),
        )
        for one in proposals
    ]
    for item in _locks(user, clinic, today).select_related("level", *_whose("program__")):
        patient, due_on = item.program.patient, item.override_review_on
        lines.append(line("lock", patient, due_on, program=item.program, item=item))
    for program in _pauses(user, clinic, today).select_related(*_whose()):
        lines.append(line("pause", program.patient, program.paused_until, program=program))
    for program in _phases(user, clinic, today).select_related("phase", *_whose()):
        lines.append(line("phase", program.patient, program.review_due, program=program))
    for made in _exceptions(user, clinic, today).select_related(*_whose()):
        lines.append(line("exception", made.patient, made.review_on, exception=made))
    for record in _gates_gone_without(user, clinic, today).select_related(*_whose()):
        lines.append(line("without", record.patient, record.review_on, exception=record))
    return sorted(lines, key=lambda one: (one.since, one.patient.identity.name))


def for_whom(line: Waiting, therapists: Collection[UUID], *, is_on_duty: bool) -> bool:
    """Whether a line stands on the own list of somebody who answers for the patients of `therapists`."""
    return line.patient.owner_id in therapists or (is_on_duty and line.is_passed_on)


def answers_for(user: User, clinic: Clinic, *, now: datetime) -> set[UUID]:
    """The therapists whose patients are this one's: their own, and those of whom they are the substitute."""
    away = Membership.objects.of(clinic).covered_by(user, now)
    return {user.pk, *away.values_list("user_id", flat=True)}


def answering_in(clinic: Clinic, *, now: datetime) -> set[UUID]:
    """The therapists whose patients somebody answers for by name."""
    return set(Membership.objects.of(clinic).answering(now).values_list("user_id", flat=True))


def is_on_duty(membership: Membership) -> bool:
    """Who takes over what others left: the licensed therapists; where nobody is licensed, every therapist."""
    licensed = Membership.objects.therapists().filter(clinic=membership.clinic_id, licensed=True)
    return membership.therapist and (membership.licensed or not licensed.exists())


def count_for(user: User, membership: Membership, *, now: datetime) -> int:
    """How many lines stand on this therapist's own list. Three queries; a fourth for one who is not licensed."""
    clinic = membership.clinic
    today = local_date(now, clinic.zone)
    therapists = answers_for(user, clinic, now=now)
    is_substitute = is_on_duty(membership)
    answering = answering_in(clinic, now=now) if is_substitute else set()

    def own(rows: QuerySet, whose: str, due: str) -> QuerySet:  # type: ignore[type-arg]
        mine = Q(**{f"{whose}owner__in": therapists})
        if is_substitute:
            mine |= Q(**{f"{due}__lt": today}) | Q(**{f"{whose}owner": None}) | ~Q(**{f"{whose}owner__in": answering})
        return rows.filter(mine).order_by().values_list("pk")

    return (
        own(_proposals(user, clinic), "patient__", "due_on")
        .union(
            own(_locks(user, clinic, today), "program__patient__", "override_review_on"),
            own(_pauses(user, clinic, today), "patient__", "paused_until"),
            own(_phases(user, clinic, today), "patient__", "review_due"),
            own(_exceptions(user, clinic, today), "patient__", "review_on"),
            own(_gates_gone_without(user, clinic, today), "patient__", "review_on"),
            all=True,
        )
        .count()
    )


def _whose(path: str = "") -> tuple[str, str]:
    return f"{path}patient__identity", f"{path}patient__owner"


def _proposals(user: User, clinic: Clinic) -> QuerySet[Proposal]:
    mine = Proposal.objects.visible_to(user).of(clinic).open()
    return mine.filter(item__ended_on=None, item__program__ended_on=None)


def _locks(user: User, clinic: Clinic, today: date) -> QuerySet[ProgramItem]:
    mine = ProgramItem.objects.visible_to(user).of(clinic).current().filter(program__ended_on=None)
    return mine.filter(override=Override.LOCK, override_review_on__lte=today)


def _pauses(user: User, clinic: Clinic, today: date) -> QuerySet[Program]:
    return Program.objects.visible_to(user).of(clinic).active().filter(paused_until__lte=today)


def _phases(user: User, clinic: Clinic, today: date) -> QuerySet[Program]:
    """Phases past their days, unless the next phase is proposed already: that is one question, not two."""
    mine = Program.objects.visible_to(user).of(clinic).active().filter(paused_until=None, review_due__lte=today)
    proposed = Proposal.objects.open().filter(kind=NEXT_PHASE, item__program=OuterRef("pk"))
    return mine.filter(~Exists(proposed))


def _exceptions(user: User, clinic: Clinic, today: date) -> QuerySet[Allowance]:
    mine = Allowance.objects.visible_to(user).of(clinic).filter(withdrawn_at=None, episode__ended_on=None)
    return mine.filter(review_on__lte=today)


def _gates_gone_without(user: User, clinic: Clinic, today: date) -> QuerySet[GateRecord]:
    mine = GateRecord.objects.visible_to(user).of(clinic).filter(revoked_at=None, episode__ended_on=None)
    return mine.filter(review_on__lte=today)


def _levels_above(proposals: list[Proposal]) -> dict[tuple[UUID, int], LevelVersion]:
    ladders = {one.item.ladder_version_id for one in proposals}
    levels = LevelVersion.objects.filter(ladder_version__in=ladders) if ladders else LevelVersion.objects.none()
    return {(level.ladder_version_id, level.position): level for level in levels}
