"""What the flags of the last weeks cost and brought: counts, times and shares, from two queries (handbook 3.5)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from patients.finding_words import finding_words
from patients.models import PainFlag
from patients.models.session import ExerciseLogQuerySet
from patients.models.triage import PainFlagQuerySet

SPAN = timedelta(days=28)
LEAST_URGENT_WORK, SOON = 4, 3
BUDGET, BUDGET_SOON = 10, 5  # flags of severity 1 to 4, and 1 to 3, per 100 logs
ENOUGH_ACTED_ON = 50  # percent

# What somebody did about it, beside what the effect on the exercises says.
ACTED = frozenset(
    {
        PainFlag.Resolution.DOSE_REDUCED,
        PainFlag.Resolution.LEVEL_CHANGED,
        PainFlag.Resolution.EXERCISE_SWAPPED,
        PainFlag.Resolution.VISIT_BOOKED,
        PainFlag.Resolution.REFERRED_GP,
        PainFlag.Resolution.REFERRED_URGENT,
        PainFlag.Resolution.SENT_EMERGENCY,
        PainFlag.Resolution.TECHNIQUE_CORRECTED,
    }
)
CHANGED = frozenset({PainFlag.Effect.LIGHTER, PainFlag.Effect.STEP_BACK, PainFlag.Effect.SWAP, PainFlag.Effect.STOP})


@dataclass(frozen=True, slots=True)
class Seen:
    """A flag as far as the figures need it. Its columns are asked for by these names."""

    severity: int
    code: str
    opened_at: datetime
    acknowledged_at: datetime | None
    contacted_at: datetime | None
    contact_due: datetime | None
    resolved_at: datetime | None
    resolution: str
    effect: str
    reopened: int

    @property
    def acted(self) -> bool:
        return self.resolution in ACTED or self.effect in CHANGED


@dataclass(frozen=True, slots=True)
class Group:
    """Some flags together. Times in seconds of the clock, shares in percent; None where there is nothing to say."""

    name: str  # severity 1 to 5, or what a rule has found
    flags: Sequence[Seen]

    @property
    def opened(self) -> int:
        return len(self.flags)

    @property
    def to_take(self) -> float | None:
        return _median((flag.acknowledged_at, flag.opened_at) for flag in self.flags)

    @property
    def to_contact(self) -> float | None:
        return _median((flag.contacted_at, flag.opened_at) for flag in self.flags)

    @property
    def in_time(self) -> int | None:
        """Of those reached that had a target: how many by then."""
        reached = [(flag.contacted_at, flag.contact_due) for flag in self.flags]
        met = [at <= due for at, due in reached if at and due]
        return _percent(sum(met), len(met))

    @property
    def acted(self) -> int | None:
        """Of those closed: how many changed what the patient does or led to somebody who looked."""
        closed = [flag.acted for flag in self.flags if flag.resolved_at]
        return _percent(sum(closed), len(closed))

    @property
    def reopened(self) -> int | None:
        return _percent(sum(flag.reopened > 0 for flag in self.flags), len(self.flags))


@dataclass(frozen=True, slots=True)
class FlagFigures:
    """Severity 5 is information, outside the budget and shown apart. `logs` are exercises logged."""

    logs: int
    work: Group
    by_severity: Sequence[Group]
    by_code: Sequence[Group]

    @property
    def per_100(self) -> float | None:
        return self._per_100(LEAST_URGENT_WORK)

    @property
    def per_100_soon(self) -> float | None:
        return self._per_100(SOON)

    def _per_100(self, severity: int) -> float | None:
        counted = sum(flag.severity <= severity for flag in self.work.flags)
        return round(100 * counted / self.logs, 1) if self.logs else None


def flag_figures(flags: PainFlagQuerySet, logs: ExerciseLogQuerySet, *, now: datetime) -> FlagFigures:
    """The figures of the flags opened in the last 28 days. Give rows the reader may see, of one clinic."""
    since = now - SPAN
    lately = flags.reported().filter(opened_at__gt=since, opened_at__lte=now).order_by()
    seen = [Seen(*row) for row in lately.values_list(*Seen.__slots__)]
    logged = logs.current().filter(session__performed_at__gt=since, skipped="").count()
    by_severity: dict[int, list[Seen]] = defaultdict(list)
    by_code: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_severity[one.severity].append(one)
        by_code[one.code].append(one)
    often = Counter(one.code for one in seen).most_common()
    return FlagFigures(
        logs=logged,
        work=Group("", [one for one in seen if one.severity <= LEAST_URGENT_WORK]),
        by_severity=[Group(str(severity), by_severity[severity]) for severity in range(1, 6)],
        by_code=[Group(finding_words(code), by_code[code]) for code, _count in often],
    )


def _median(pairs: Iterable[tuple[datetime | None, datetime]]) -> float | None:
    seconds = [(later - first).total_seconds() for later, first in pairs if later]
    return median(seconds) if seconds else None


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
