"""Progress and program: what a patient sees of the weeks behind and of the steps ahead."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.progress import progress_of
from patients.sessions import SetDone
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning


@pytest.fixture
def two_clean_days(program, ana, now):
    for day in (0, 2):
        at = now + timedelta(days=day)
        a_session(program, as_planned(item_of(program, "BRG"), pain_before=2, pain_during=3), now=at)
        an_answer(ana, now=next_morning(at))
    return now + timedelta(days=4)


def test_pain_before_during_and_next_day_are_three_lines(program, two_clean_days):
    chart = progress_of(program, now=two_clean_days).pain

    assert [[point.value for point in series.points] for series in chart.series] == [[3, 3], [2, 2], [1, 1]]


def test_logged_stands_beside_scheduled(program, two_clean_days):
    week = progress_of(program, now=two_clean_days).logged.bars[0]

    assert (week.value, week.of) == (2, 2)


def test_the_weaker_side_is_shown_with_its_figures(nerve_program, now):
    slider = item_of(nerve_program, "NGL")
    a_session(nerve_program, as_planned(slider, sets=[SetDone("left", reps=9), SetDone("right", reps=15)]), now=now)

    (sides,) = progress_of(nerve_program, now=now).sides
    assert (sides.left, sides.right) == (9, 15)


def test_without_a_log_the_page_says_what_comes(portal, program):
    assert "Nothing logged yet" in portal.get("/progress/").content.decode()


def test_the_ladder_shows_every_level_and_where_one_is(portal, program):
    page = portal.get("/program/").content.decode()

    assert "level 1 of 7" in page
    assert page.count("<li") >= 7
    assert "Single-leg ball bridge" in page


def test_a_step_is_told_by_the_exercise_one_knows(program, ana, now):
    for day in range(0, 8, 2):
        at = now + timedelta(days=day)
        a_session(program, as_planned(item_of(program, "BRG"), sets=[SetDone("both", reps=15)] * 2), now=at)
        an_answer(ana, now=next_morning(at))
    steps = progress_of(program, now=now + timedelta(days=8)).steps

    assert steps[-1].label == "A step up: Floor bridge with pillow squeeze"


@pytest.mark.parametrize("path", ["/progress/", "/program/", "/program/print/", "/session/", "/pain/"])
def test_three_exercises_cost_as_many_queries_as_one(portal, ana, library, now, the_clock, path):
    first = a_program(ana, library["BALL_PROGRESSION"], now=now)
    a_session(first, as_planned(item_of(first, "BRG")), now=now)
    the_clock.move_to(now + timedelta(days=2))
    with CaptureQueriesContext(connection) as one:
        portal.get(path)
    a_program(ana, library["DESK_SITTER_PROXIMAL"], now=now)
    a_program(ana, library["HINGE_REEDUCATION"], now=now)
    with CaptureQueriesContext(connection) as more:
        answer = portal.get(path)

    assert answer.status_code == 200
    assert len(more) == len(one)
