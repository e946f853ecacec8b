"""Logs, corrections, answers, midnights and people in any order, over the real verbs (handbook 2.6, points 6 and 7).

A few runs each time; `HYPOTHESIS_PROFILE=long` makes as many as one has patience for.
"""

import os
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from clinic.zones import local_date
from patients import adjustments, flagging, ledger, ticks
from patients.answers import answer_question
from patients.corrections import correct, take_back
from patients.court import Court
from patients.models import Decision, ExerciseLog, Hold, NextDayQuestion, PainFlag, Session
from patients.program_items import locked_items
from patients.replays import judge_days
from patients.sessions import SetDone
from tests.factories.programs import a_session, as_planned, item_of
from tests.factories.story import Story

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"
TRY = settings(
    max_examples=400 if LONG else 4,
    stateful_step_count=30 if LONG else 12,
    deadline=None,
    database=None,
    derandomize=not LONG,
    suppress_health_check=list(HealthCheck),
    phases=list(Phase) if LONG else [Phase.generate],
)

felt = st.fixed_dictionaries(
    {
        "pain": st.sampled_from([0, 1, 1, 1, 2, 3, 4, 6, 8]),
        "share": st.sampled_from([1.0, 1.0, 1.0, 0.9, 0.4, 2.5]),
        "form": st.sampled_from(["ok", "ok", "ok", "partly", "lost"]),
        "cramp": st.sampled_from(["", "", "", "resolved", "unresolved"]),
    }
)
answers = st.sampled_from([(0, "same"), (1, "same"), (1, "better"), (3, "same"), (5, "worse"), (9, "worse")])


def entry(item, how):
    """The item as prescribed now, done to a share of it, and how that felt."""
    planned = as_planned(item, pain_before=1, pain_during=how["pain"], pain_after=min(how["pain"], 2))
    sets = [SetDone(one.side, reps=max(1, int((one.reps or 1) * how["share"]))) for one in planned.sets]
    return type(planned)(**{**_fields(planned), "sets": sets, "form": how["form"], "cramp": how["cramp"]})


def _fields(entry):
    return {name: getattr(entry, name) for name in entry.__dataclass_fields__}


def stands_at(item):
    """What the rules know of an exercise, without what only says when somebody looked."""
    state = {key: value for key, value in item.state.items() if key != "gap"}
    return {"level": item.level.code, "dose": item.dose, "state": state, "since": item.level_since}


# The same sessions in any order of arrival


@pytest.fixture
def in_order(story):
    """Runs the given sessions from the first to the last, and gives what is known in the end."""

    def run(told, order):
        with transaction.atomic():
            for minute, number in enumerate(order):
                day, how = told[number]
                at, told_at = story.at(day, 8 + number), story.at(3, 20, minute)
                a_session(story.program, entry(item_of(story.program, "BRG"), how), performed_at=at, now=told_at)
            for number, question in enumerate(story.program.questions.order_by("local_date")):
                when = max(question.opens_at, story.at(3, 21, number))
                if when < question.closes_at:
                    answer_question(question, pain=1, compared="same", actor=None, now=when)
            flagging.assess_waiting_reports(now=story.at(5, 9))
            item = item_of(story.program, "BRG")
            found = stands_at(item) | {
                "last": item.last_performed_on,
                "held": sorted(Hold.objects.values_list("scope", "region")),
                "flags": sorted(PainFlag.objects.filter(severity__lte=3).values_list("group", "region", "severity")),
                "mild": dict(PainFlag.objects.filter(severity__gte=4).values_list("group", "severity")),
                "asked": sorted(NextDayQuestion.objects.values_list("local_date", "opens_at")),
            }
            transaction.set_rollback(True)
        return found

    return run


def test_the_order_in_which_sessions_arrive_changes_nothing(in_order):
    @TRY
    @given(st.lists(st.tuples(st.integers(1, 3), felt), min_size=2, max_size=4), st.randoms(use_true_random=False))
    def same(told, random):
        told = sorted(told, key=lambda one: one[0])
        order = list(range(len(told)))
        random.shuffle(order)
        found, expected = in_order(told, order), in_order(told, range(len(told)))
        mild, least = found.pop("mild"), expected.pop("mild")
        assert found == expected
        # Streaks are those of the replayed days. What was found before an older log came stays told: never less.
        assert all(mild.get(group, 9) <= severity for group, severity in least.items())

    same()


# Everything that can happen, in any order


