"""Plays the days: sessions in the evening, answers at lunch time, midnights, and a team that follows up."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.absence import set_absence
from clinic.demo_cast import DOMAIN
from clinic.models import Clinic, Membership, User
from clinic.zones import instant
from patients import adjustments, assignments, flagging, follow_up, ticks
from patients.answers import answer_question
from patients.episodes import discharge, open_episode
from patients.equipment import set_equipment
from patients.exceptions import allow
from patients.gates import record_gate
from patients.messages import send_message
from patients.models import Hold, NextDayQuestion, PainFlag, Patient, Program, ProgramItem
from patients.models.consent import ConsentKind
from patients.people import add_patient, add_proxy, give_consent
from patients.sessions import Entry, SetDone, log_session
from patients.swaps import swap_for_equal
from programs.dose import from_json
from programs.models import ProgramVersion
from reminders import delivery, outbox
from reminders.demo.cast import AWAY, Asker, Case
from reminders.demo.trials import Trials

EVERYDAY = (
    ConsentKind.TREATMENT,
    ConsentKind.PRIVACY,
    ConsentKind.HEALTH_DATA,
    ConsentKind.EMAIL,
    ConsentKind.REMINDERS,
)


@dataclass
class Person:
    case: Case
    patient: Patient
    program: Program
    dice: random.Random


POST_DAYS = 5
LATEST_DAYS = 3
Act = Callable[[Person, int, datetime], None]


class History:
    """The clinic's past, up to `now`. Seeded, so that every start gives the same clinic relative to today."""

    def __init__(
        self,
        clinic: Clinic,
        team: dict[str, User],
        cases: tuple[Case, ...],
        askers: tuple[Asker, ...],
        *,
        now: datetime,
    ) -> None:
        self.clinic, self.team, self.cases, self.now = clinic, team, cases, now
        self.today: date = now.astimezone(clinic.tz).date()
        self.versions = {
            version.template.code: version
            for version in ProgramVersion.objects.of(clinic).published().select_related("template")
        }
        self.people: list[Person] = []
        self.asked: Mapping[UUID, list[NextDayQuestion]] = {}
        self.trials = Trials(clinic, askers, therapist=next(iter(team.values())))

    def at(self, days_ago: int, hour: int, minute: int = 0) -> datetime:
        return instant(self.today - timedelta(days=days_ago), time(hour, minute), self.clinic.zone)

    def play(self) -> None:
        for days_ago in range(max(case.started for case in self.cases), -1, -1):
            for step in self._day(days_ago):
                if step > self.now:
                    return
                flagging.assess_waiting_reports(now=step)

    def _day(self, days_ago: int) -> Iterator[datetime]:
        """Everything of one day in the order of the clock; gives the time after each part."""
        midnight = self.at(days_ago, 0, 2)
        if midnight <= self.now:
            ticks.tick(now=midnight)
        yield midnight
        morning = self.at(days_ago, 9, 30)
        if morning <= self.now:
            self._team_follows_up(days_ago, morning)
            for case in self.cases:
                if case.started == days_ago:
                    self.people.append(self._welcome(case, now=morning))
            for asker, patient, program in self.trials.morning(days_ago, now=morning):
                dice = random.Random(asker.name)  # noqa: S311 - a story, not a secret
                case = Case(asker.name, asker.address, "dana", "TRIAL_STARTER_14D", days_ago, "", asker.habit)
                self.people.append(Person(case, patient, program, dice))
        yield morning
        self.asked = self._open_questions(self.at(days_ago, 13))
        yield from self._each(days_ago, 13, self._answers)
        yield from self._each(days_ago, 16, self._trains)
        yield self._post(days_ago, 18, 15)
        yield from self._each(days_ago, 21, self._last_words)
        evening = self.at(days_ago, 21, 30)
        if evening <= self.now:
            self.trials.evening(days_ago, now=evening)
            if days_ago == 1:
                self._goes_away(now=evening)
        yield evening

    def _post(self, days_ago: int, hour: int, minute: int) -> datetime:
        """The post of the last days; older mails would only fill the list."""
        now = self.at(days_ago, hour, minute)
        if days_ago <= POST_DAYS and now <= self.now:
            outbox.plan_messages(now=now)
            outbox.plan_urgent(now=now)
            delivery.send_messages(now=now)
        return now

    def _each(self, days_ago: int, hour: int, act: Act) -> Iterator[datetime]:
        self._read_again()
        for minute, person in enumerate(self.people):
            now = self.at(days_ago, hour, minute)
            if now <= self.now and person.program.ended_on is None:
                act(person, days_ago, now)
        yield self.at(days_ago, hour, 59)

    def _read_again(self) -> None:
        """What the verbs have done to the programs since."""
        fresh = Program.objects.in_bulk([person.program.pk for person in self.people])
        for person in self.people:
            program, now = person.program, fresh[person.program.pk]
            program.ended_on, program.phase_id = now.ended_on, now.phase_id
            program.phase_started_on = now.phase_started_on

    # Arriving

    def _welcome(self, case: Case, *, now: datetime) -> Person:
        owner = self.team.get(case.owner)
        patient = add_patient(
            self.clinic,
            name=case.name,
            email=f"{case.address}@{DOMAIN}" if case.address else "",
            phone=f"020 7946 0{300 + len(self.people):03d}",
            owner=owner,
            equipment=case.equipment,
            actor=owner,
            now=now,
        )
        for kind in EVERYDAY if case.address else EVERYDAY[:3]:
            give_consent(patient, kind, source="paper", actor=owner, now=now)
        if case.carer:
            address = f"{case.carer.split(' ')[0].lower()}@{DOMAIN}"
            add_proxy(patient, user_email=address, name=case.carer, relation="daughter", actor=owner, now=now)
        if case.asked_for_equipment:
            set_equipment(patient, [], actor=owner, now=now)
        program = self._assign(patient, case, case.template, dict(case.episode), now=now)
        if case.second:
            lower_back = {"reason": "Low back when bending", "region": "lumbar", "side": "both"}
            self._assign(patient, case, case.second, lower_back, now=now)
        for ladder, level in case.set_levels.items():
            item = ProgramItem.objects.get(program=program, ladder_version__code=ladder)
            item.cap = None
            item.save(update_fields=["cap"])
            adjustments.set_level(item, level, reason="Seen in the clinic today", actor=owner, now=now)
        return Person(case, patient, program, random.Random(case.name))  # noqa: S311 - a story, not a secret

    def _assign(
        self, patient: Patient, case: Case, template: str, episode: Mapping[str, object], *, now: datetime
    ) -> Program:
        ordinary = {
            "reason": "Pain at the back of the thigh",
            "region": "posterior_thigh_hip",
            "side": "left",
            "usual_pain": 2,
            "slump": "unchanged",
            "leg_tingling": False,
        }
        actor = self.team.get(case.owner)
        opened = open_episode(patient, **{**ordinary, **episode}, actor=actor, now=now)  # type: ignore[arg-type]
        for code in case.gates:
            record_gate(opened, code, actor=actor, now=now)
        if case.exempt and actor:
            again = (now + timedelta(days=30)).date()
            opened = allow(
                opened, case.exempt, reason="Steady beside a rail.", review_on=again, actor=actor, now=now
            ).episode
        return assignments.assign(opened, self.versions[template], path=case.path, actor=actor, now=now)

    # The patient's day

    def _open_questions(self, now: datetime) -> dict[UUID, list[NextDayQuestion]]:
        found = defaultdict(list)
        of_ours = NextDayQuestion.objects.open(now).filter(patient__in=[person.patient.pk for person in self.people])
        for question in of_ours.select_related("program__patient", "program__version", "program__phase"):
            found[question.patient_id].append(question)
        return found

    def _answers(self, person: Person, days_ago: int, now: datetime) -> None:
        case = person.case
        for question in self.asked.get(person.patient.pk, ()):
            if person.dice.random() > case.habit.answers:
                continue
            asked = (self.today - question.local_date).days
            pain = case.habit.next_day.get(asked, case.habit.ordinary)
            worse = asked in case.habit.next_day
            answer_question(
                question,
                pain=pain,
                compared="worse" if worse else "same",
                source="phone" if case.habit.on_paper else "portal",
                actor=self._writer(person),
                now=now,
            )

    def _trains(self, person: Person, days_ago: int, now: datetime) -> None:
        case, dice = person.case, person.dice
        day = self.today - timedelta(days=days_ago)
        hurts_today = days_ago in case.habit.flares or (case.red_flag is not None and case.red_flag[0] == days_ago)
        comes = (
            days_ago % 7 if case.habit.counted_back else day.weekday()
        ) in case.habit.days and dice.random() < case.habit.keeps
        if days_ago < case.habit.stops_after or not (comes or hurts_today):
            return
        found = ProgramItem.objects.filter(program=person.program, ended_on=None, stopped_by=None, starts_on__lte=day)
        items = list(found.select_related("level", "ladder_version").order_by("position"))
        if not items:
            return
        bouts = max(from_json(item.dose).per_day_low for item in items)
        for bout in range(min(bouts, 3)):
            doing = [item for item in items if from_json(item.dose).per_day_low > bout]
            log_session(
                person.program,
                client_id=UUID(int=dice.getrandbits(128), version=4),
                entries=[self._entry(person, item, days_ago, first=number == 0) for number, item in enumerate(doing)],
                effort=dice.choice([4, 5, 5, 6]),
                note=case.habit.notes.get(days_ago, "") if bout == 0 else "",
                red_flags=[case.red_flag[1]] if case.red_flag and case.red_flag[0] == days_ago else [],
                source="paper" if case.habit.on_paper else "portal",
                actor=self._writer(person),
                now=now - timedelta(hours=3 * (bouts - 1 - bout)),
            )

    def _entry(self, person: Person, item: ProgramItem, days_ago: int, *, first: bool) -> Entry:
        """As planned, a little above the low end; what hurts, hurts in the first exercise."""
        habit, dice = person.case.habit, person.dice
        dose = from_json(item.dose)
        low, high = dose.reps_low or dose.seconds_low or 1, dose.reps_high or dose.seconds_high or 1
        done = min(high, low + dice.choice([0, 0, 1, 2, 4]))
        unit = "reps" if dose.reps_low else "seconds"
        weaker = {"right": habit.weaker_right}
        sides = item.sides_asked(item.level.content["sides"])
        pain = habit.flares.get(days_ago, habit.ordinary) if first else habit.ordinary
        return Entry(
            item_id=item.pk,
            sets=[
                SetDone(side=side, **{unit: max(1, int(done * weaker.get(side, 1)))})
                for side in sides
                for _set in range(dose.sets)
            ],
            pain_before=habit.ordinary,
            pain_during=pain,
            pain_after=max(habit.ordinary, pain - 2),
            form="partly" if days_ago in habit.shaky else "ok",
            cramp="resolved" if first and days_ago in habit.cramps else "",
            words=habit.words if first and dice.random() < 0.3 else (),
        )

    def _last_words(self, person: Person, days_ago: int, now: datetime) -> None:
        case = person.case
        if case.message and days_ago == 1:
            send_message(person.patient, case.message, from_clinic=False, actor=person.patient.user, now=now)
        if case.swap and case.swap[0] == days_ago and person.patient.user:
            _days, old, new = case.swap
            item = ProgramItem.objects.get(program=person.program, level__code=old, ended_on=None)
            swap_for_equal(item, new, actor=person.patient.user, now=now)
        if case.discharged and days_ago == case.discharged:
            owner = self.team.get(case.owner)
            summary = "Runs and sits without pain. Keeps the ball bridge twice a week."
            discharge(person.program.episode, summary=summary, actor=owner, now=now)
            person.program.refresh_from_db()

    def _writer(self, person: Person) -> User | None:
        return self.team["ravi"] if person.case.habit.on_paper else person.patient.user

    # The team's day

    def _team_follows_up(self, days_ago: int, now: datetime) -> None:
        """Every morning the team sees to yesterday's flags; each case says how far it has got with the latest one."""
        flags = PainFlag.objects.of(self.clinic).waiting().filter(opened_at__lt=now - timedelta(hours=10))
        cases = {person.patient.pk: person.case for person in self.people}
        for flag in flags.select_related("patient__owner").order_by("opened_at", "pk"):
            actor = self._on_duty(flag.patient.owner, days_ago)
            how_far = cases[flag.patient_id].follow_up if days_ago <= LATEST_DAYS else "close"
            if how_far == "close":
                self._close(flag, actor, now)
            elif how_far == "snooze" and flag.snoozed_until is None and flag.severity >= 3:
                until = now + timedelta(hours=70)
                follow_up.snooze(flag, until=until, reason="Visit booked this week", actor=actor, now=now)
            elif how_far in ("take", "contact") and flag.owner_id is None:
                follow_up.take(flag, actor=actor, now=now)
                if how_far == "contact":
                    self._call(flag, "Seen by video. Sees the family doctor tomorrow.", actor, now)

    def _on_duty(self, owner: User | None, days_ago: int) -> User:
        away, substitute = (self.team.get(address) for address in AWAY)
        if days_ago == 0 and owner == away and substitute:
            return substitute
        return owner or next(iter(self.team.values()))

    def _goes_away(self, *, now: datetime) -> None:
        away, substitute = (self.team.get(address) for address in AWAY)
        if away and substitute:
            member = Membership.objects.of(self.clinic).get(user=away)
            last = self.today + timedelta(days=6)
            set_absence(member, first=self.today, last=last, substitute=substitute, actor=away, now=now)

    def _call(self, flag: PainFlag, note: str, actor: User, now: datetime) -> None:
        follow_up.log_contact(flag, channel="phone", outcome="reached", note=note, actor=actor, now=now)

    def _close(self, flag: PainFlag, actor: User, now: datetime) -> None:
        if flag.owner_id is None:
            follow_up.take(flag, actor=actor, now=now)
        self._call(flag, "Spoke for five minutes.", actor, now)
        held = Hold.objects.filter(patient=flag.patient_id, released_at=None).exists()
        follow_up.resolve(
            flag,
            code="dose_reduced" if held else "expected_soreness",
            note="Did too much at once. Goes on lighter." if held else "Ordinary soreness, settled by noon.",
            effect="lighter" if held else "none",
            actor=actor,
            now=now + timedelta(minutes=5),
        )
