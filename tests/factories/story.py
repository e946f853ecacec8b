"""Three weeks of a patient, told day by day: mornings answer, evenings train, midnights tick, and the flags follow."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clinic.zones import instant, local_date
from patients import flagging, ticks
from patients.answers import answer_question
from patients.models import Decision, NextDayQuestion, PainFlag, Program, ProgramItem
from patients.sessions import Logged
from tests.factories.programs import a_session, as_planned, item_of


@dataclass
class Story:
    """`day` counts from 0, the day the program was assigned. Everything goes through the verbs with a given now."""

    program: Program
    started: date
    told: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, program: Program) -> "Story":
        return cls(program=program, started=program.started_on)

    def at(self, day: int, hour: int, minute: int = 0) -> datetime:
        return instant(self.started + timedelta(days=day), time(hour, minute), self.program.patient.zone)

    def trains(self, day: int, *ladders: str, bouts: int = 1, **given: object) -> Logged:
        """The given exercises as planned, in the evening, every bout of the day; `given` changes pain, words, form …"""
        logged = None
        for bout in range(bouts):
            now = self.at(day, 19 - 3 * (bouts - 1 - bout))
            session = {key: given[key] for key in ("red_flags", "neuro") if key in given}
            entry = {key: value for key, value in given.items() if key not in session}
            items = [item_of(self.program, ladder) for ladder in ladders]
            logged = a_session(self.program, *[as_planned(item, **entry) for item in items], now=now, **session)
            flagging.assess_waiting_reports(now=now)
        assert logged is not None
        return logged

    def answers(self, day: int, *, pain: int, compared: str = "same") -> None:
        """Around one o'clock: every open question gets the same answer."""
        now = self.at(day, 13, 30)
        for question in NextDayQuestion.objects.filter(patient=self.program.patient).open(now):
            answer_question(question, pain=pain, compared=compared, actor=self.program.patient.user, now=now)
        flagging.assess_waiting_reports(now=now)

    def night(self, day: int) -> None:
        """A minute past midnight after `day`."""
        now = self.at(day + 1, 0, 1)
        ticks.tick(now=now)
        flagging.assess_waiting_reports(now=now)

    def level(self, ladder: str) -> str:
        return item_of(self.program, ladder).level.code

    def item(self, ladder: str) -> ProgramItem:
        return item_of(self.program, ladder)

    def flags(self) -> list[tuple[str, int]]:
        flags = PainFlag.objects.filter(patient=self.program.patient).order_by("opened_at", "code")
        return [(flag.code, flag.severity) for flag in flags]

    def moves(self, ladder: str) -> list[tuple[int, str, str]]:
        """(day, from, to) of every level change, in order."""
        rows = Decision.objects.filter(item__program=self.program, item__ladder_version__code=ladder)
        rows = rows.exclude(level_to="").order_by("decided_at", "sequence")
        zone = self.program.patient.zone
        return [((local_date(row.decided_at, zone) - self.started).days, row.level_from, row.level_to) for row in rows]