class Weeks(RuleBasedStateMachine):
    """One patient: whatever happens, judging all days again from the ledger gives the state there is."""

    story: Story

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = self.story.at(0, 19)

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def later(self):
        """No two acts fall on one instant."""
        self.now += timedelta(minutes=1)
        return self.now

    def item(self):
        return item_of(self.story.program, "BRG")

    def current(self):
        return list(Session.objects.current().order_by("performed_at", "pk"))

    @rule(hours=st.sampled_from([1, 5, 12, 20, 26, 50, 120, 220]), worker=st.sampled_from([True, True, True, False]))
    def time_goes_by(self, hours, worker):
        before, self.now = self.now, self.now + timedelta(hours=hours)
        if not worker:
            return  # away: its midnights are worked when it is back, or before the next session
        zone = self.story.program.patient.zone
        for day in range((local_date(self.now, zone) - local_date(before, zone)).days):
            gone = (local_date(before, zone) - self.story.started).days + day
            ticks.tick(now=self.story.at(gone + 1, 0, 1))

    @rule(how=felt)
    def trains(self, how):
        a_session(self.story.program, entry(self.item(), how), now=self.later())

    @rule(how=felt, hours=st.sampled_from([3, 20, 30, 60, 90, 200]))
    def tells_later(self, how, hours):
        at = max(self.story.at(0, 1), self.now - timedelta(hours=hours))
        a_session(self.story.program, entry(self.item(), how), performed_at=at, now=self.later())

    @precondition(lambda self: Session.objects.current().exists())
    @rule(how=felt, which=st.integers(0, 30))
    def corrects(self, how, which):
        sessions = self.current()
        session = sessions[which % len(sessions)]
        given = {"reason": "Typed wrongly.", "by_staff": True, "actor": None, "now": self.later()}
        correct(session, client_id=uuid4(), entries=[entry(self.item(), how)], **given)

    @precondition(lambda self: Session.objects.current().exists())
    @rule(which=st.integers(0, 30))
    def takes_back(self, which):
        sessions = self.current()
        take_back(sessions[which % len(sessions)], reason="Never done.", by_staff=True, actor=None, now=self.later())

    @rule(answer=answers)
    def answers_what_is_asked(self, answer):
        for question in NextDayQuestion.objects.open(self.now):
            answer_question(question, pain=answer[0], compared=answer[1], actor=None, now=self.later())

    @rule(level=st.sampled_from(["BRG-1", "BRG-2", "BRG-3"]))
    def a_therapist_sets_the_level(self, level):
        adjustments.set_level(self.item(), level, reason="Seen today.", actor=None, now=self.later())

    @rule(effect=st.sampled_from(["resume", "lighter", "step_back"]))
    def a_therapist_lifts_the_holds(self, effect):
        adjustments.release_all(
            self.story.program.patient, list(Hold.objects.open()), effect=effect, actor=None, now=self.later()
        )

    @rule()
    def a_therapist_pauses_the_program(self):
        adjustments.pause(self.story.program, until=None, reason="Away.", actor=None, now=self.later())

    @rule()
    def the_program_goes_on(self):
        adjustments.unpause(self.story.program, actor=None, now=self.later())

    @invariant()
    def judging_all_days_again_changes_nothing(self):
        """The ledger alone gives the state: days are judged one by one as they come, and all at once alike."""
        with transaction.atomic():
            item = next(one for one in locked_items(self.story.program) if one.pk == self.item().pk)
            before = stands_at(item)
            court = Court(program=self.story.program, items=[item], actor=None, now=self.now)
            court.rises = False
            court.read_history(since=self.story.started)
            judge_days(court, item, since=self.story.started, trigger=Decision.Trigger.LOG)
            after = stands_at(item)
            transaction.set_rollback(True)
        assert after == before

    @invariant()
    def nothing_is_lost(self):
        assert ExerciseLog.objects.count() == Session.objects.count()
        assert Session.objects.filter(is_current=False, corrections=None, taken_back_at=None).count() == 0

    @invariant()
    def what_hurt_too_much_is_held_until_a_person_lifts_it(self):
        stopped = Decision.objects.filter(outcome="stop_and_flag", trigger="log")
        if stopped.exists():
            assert Hold.objects.exists()
        item = self.item()
        assert bool(item.stopped_by_id) == Hold.objects.open().exists()

    @invariant()
    def a_success_is_one_clean_day_at_most(self):
        memory = ledger.memory(self.item())
        assert memory.successes <= Session.objects.current().values("local_date").distinct().count()


def test_weeks_of_anything_leave_a_state_that_the_ledger_alone_gives(story):
    machine = type("WeeksOf", (Weeks,), {"story": story})
    run_state_machine_as_test(machine, settings=TRY)
