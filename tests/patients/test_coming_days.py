"""Which days to come a program asks for something, as its plan stands now."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import adjustments, plan
from patients.coming_days import coming_days
from patients.models import Program
from patients.plan import asks_on
from tests.factories.programs import a_program, a_session, as_planned, item_of

MONDAY = date(2026, 3, 2)  # the day of `now`
WEEK = [MONDAY + timedelta(days=offset) for offset in range(7)]


def week_of(wanted, *done):
    """The weekdays, 0 to 6, on which an exercise is due that is done whenever it is asked for."""
    known = {WEEK[day] for day in done}
    due = []
    for number, day in enumerate(WEEK):
        if asks_on(day, wanted, known, None):
            known.add(day)
            due.append(number)
    return due


@pytest.mark.parametrize(
    ("wanted", "due"), [(1, [0]), (2, [0, 2]), (3, [0, 2, 4]), (4, [0, 1, 2, 3]), (7, [0, 1, 2, 3, 4, 5, 6])]
)
def test_up_to_three_days_a_week_have_a_day_between(wanted, due):
    assert week_of(wanted) == due


def test_what_was_done_on_sunday_rests_on_monday():
    assert asks_on(MONDAY, 3, set(), MONDAY - timedelta(days=1)) is False


def test_a_new_week_counts_anew():
    assert asks_on(WEEK[0] + timedelta(days=7), 3, {WEEK[0], WEEK[2], WEEK[4]}, None) is True


def test_three_days_a_week_for_four_weeks(program, now):
    days = coming_days(program, now=now)

    assert [f"{day:%a %d}" for day in days[:4]] == ["Mon 02", "Wed 04", "Fri 06", "Mon 09"]
    assert (len(days), days[-1]) == (12, date(2026, 3, 27))


def test_the_first_of_them_is_what_today_asks(program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    tomorrow = now + timedelta(days=1)

    assert [row.is_due for row in plan.today(program, now=tomorrow).items] == [False]
    assert coming_days(program, now=tomorrow)[0] == date(2026, 3, 4)


def test_what_is_logged_today_stays_today(program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)

    assert coming_days(program, now=now)[0] == MONDAY


def test_an_exercise_that_begins_later_is_asked_from_then_on(program, now):
    program.items.update(starts_on=MONDAY + timedelta(days=8))

    assert coming_days(program, now=now)[0] == MONDAY + timedelta(days=8)


def paused(program, dana, now):
    adjustments.pause(program, until=None, reason="Holiday", actor=dana, now=now)


def all_on_hold(program, dana, now):
    adjustments.hold(program, scope="plan", reason="Swollen", actor=dana, now=now)


def its_one_exercise_on_hold(program, dana, now):
    adjustments.hold(program, item=item_of(program, "BRG"), scope="item", reason="Swollen", actor=dana, now=now)


@pytest.mark.parametrize("rests", [paused, all_on_hold, its_one_exercise_on_hold])
def test_a_plan_at_rest_promises_no_day(program, dana, now, rests):
    rests(program, dana, now)

    assert coming_days(Program.objects.get(pk=program.pk), now=now) == []


def test_days_are_those_where_the_patient_lives(ana, program, now):
    ana.zone = "Pacific/Auckland"
    ana.save()

    assert coming_days(Program.objects.get(pk=program.pk), now=now.replace(hour=12))[0] == date(2026, 3, 3)


def test_one_exercise_or_three_cost_the_same(clinic, dana, ana, other_patient, library, now):
    one = a_program(ana, library["BALL_PROGRESSION"], now=now)
    more = a_program(other_patient, library["HOME_HAMSTRING_FOUNDATION"], now=now)

    def cost(program):
        found = Program.objects.select_related("patient").get(pk=program.pk)
        with CaptureQueriesContext(connection) as queries:
            assert coming_days(found, now=now)
        return len(queries)

    assert more.items.count() > 1
    assert cost(one) == cost(more) == 3
