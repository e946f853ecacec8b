"""What waits for a therapist's word: steps the rules propose, and reviews whose day has come. Nothing lapses (E31).

Everything stands with the patient's own therapist first. What is overdue, or has no therapist who still works here,
stands with everybody on duty too: the licensed therapists, as for late flags.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from clinic.models import Clinic, Membership, User
from clinic.zones import local_date
from patients.models import Patient, Program, ProgramItem, Proposal
from patients.models.assignment import NEXT_PHASE, Override
from programs.models import LevelVersion


@dataclass(frozen=True)
class Waiting:
    """One line. `kind`: advance, gate_check, next_phase or load for a proposal; lock, pause or phase for a review."""

    kind: str
    program: Program
    item: ProgramItem | None
    proposal: Proposal | None
    since: date
    due_on: date
    today: date
    is_orphan: bool
    above: LevelVersion | None = None

    @property
    def patient(self) -> Patient:
        return self.program.patient

    @property
    def is_overdue(self) -> bool:
        return self.due_on < self.today

    @property
    def is_passed_on(self) -> bool:
        return self.is_overdue or self.is_orphan


def waiting(user: User, clinic: Clinic, *, now: datetime) -> list[Waiting]:
    """Every open line of the clinic that `user` may see, the oldest first; in six queries whatever their number."""
    today = local_date(now, clinic.zone)
    therapists = set(Membership.objects.of(clinic).therapists().values_list("user_id", flat=True))
    proposals = list(_proposals(user, clinic).select_related("decision", *_WHOSE_ITEM, "item__program__phase"))
    above = _levels_above(proposals)
    lines = [_proposed(one, above, therapists, today) for one in proposals]
    for item in _locks(user, clinic, today).select_related("level", "ladder_version", *_WHOSE):
        assert item.override_review_on
        lines.append(_review("lock", item.program, item, item.override_review_on, therapists, today))
    for program in _pauses(user, clinic, today).select_related("patient__identity", "patient__owner"):
        assert program.paused_until
        lines.append(_review("pause", program, None, program.paused_until, therapists, today))
    for program in _phases(user, clinic, today).select_related("patient__identity", "patient__owner", "phase"):
        assert program.review_due
        lines.append(_review("phase", program, None, program.review_due, therapists, today))
    return sorted(lines, key=lambda one: (one.since, one.patient.identity.name))


def for_whom(line: Waiting, user: User, *, is_on_duty: bool) -> bool:
    """Whether a line stands on this therapist's own list."""
    return line.patient.owner_id == user.pk or (is_on_duty and line.is_passed_on)


def is_on_duty(membership: Membership) -> bool:
    """Who takes over what others left: the licensed therapists; where nobody is licensed, every therapist."""
    licensed = Membership.objects.therapists().filter(clinic=membership.clinic_id, licensed=True)
    return membership.therapist and (membership.licensed or not licensed.exists())


def count_for(user: User, membership: Membership, *, now: datetime) -> Combinable:
    """How many lines stand on this therapist's own list, as part of a query over the clinic."""
    clinic = membership.clinic
    today = local_date(now, clinic.zone)
    is_substitute = is_on_duty(membership)

    def counted(rows: QuerySet, whose: str, due: str) -> Coalesce:  # type: ignore[type-arg]
        mine = Q(**{f"{whose}owner": user.pk})
        if is_substitute:
            therapists = Membership.objects.of(clinic).therapists().values("user")
            mine |= Q(**{f"{due}__lt": today}) | Q(**{f"{whose}owner": None}) | ~Q(**{f"{whose}owner__in": therapists})
        counts = rows.filter(mine).order_by().values(f"{whose}clinic").annotate(count=Count("pk", distinct=True))
        return Coalesce(Subquery(counts.values("count"), output_field=IntegerField()), 0)

    return (
        counted(_proposals(user, clinic), "patient__", "due_on")
        + counted(_locks(user, clinic, today), "program__patient__", "override_review_on")
        + counted(_pauses(user, clinic, today), "patient__", "paused_until")
        + counted(_phases(user, clinic, today), "patient__", "review_due")
    )


_WHOSE = ("program__patient__identity", "program__patient__owner")
_WHOSE_ITEM = (
    "item__level",
    "item__ladder_version",
    "item__program__patient__identity",
    "item__program__patient__owner",
)


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


def _levels_above(proposals: list[Proposal]) -> dict[tuple[UUID, int], LevelVersion]:
    ladders = {one.item.ladder_version_id for one in proposals}
    levels = LevelVersion.objects.filter(ladder_version__in=ladders) if ladders else LevelVersion.objects.none()
    return {(level.ladder_version_id, level.position): level for level in levels}


def _proposed(
    one: Proposal, above: dict[tuple[UUID, int], LevelVersion], therapists: set[UUID], today: date
) -> Waiting:
    item = one.item
    return Waiting(
        kind="load" if one.is_load_step else one.kind,
        program=item.program,
        item=item,
        proposal=one,
        since=local_date(one.opened_at, item.program.patient.zone),
        due_on=one.due_on,
        today=today,
        is_orphan=item.program.patient.owner_id not in therapists,
        above=above.get((item.ladder_version_id, item.level.position + 1)),
    )


def _review(
    kind: str, program: Program, item: ProgramItem | None, due_on: date, therapists: set[UUID], today: date
) -> Waiting:
    return Waiting(
        kind=kind,
        program=program,
        item=item,
        proposal=None,
        since=due_on,
        due_on=due_on,
        today=today,
        is_orphan=program.patient.owner_id not in therapists,
    )
