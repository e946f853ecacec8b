"""What is needed to judge the exercises of one program in one transaction, read once; and what came of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q

from clinic.models import User
from clinic.zones import local_date
from patients import holding
from patients.gates import BOTH, How, record_gate
from patients.models import (
    Decision,
    ExerciseLog,
    GateRecord,
    Hold,
    NextDayQuestion,
    PainReport,
    Program,
    ProgramEvent,
    ProgramItem,
)
from patients.models.assignment import Override
from programs.models import Gate, LevelVersion
from programs.rules import Outcome, Scope

STRICTER = (Outcome.REPEAT_LIGHTER, Outcome.REGRESS, Outcome.STOP_AND_FLAG)


@dataclass(frozen=True)
class Stop:
    """What one judged log wants stopped."""

    scope: Scope
    item: ProgramItem
    rule_id: str
    reason: str
    severity: int


@dataclass
class Court:
    """What is needed to judge the items of one program in one transaction, read once; and what came of it.

    Its methods are all that judging asks of the database: a dry run overrides them and judges in memory.
    """

    program: Program
    items: list[ProgramItem]
    actor: User | None
    now: datetime
    logs: dict[tuple[UUID, date], list[ExerciseLog]] = field(default_factory=lambda: defaultdict(list))
    questions: dict[tuple[str, date], NextDayQuestion] = field(default_factory=dict)
    earlier: dict[UUID, list[Decision]] = field(default_factory=lambda: defaultdict(list))
    made: list[Decision] = field(default_factory=list)
    judged: bool = False
    stops: list[Stop] = field(default_factory=list)
    spared: set[tuple[UUID, date]] = field(default_factory=set)  # another exercise is stepped back for that day
    rises: bool = True  # False: an older log came or changed, and nothing gets harder for it (handbook E5)
    stands_from: date | None = None  # from that day on, what was made easier stays so
    told: list[PainReport] = field(default_factory=list)  # what the same logs say now, and did not before
    notes: list[tuple[ProgramItem, str, str]] = field(default_factory=list)  # exercise, kind and level of an event
    _holds: list[Hold] | None = None
    _pauses: list[tuple[datetime, datetime | None]] | None = None  # from, until; the last may be open
    _levels: dict[UUID, list[LevelVersion]] = field(default_factory=lambda: defaultdict(list))
    _gates: set[str] | None = None
    _log_gates: set[str] | None = None
    _half_gates: set[str] = field(default_factory=set)

    @property
    def today(self) -> date:
        return local_date(self.now, self.program.patient.zone)

    def levels(self, item: ProgramItem) -> list[LevelVersion]:
        """The rungs of the item's ladder in order; one query for all items of the court."""
        if not self._levels:
            wanted = {one.ladder_version_id for one in self.items}
            for level in LevelVersion.objects.filter(ladder_version__in=wanted).order_by("position"):
                self._levels[level.ladder_version_id].append(level)
        return self._levels[item.ladder_version_id]

    def gates(self) -> set[str]:
        if self._gates is None:
            rows = GateRecord.objects.met().filter(patient=self.program.patient_id)
            self._gates = set(rows.values_list("code", flat=True))
        return self._gates

    def log_gates(self) -> set[str]:
        """Codes of gates that a log sets: those it may set alone, and those that only wait for it."""
        if self._log_gates is None:
            waits = GateRecord.objects.standing().filter(
                patient=self.program.patient_id, code=OuterRef("code"), waiting_for=GateRecord.Waiting.LOG
            )
            found = Gate.objects.filter(clinic=self.program.patient.clinic_id, recorded_by__in=("log", BOTH))
            rows = list(found.values_list("code", "recorded_by", Exists(waits)))
            self._log_gates = {code for code, by, is_last in rows if by == "log" or is_last}
            self._half_gates = {code for code, _by, _is_last in rows} - self._log_gates
        return self._log_gates

    def half_gates(self) -> set[str]:
        """Codes of gates of which a log is one part, and a therapist, who has not spoken yet, the other."""
        self.log_gates()
        return self._half_gates

    def read_history(self, *, since: date) -> None:
        """Read logs, questions and decisions from `since` on, all holds and pauses: five queries whatever the items."""
        logs = ExerciseLog.objects.filter(
            item__in=self.items, session__is_current=True, session__local_date__gte=since, skipped=""
        ).select_related("session", "level")
        for log in logs.order_by("session__performed_at", "pk"):
            if log.pk not in {known.pk for known in self.logs[log.item_id, log.session.local_date]}:
                self.logs[log.item_id, log.session.local_date].append(log)
        for question in NextDayQuestion.objects.filter(patient=self.program.patient_id, local_date__gte=since):
            self.questions.setdefault((question.region, question.local_date), question)
        rows = Decision.objects.filter(item__in=self.items, local_date__gte=since).order_by("sequence")
        for row in rows:
            self.earlier[row.item_id].append(row)
        self._holds = list(Hold.objects.filter(patient=self.program.patient_id))
        self._pauses = _pauses_of(self.program)

    def stopped_at(self, item: ProgramItem, moment: datetime) -> bool:
        """Whether a hold lay over `item` before `moment` and still did then."""
        if self._holds is None:
            return item.stopped_by_id is not None
        return any(
            hold.opened_at < moment and (hold.released_at is None or hold.released_at > moment)
            for hold in self._holds
            if holding.stops(hold, item)
        )

    def override_at(self, item: ProgramItem, moment: datetime) -> str:
        """What a person had set over the rules at `moment`: a pause as it was then, a lock as it is now."""
        if self._pauses is None or item.override == Override.LOCK:
            return item.override
        is_paused = any(
            since <= moment and (item.override == Override.PAUSE if until is None else moment < until)
            for since, until in self._pauses
        )
        return Override.PAUSE if is_paused else Override.NONE

    def performed_before(self, item: ProgramItem, day: date) -> date | None:
        """The last day before `day` on which `item` was performed."""
        logs = ExerciseLog.objects.current().filter(item=item, skipped="", session__local_date__lt=day)
        found: date | None = logs.aggregate(last=Max("session__local_date"))["last"]
        return found

    def advances_since(self, moment: datetime) -> list[Decision]:
        """Decisions applied after `moment` that made an exercise of the program harder."""
        rows = Decision.objects.filter(item__program=self.program, outcome=Outcome.ADVANCE, applied_at__gt=moment)
        return list(rows)

    def changed_last(self, items: Sequence[ProgramItem], *, before: datetime) -> dict[UUID, datetime]:
        """Item id → when its level or dose last changed."""
        moved = Q(level_to__gt="") | Q(change__in=("load", "restore")) | Q(outcome__in=("dose", "repeat_lighter"))
        rows = Decision.objects.filter(moved, item__in=items, applied_at__isnull=False, decided_at__lt=before)
        return dict(rows.values_list("item").annotate(last=Max("decided_at")))

    def record_gate(self, item: ProgramItem, code: str, logs: Sequence[ExerciseLog]) -> None:
        item.episode.patient = self.program.patient
        session = logs[-1].session if logs else None
        record_gate(item.episode, code, how=How.LOG, session=session, actor=None, now=self.now)

    def place(self, stop: Stop) -> Hold:
        return holding.place(
            self.program.patient,
            self.program,
            self.items,
            scope=stop.scope,
            item=stop.item,
            region=stop.item.region,
            severity=stop.severity,
            rule_id=stop.rule_id,
            reason=stop.reason,
            actor=self.actor,
            now=self.now,
        )


def _pauses_of(program: Program) -> list[tuple[datetime, datetime | None]]:
    """When the whole program was paused, from and until."""
    pauses: list[tuple[datetime, datetime | None]] = []
    events = ProgramEvent.objects.filter(program=program, kind__in=("pause", "unpause")).order_by("at", "pk")
    for kind, at in events.values_list("kind", "at"):
        is_open = bool(pauses) and pauses[-1][1] is None
        if kind == "pause" and not is_open:
            pauses.append((at, None))
        elif kind == "unpause" and is_open:
            pauses[-1] = (pauses[-1][0], at)
    return pauses
