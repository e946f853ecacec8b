"""The caseload: one row a patient, joined here from a fixed number of queries, most urgent first."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, FilteredRelation, Max, Min, OuterRef, Q, Subquery

from clinic.models import User
from clinic.zones import local_date
from patients.models import Allowance, ExerciseLog, GateRecord, PainFlag, ProgramItem, Proposal, Trial
from patients.models.assignment import by_hand
from patients.models.patient import PatientQuerySet

VIEWS = ("all", "mine", "attention", "on-track", "stalled", "trials", "no-therapist", "no-program")
WEEK, MONTH, SPARK = 7, 30, 14  # days
SILENT_AFTER = 5  # days, as FL-NOLOG
STALLED_AFTER = 21  # days on a level although logging, as FL-STALL
MOVED = 0.1  # a change of the logged share that earns an arrow
GOOD_SHARE = 0.8
NEVER = datetime.max.replace(tzinfo=UTC)

Days = dict[date, tuple[int, int | None]]  # day → (exercises logged, worst pain)


class _Case(NamedTuple):
    """What is one value a patient, as `_cases` reads it."""

    pk: UUID
    zone: str
    name: str
    owner_id: UUID | None
    owner: str | None
    is_covered: bool
    program_id: UUID | None
    started_on: date | None
    paused_until: date | None
    program_review: date | None
    title: str | None  # None: put together by hand
    phase: str | None
    trial_last_day: date | None
    proposal_due: date | None
    exception_due: date | None
    without_due: date | None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A patient as the caseload shows them. Days are the patient's own; pain 0 to 10, None where nothing is known."""

    patient_id: UUID
    name: str
    owner_id: UUID | None
    owner: str
    program: str | None  # its title
    phase: str
    week: int
    is_paused: bool
    logged: int
    scheduled: int
    trend: str  # up, down or nothing, against the last 30 days
    last_on: date | None
    silent_days: int
    last_pain: int | None
    worst_pain: int | None
    pains: tuple[int | None, ...]  # the worst of each of the last 14 days
    flags: tuple[tuple[int, int], ...]  # (severity, how many), the most severe first
    oldest_flag: datetime | None
    trial_days: int | None
    review_on: date | None
    review_is_due: bool
    is_stalled: bool
    is_covered: bool  # their therapist is away, and the reader is the substitute

    @property
    def severity(self) -> int | None:
        return self.flags[0][0] if self.flags else None

    @property
    def is_silent(self) -> bool:
        return self.silent_days >= SILENT_AFTER

    @property
    def needs_attention(self) -> bool:
        return (self.severity or 9) <= 3 or self.is_silent or self.review_is_due

    @property
    def is_on_track(self) -> bool:
        return bool(
            self.program is not None
            and not self.flags
            and not self.is_silent
            and self.scheduled
            and self.logged >= GOOD_SHARE * self.scheduled
        )


@dataclass(frozen=True)
class _Part:
    """One exercise of a running or lately ended plan, as far as the schedule needs it."""

    starts_on: date
    ended_on: date | None
    per_week: int
    level_since: date
    last_on: date | None
    is_terminal: bool
    review_on: date | None

    def scheduled(self, first: date, last: date) -> float:
        """Days asked for between two dates, both included."""
        until = min(last, self.ended_on - timedelta(days=1)) if self.ended_on else last
        days = (until - max(first, self.starts_on)).days + 1
        return max(0, days) * self.per_week / 7


def case_rows(patients: PatientQuerySet, *, viewer: User, now: datetime) -> list[CaseRow]:
    """A row for each of `patients`, in the order in which somebody should look. Four queries, whatever the number."""
    cases = _cases(patients, viewer=viewer, now=now)
    ids = [case.pk for case in cases]
    since = (now - timedelta(days=MONTH + 2)).date()
    parts, days, flags = _parts(ids, since), _days(ids, since), _flags(ids)
    rows = [_row(case, parts[case.pk], days[case.pk], flags[case.pk], now=now) for case in cases]
    return sorted(rows, key=_urgency)


def in_view(rows: Iterable[CaseRow], view: str, *, viewer: User) -> list[CaseRow]:
    """The rows of one saved view; an unknown name is all of them."""
    return [row for row in rows if _belongs(row, view, viewer)]


def _belongs(row: CaseRow, view: str, viewer: User) -> bool:
    if view == "mine":
        return row.owner_id == viewer.pk or row.is_covered
    if view == "attention":
        return row.needs_attention
    if view == "on-track":
        return row.is_on_track
    if view == "stalled":
        return row.is_stalled
    if view == "trials":
        return row.trial_days is not None
    if view == "no-therapist":
        return row.owner_id is None
    if view == "no-program":
        return row.program is None
    return True


def _urgency(row: CaseRow) -> tuple[Any, ...]:
    """Most severe open flag, then the oldest, then the silent, then the falling."""
    return (
        row.severity or 9,
        row.oldest_flag or NEVER,
        -row.silent_days if row.is_silent else 0,
        row.trend != "down",
        row.name.casefold(),
    )


