"""One made-up patient's weeks on a program: nights tick, mornings answer, evenings train, once a week somebody looks.

Every judgement is the real one. What people of the clinic would do is assumed, and said on the page: a stopped exercise
goes on lighter after three days; on the weekly visit waiting steps are approved, and a phase whose days are over is
signed off.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from patients import holding
from patients.adjustments import resume_with
from patients.answers import judge_answer
from patients.assignments import new_item, start_level
from patients.enforcing import enforce
from patients.judging import judge_gap
from patients.midnight import NO_LOG_DAYS, STALL_DAYS, gap_of, new_tier
from patients.models import (
    Decision,
    Episode,
    ExerciseLog,
    NextDayQuestion,
    PainReport,
    Patient,
    Program,
    ProgramItem,
    Session,
)
from patients.phases import Progress, exit_holds
from patients.program_items import move_to
from patients.questions import STAYS_OPEN, opens_at
from patients.sessions import judge_session
from patients.simulation.book import Book
from patients.simulation.court import Rehearsal
from patients.simulation.people import Person, Work
from patients.ticks import STAND_IN_FROM, STAND_IN_TO
from programs.dose import from_json
from programs.models import LevelVersion, Phase

FIRST_DAY = date(2026, 1, 5)  # a Monday; no change of clocks in UTC
RELEASED_AFTER = timedelta(days=3)
VISIT_EVERY = 7
ANSWERS_AT, VISITS_AT, TRAINS_AT = time(13, 30), time(15, 0), time(19, 0)


@dataclass
class Told:
    """What became of one person: the raw material of every count."""

    decisions: list[Decision] = field(default_factory=list)
    reports: list[tuple[int, PainReport]] = field(default_factory=list)  # with the day each was made on
    reached: dict[str, int] = field(default_factory=dict)  # level code → first day on it
    stalls: list[tuple[str, str]] = field(default_factory=list)  # level code, and the rule that spoke last there
    logs: int = 0


class Life:
    def __init__(self, person: Person, book: Book) -> None:
        self.person, self.book = person, book
        self.told = Told()
        self.times_here: dict[tuple[str, str], int] = defaultdict(int)  # (ladder, level) → sessions since it began
        episode = Episode(usual_pain=person.usual, side=person.side, region="")
        self.patient = Patient(zone="UTC")
        self.program = Program(
            patient=self.patient,
            episode=episode,
            pain_policy=book.pain_policy,
            started_on=FIRST_DAY,
            path=book.path,
        )
        self.court = Rehearsal(program=self.program, items=[], actor=None, now=_at(0, TRAINS_AT))
        self.court._levels.update({levels[0].ladder_version_id: levels for levels in book.levels.values() if levels})
        self.court._gates, self.court._log_gates = set(), book.log_gates
        self._enter(book.phases[0], 0)

    def live(self, days: int) -> Told:
        for day in range(days):
            self._night(day)
            self._morning(day)
            if day % VISIT_EVERY == VISIT_EVERY - 1:
                self._visit(day)
            self._evening(day)
            for item in self.court.items:
                self.told.reached.setdefault(item.level.code, day)
        return self.told

    # The day

    def _night(self, day: int) -> None:
        """What the midnight before `day` does: questions run out, days off count, phases end, stalls show."""
        court = self._begin(day, time(0, 1))
        for question in self._waiting():
            if question.closes_at <= court.now:
                self._expire(question)
        for item in court.items:
            gap = gap_of(item, _date(day))
            if new_tier(item, gap):
                row = judge_gap(court, item, gap=gap, on=_date(day))
                self.told.reports.append((day, PainReport(item=item, region=item.region, facts=row.facts)))
        self._close()
        self._leave_phase(day)
        self._note_stalls(day)

    def _morning(self, day: int) -> None:
        court = self._begin(day, ANSWERS_AT)
        for question in self._waiting():
            asked_about = (question.local_date - FIRST_DAY).days
            answer = self.person.answers(asked_about, self._worst(question))
            if answer and asked_about == day - 1 and question.opens_at <= court.now < question.closes_at:
                question.pain, question.compared = answer
                question.answered_at = court.now
                self._judge_answer(question, day)

    def _visit(self, day: int) -> None:
        court = self._begin(day, VISITS_AT)
        for hold in [hold for hold in court.holds if hold.opened_at <= court.now - RELEASED_AFTER]:
            court.holds.remove(hold)
            for item in [item for item in court.items if item.stopped_by_id == hold.pk]:
                item.stopped_by = holding.widest(court.holds, item)
                before = item.level.code
                resume_with(item, "lighter", today=_date(day))
                self._act(item, "release", before)
        for item in court.items:
            if item.stopped_by_id is None and self._last_proposal(item) in ("gate_check", "advance"):
                self._step_up(item, day)
        self._leave_phase(day, signed_off=day >= self._days_over())

    def _evening(self, day: int) -> None:
        today = [item for item in self.court.items if self._trains(item, day)]
        bouts = {item: from_json(item.dose).per_day_low for item in today}
        works = {item: self._work(item, day) for item in today}
        for bout in range(max(bouts.values(), default=0)):
            hour = timedelta(hours=3 * (max(bouts.values()) - 1 - bout))
            court = self._begin(day, TRAINS_AT, earlier=hour)
            session = self._session(day)
            logs = [_log(session, item, works[item]) for item in today if bout < bouts[item]]
            self.told.reports += [(day, report) for report in judge_session(court, session, logs)]
            self.told.logs += len(logs)
            for region, at in opens_at(court, session, {log.item.region for log in logs}).items():
                self._ask(region, session.local_date, at)
            self._close()
        for item in today:
            self.times_here[item.ladder_version.code, item.level.code] += 1

    # What the day is made of

    def _begin(self, day: int, wall: time, earlier: timedelta = timedelta(0)) -> Rehearsal:
        self.court.now = _at(day, wall) - earlier
        return self.court

    def _close(self) -> None:
        enforce(self.court)
        self.told.decisions += self.court.rise()

    def _waiting(self) -> list[NextDayQuestion]:
        return [one for one in self.court.questions.values() if one.answered_at is None and one.expired_at is None]

    def _ask(self, region: str, day: date, at: datetime) -> None:
        question = self.court.questions.get((region, day)) or NextDayQuestion(
            patient=self.patient, program=self.program, region=region, local_date=day
        )
        question.opens_at, question.closes_at = at, at + STAYS_OPEN
        self.court.questions[region, day] = question

    def _logs_about(self, question: NextDayQuestion) -> list[ExerciseLog]:
        return [
            log
            for (_item, day), logs in self.court.logs.items()
            for log in logs
            if day == question.local_date and log.item.region == question.region
        ]

    def _worst(self, question: NextDayQuestion) -> int:
        return max((max(log.pain_during or 0, log.pain_after or 0) for log in self._logs_about(question)), default=0)

    def _expire(self, question: NextDayQuestion) -> None:
        """Unanswered; for strength the next pain before a session may stand in (handbook E16)."""
        question.expired_at = self.court.now
        about = self._logs_about(question)
        if about and all(log.item.ladder_version.kind == "strength" for log in about):
            at = max(log.session.performed_at for log in about)
            later = [
                log
                for logs in self.court.logs.values()
                for log in logs
                if at + STAND_IN_FROM <= log.session.performed_at <= at + STAND_IN_TO
                and log.item.region == question.region
            ]
            if later:
                first = min(later, key=lambda log: log.session.performed_at)
                question.pain, question.compared = first.pain_before, "same"
                question.answered_at, question.source = question.closes_at, "proxy"
        self._judge_answer(question, (self.court.now.date() - FIRST_DAY).days)

    def _judge_answer(self, question: NextDayQuestion, day: int) -> None:
        if any(log.item in self.court.items for log in self._logs_about(question)):
            self.told.reports += [(day, report) for report in judge_answer(self.court, question)]
        self._close()

    def _trains(self, item: ProgramItem, day: int) -> bool:
        if item.stopped_by_id or item.starts_on > _date(day):
            return False
        return self.person.trains(day, item.level.content["per_week_low"])

    def _work(self, item: ProgramItem, day: int) -> Work:
        code = item.ladder_version.code
        return self.person.works(day, code, self.times_here[code, item.level.code], from_json(item.dose))

    def _session(self, day: int) -> Session:
        return Session(
            patient=self.patient,
            program=self.program,
            performed_at=self.court.now,
            local_date=_date(day),
            zone="UTC",
            logged_at=self.court.now + timedelta(hours=self.person.hours_late(day)),
        )

    # What the clinic does

    def _last_proposal(self, item: ProgramItem) -> str:
        rows = self.court.earlier[item.pk]
        return rows[-1].proposal if rows else ""

    def _step_up(self, item: ProgramItem, day: int) -> None:
        """A therapist approves: the gates of the next level are recorded, and the exercise moves."""
        above = next((one for one in self.court.levels(item) if one.position == item.level.position + 1), None)
        if above is not None:
            before = item.level.code
            self.court.gates().update(above.content["requires_gates"])
            move_to(item, above, today=_date(day))
            self._act(item, "level", before)

    def _act(self, item: ProgramItem, kind: str, before: str) -> None:
        item.sequence += 1
        row = Decision(
            item=item,
            sequence=item.sequence,
            trigger=Decision.Trigger.PERSON,
            local_date=self.court.now.date(),
            outcome=kind,
            facts={},
            decided_at=self.court.now,
            applied_at=self.court.now,
            level_from=before,
            level_to=item.level.code if item.level.code != before else "",
        )
        self.court.earlier[item.pk].append(row)

    # Phases

    def _days_over(self) -> int:
        """The day from which the running phase has had its days."""
        assert self.program.phase is not None
        length = self.program.phase.day_to - self.program.phase.day_from
        return (self.program.phase_started_on - FIRST_DAY).days + length

    def _leave_phase(self, day: int, *, signed_off: bool = False) -> None:
        phase = self.program.phase
        assert phase is not None
        later = self.book.phases[phase.position + 1 :]
        if signed_off and any(item.cap and item.level.position >= item.cap.position for item in self.court.items):
            named = [*phase.exit.get("all", []), *phase.exit.get("any", [])]
            self.court.gates().update(one["gate"] for one in named if "gate" in one)
        if later and exit_holds(phase.exit, self._progress(signed_off)):
            self._enter(later[0], day)

    def _progress(self, signed_off: bool) -> Progress:
        progress = Progress(self.program, signed_off=signed_off)
        levels = [level for item in self.court.items for level in self.court.levels(item)]
        mine = {item.pk for item in self.court.items}
        logs = [log for (item, _day), logs in self.court.logs.items() if item in mine for log in logs]
        progress.items = self.court.items
        progress.positions = {level.code: level.position for level in levels}
        progress.gates = self.court.gates()
        progress.logs = sorted(
            (log for log in logs if log.session.local_date >= self.program.phase_started_on),
            key=lambda log: log.session.performed_at,
        )
        return progress

    def _enter(self, phase: Phase, day: int) -> None:
        """As `patients.assignments.enter_phase`: what goes on keeps its level, what is new starts, the rest ends."""
        self.program.phase, self.program.phase_started_on = phase, _date(day)
        current = {item.ladder_version.code: item for item in self.court.items}
        kept = []
        for ladder, part in self.book.parts[phase.pk]:
            levels = {level.code: level for level in self.book.levels[ladder]}
            item = current.get(ladder)
            if item is None:
                level = start_level(levels, part, self._reached(self.book.levels[ladder]))
                item = new_item(self.program, self.program.episode, level, today=_date(day), from_day=part.from_day)
            item.cap, item.approval = levels.get(part.cap_code), self.book.approval
            if item.stopped_by_id is None:
                item.stopped_by = holding.widest(self.court.holds, item)
            kept.append(item)
        self.court.items = kept

    def _reached(self, levels: Sequence[LevelVersion]) -> set[str]:
        """Codes of the levels at or below the highest one this person was on."""
        top = max((one.position for one in levels if one.code in self.told.reached), default=0)
        return {one.code for one in levels if one.position <= top}

    def _note_stalls(self, day: int) -> None:
        """Three weeks on a level although training (FL-STALL), counted once a level."""
        today = _date(day)
        for item in self.court.items:
            stuck = (today - item.level_since).days == STALL_DAYS and not item.level.content["terminal"]
            if stuck and item.last_performed_on and (today - item.last_performed_on).days <= NO_LOG_DAYS:
                spoke = [row.rule_id for row in self.court.earlier[item.pk] if row.rule_id and not row.provisional]
                self.told.stalls.append((item.level.code, spoke[-1] if spoke else ""))


def _log(session: Session, item: ProgramItem, work: Work) -> ExerciseLog:
    dose = from_json(item.dose)
    key, low = ("reps", dose.reps_low) if dose.reps_low else ("seconds", dose.seconds_low or 1)
    if item.level.content["mode"] == "fatigue":  # on and on, up to the top of the range
        low = dose.reps_high or low
    share = {"left": work.left, "right": work.right, "both": min(work.left, work.right)}
    sides = item.sides_asked(item.level.content["sides"])
    return ExerciseLog(
        session=session,
        item=item,
        level=item.level,
        prescribed=item.dose,
        sets=[{"side": side, key: int(low * share[side] + 1e-9)} for side in sides for _set in range(dose.sets)],
        pain_before=work.before,
        pain_during=work.during,
        pain_after=work.after,
        form=work.form,
        cramp=work.cramp,
    )


def _date(day: int) -> date:
    return FIRST_DAY + timedelta(days=day)


def _at(day: int, wall: time) -> datetime:
    return datetime.combine(_date(day), wall, tzinfo=UTC)
