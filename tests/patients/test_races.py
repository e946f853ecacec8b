"""Two at once, each in a thread and a transaction of its own. Only a database with row locks can show it."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections

from clinic.refusals import Refused
from patients import flagging, follow_up, midnight, ticks
from patients.answers import answer_question
from patients.corrections import ChangedMeanwhile, correct, take_back
from patients.models import Decision, FlagEvent, Hold, NextDayQuestion, PainFlag, PainReport, ProgramItem, Session
from patients.reports import report_pain
from patients.sessions import log_session
from tests.factories.library import published_library
from tests.factories.programs import a_program, as_planned, item_of
from tests.factories.story import Story
from tests.patients.portal.forms import quick_log

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole file"),
]


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave, or the refusal it raised; anything else that is raised is a fault of the test's subject."""
    results: list[Any] = [None] * len(acts)
    start = Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            results[place] = act()
        except Exception as raised:
            results[place] = raised
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    faults = [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]
    assert not faults, faults
    return results


@pytest.fixture
def story(ana, clinic, now):
    return Story.of(a_program(ana, published_library(clinic)["BALL_PROGRESSION"], now=now))


def test_the_same_session_sent_twice_at_once_is_one(story):
    entry, client_id, now = as_planned(story.item("BRG")), uuid4(), story.at(0, 19)

    def send():
        return log_session(story.program, client_id=client_id, entries=[entry], actor=None, now=now).is_new

    assert sorted(at_once(*[send] * 4)) == [False, False, False, True]
    assert Session.objects.count() == Decision.objects.count() == 1


def test_a_session_logged_while_an_answer_moves_the_level_finds_its_exercise(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    question, entry = NextDayQuestion.objects.latest("local_date"), as_planned(story.item("BRG"))
    now = story.at(3, 13)

    results = at_once(
        lambda: answer_question(question, pain=1, compared="same", actor=None, now=now),
        *[lambda: log_session(story.program, client_id=uuid4(), entries=[entry], actor=None, now=now)] * 3,
    )

    assert not any(isinstance(one, Exception) for one in results)
    assert story.level("BRG") == "BRG-2"
    assert list(ProgramItem.objects.values_list("sequence", flat=True)) == [Decision.objects.count()]


def test_a_form_sent_twice_while_an_answer_moves_the_level_is_one_session(story, ana, client_of, time_machine):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    question, now = NextDayQuestion.objects.latest("local_date"), story.at(3, 13)
    time_machine.move_to(now)
    form, browsers = quick_log(story.program), [client_of(ana), client_of(ana)]

    results = at_once(
        lambda: answer_question(question, pain=1, compared="same", actor=None, now=now),
        *[lambda browser=browser: browser.post("/session/", form).url for browser in browsers],
    )

    assert results[1:] == [f"/session/{form['client_id']}/"] * 2
    assert Session.objects.count() == 3
    assert story.level("BRG") == "BRG-2"


def test_an_answer_and_its_expiry_at_once_judge_the_day_once_more_at_most(story):
    story.trains(0, "BRG")
    question = NextDayQuestion.objects.get()
    now = question.closes_at

    at_once(
        lambda: answer_question(question, pain=8, compared="worse", actor=None, now=now),
        lambda: ticks.expire(question.pk, now=now),
    )

    assert Hold.objects.count() == 1, "the answer was not lost to its expiry"
    assert NextDayQuestion.objects.get().pain == 8


def test_midnight_at_two_workers_is_one_midnight(story):
    story.trains(0, "BRG")
    now = story.at(9, 0, 1)

    at_once(*[lambda: midnight.end_day(story.program.pk, now=now)] * 3)

    assert Decision.objects.filter(rule_id="R-G03").count() == 1


def test_two_workers_make_one_flag_of_two_reports_and_keep_the_worse_severity(story, ana):
    item, now = story.item("BRG"), story.at(0, 19)
    for pain in (8, 10, 7):
        report_pain(ana, item=item, pain=pain, actor=None, now=now)

    at_once(*[lambda: flagging.assess_waiting_reports(now=now)] * 3)
    flagging.assess_waiting_reports(now=now)

    assert PainFlag.objects.get(group="pain").severity == 2
    events = FlagEvent.objects.filter(kind="finding").values_list("report", "code")
    assert len(events) == len(set(events))
    assert not PainReport.objects.waiting().exists()


def test_a_report_that_comes_while_its_flag_is_closed_keeps_its_hold(story, ana, dana):
    now = story.at(0, 19)
    report_pain(ana, item=story.item("BRG"), pain=8, actor=None, now=now)
    flagging.assess_waiting_reports(now=now)
    flag, item = PainFlag.objects.get(group="pain"), story.item("BRG")

    at_once(
        lambda: follow_up.resolve(flag, code="advised_continue", note="ok", effect="resume", actor=dana, now=now),
        lambda: report_pain(ana, item=item, pain=8, actor=None, now=now),
    )

    assert item_of(story.program, "BRG").stopped_by is not None


def test_two_people_close_a_flag_at_once_and_one_of_them_is_told(story, ana, dana, colleague):
    now = story.at(0, 19)
    report_pain(ana, item=story.item("BRG"), pain=8, actor=None, now=now)
    flagging.assess_waiting_reports(now=now)
    flag = PainFlag.objects.get(group="pain")

    def close(by):
        return follow_up.resolve(flag, code="advised_continue", note="ok", effect="step_back", actor=by, now=now)

    results = at_once(lambda: close(dana), lambda: close(colleague))

    assert [type(one) for one in results].count(follow_up.NotOpen) == 1
    assert Decision.objects.filter(outcome="release").count() == 1


def test_of_two_corrections_at_once_one_is_told_and_one_counts(story):
    session, entry = story.trains(0, "BRG").session, as_planned(story.item("BRG"), pain_during=2)

    def put_right():
        return correct(session, client_id=uuid4(), entries=[entry], actor=None, now=story.at(0, 20))

    results = at_once(*[put_right] * 3)

    assert [type(one) for one in results].count(ChangedMeanwhile) == 2
    assert Session.objects.current().count() == 1


def test_a_correction_and_taking_back_at_once_leave_one_of_the_two(story):
    session, entry = story.trains(0, "BRG").session, as_planned(story.item("BRG"), pain_during=2)

    results = at_once(
        lambda: correct(session, client_id=uuid4(), entries=[entry], actor=None, now=story.at(0, 20)),
        lambda: take_back(Session.objects.get(pk=session.pk), actor=None, now=story.at(0, 20)),
    )

    assert [type(one) for one in results].count(ChangedMeanwhile) == 1
    assert Session.objects.filter(corrects=session).count() + Session.objects.exclude(taken_back_at=None).count() == 1


def test_a_correction_while_midnight_judges_the_days_off_loses_neither(story, dana):
    session, entry = story.trains(0, "BRG").session, as_planned(story.item("BRG"), pain_during=8)
    now = story.at(9, 0, 1)
    given = {"reason": "Told now.", "by_staff": True, "actor": dana, "now": now}

    at_once(
        lambda: correct(session, client_id=uuid4(), entries=[entry], **given),
        lambda: ticks.tick(now=now),
    )

    assert item_of(story.program, "BRG").stopped_by is not None
    rows = list(Decision.objects.order_by("sequence").values_list("sequence", flat=True))
    assert rows == list(range(1, len(rows) + 1))