def _cases(patients: PatientQuerySet, *, viewer: User, now: datetime) -> list[_Case]:
    """Read as bare columns: making instances of all these models took a third of the page's time."""
    trials = Trial.objects.filter(patient=OuterRef("pk"), state=Trial.State.ACTIVE).order_by("-last_day")
    waiting = Proposal.objects.filter(patient=OuterRef("pk")).open().order_by().values("patient")
    of_the_patient = {"patient": OuterRef("pk"), "episode__ended_on": None}
    exceptions = Allowance.objects.standing().filter(**of_the_patient).order_by().values("patient")
    gone_without = GateRecord.objects.standing().filter(**of_the_patient).order_by().values("patient")
    found = patients.with_cover(viewer, now).annotate(
        running=FilteredRelation("programs", condition=Q(programs__ended_on=None)),
        trial_last_day=Subquery(trials.values("last_day")[:1]),
        proposal_due=Subquery(waiting.annotate(due=Min("due_on")).values("due")),
        exception_due=Subquery(exceptions.annotate(due=Min("review_on")).values("due")),
        without_due=Subquery(gone_without.annotate(due=Min("review_on")).values("due")),
    )
    values = found.values_list(
        *("pk", "zone", "identity__name", "owner", "owner__name", "is_covered"),
        *("running__pk", "running__started_on", "running__paused_until", "running__review_due"),
        *("running__version__title", "running__phase__name"),
        *("trial_last_day", "proposal_due", "exception_due", "without_due"),
    )
    return [_Case(*one) for one in values]


def _parts(ids: Sequence[UUID], since: date) -> dict[UUID, list[_Part]]:
    parts: dict[UUID, list[_Part]] = defaultdict(list)
    found = ProgramItem.objects.filter(Q(ended_on=None) | Q(ended_on__gt=since), program__patient__in=ids)
    for values in found.values_list(
        "program__patient",
        "starts_on",
        "ended_on",
        "level__content__per_week_low",
        "level_since",
        "last_performed_on",
        "level__content__terminal",
        "override_review_on",
    ):
        parts[values[0]].append(_Part(*values[1:]))
    return parts


def _days(ids: Sequence[UUID], since: date) -> dict[UUID, Days]:
    """Patient → day → (exercises logged, worst pain)."""
    days: dict[UUID, Days] = defaultdict(dict)
    logs = ExerciseLog.objects.current().filter(session__patient__in=ids, session__local_date__gte=since, skipped="")
    by_day = logs.order_by().values_list("session__patient", "session__local_date")
    for owner, day, done, *pains in by_day.annotate(
        Count("item", distinct=True), Max("pain_during"), Max("pain_after")
    ):
        days[owner][day] = (done, max((pain for pain in pains if pain is not None), default=None))
    return days


def _flags(ids: Sequence[UUID]) -> dict[UUID, list[tuple[int, datetime]]]:
    flags: dict[UUID, list[tuple[int, datetime]]] = defaultdict(list)
    found = PainFlag.objects.waiting().reported().filter(patient__in=ids).order_by()
    for owner, severity, opened_at in found.values_list("patient", "severity", "opened_at"):
        flags[owner].append((severity, opened_at))
    return flags


def _row(
    case: _Case,
    parts: Sequence[_Part],
    days: Days,
    flags: Sequence[tuple[int, datetime]],
    *,
    now: datetime,
) -> CaseRow:
    today = local_date(now, case.zone)
    running = [part for part in parts if part.ended_on is None]
    logged, scheduled = _share(parts, days, today, WEEK)
    last_on = max([*days, *(part.last_on for part in parts if part.last_on)], default=None)
    pains = tuple(days.get(today - timedelta(days=back), (0, None))[1] for back in range(SPARK - 1, -1, -1))
    review_on = _review(case, running)
    worst = min((severity for severity, _at in flags), default=None)
    return CaseRow(
        patient_id=case.pk,
        name=case.name,
        owner_id=case.owner_id,
        owner=case.owner or "",
        program=(case.title or by_hand()) if case.program_id else None,
        phase=case.phase or "",
        week=(today - case.started_on).days // 7 + 1 if case.started_on else 0,
        is_paused=case.paused_until is not None,
        logged=logged,
        scheduled=round(scheduled),
        trend=_trend(parts, days, today),
        last_on=last_on,
        silent_days=_silence(case, last_on, today),
        last_pain=days[last_on][1] if last_on in days else None,
        worst_pain=max((pain for pain in pains[-WEEK:] if pain is not None), default=None),
        pains=pains,
        flags=tuple(sorted(Counter(severity for severity, _at in flags).items())),
        oldest_flag=min((at for severity, at in flags if severity == worst), default=None),
        trial_days=max(0, (case.trial_last_day - today).days + 1) if case.trial_last_day else None,
        review_on=review_on,
        review_is_due=review_on is not None and review_on <= today,
        is_stalled=any(_is_stalled(part, today) for part in running),
        is_covered=case.is_covered,
    )


def _share(parts: Sequence[_Part], days: Days, today: date, length: int) -> tuple[int, float]:
    """Exercises logged and asked for in the last `length` days: each exercise counts once a day."""
    first = today - timedelta(days=length - 1)
    logged = sum(done for day, (done, _pain) in days.items() if first <= day <= today)
    return logged, sum(part.scheduled(first, today) for part in parts)


def _trend(parts: Sequence[_Part], days: Days, today: date) -> str:
    week, month = _share(parts, days, today, WEEK), _share(parts, days, today, MONTH)
    if not week[1] or not month[1]:
        return ""
    change = min(1, week[0] / week[1]) - min(1, month[0] / month[1])
    return "up" if change > MOVED else "down" if change < -MOVED else ""


def _silence(case: _Case, last_on: date | None, today: date) -> int:
    """Days without a log; a pause is nobody's silence."""
    if case.started_on is None or case.paused_until is not None:
        return 0
    return (today - max(last_on or case.started_on, case.started_on)).days


def _review(case: _Case, running: Sequence[_Part]) -> date | None:
    dates = [
        *(case.program_review, case.paused_until),
        *(case.proposal_due, case.exception_due, case.without_due),
        *(part.review_on for part in running),
    ]
    return min((one for one in dates if one), default=None)


def _is_stalled(part: _Part, today: date) -> bool:
    return (
        not part.is_terminal
        and part.last_on is not None
        and (today - part.last_on).days <= SILENT_AFTER
        and (today - part.level_since).days >= STALLED_AFTER
    )
