"""The whole table of handbook 7.5, quiet hours, and mails that become fewer."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.zones import local_date, offered_zones
from reminders.schedule import Wish, due_between, due_on, is_mail_day, is_quiet, next_due, too_late


def wish(zone="Europe/London", at="18:00", quiet_from="21:00", quiet_to="08:00", **days):
    """`at` every day but on the weekdays given another time by their first letters: sun="09:00"."""
    week = tuple(time.fromisoformat(days.get(day, at)) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    return Wish(zone, week, time.fromisoformat(quiet_from), time.fromisoformat(quiet_to))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "wall", "sent"),
    [
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08 07:30"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01 05:30"),
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29 01:30"),
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29 01:30"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25 00:30"),
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03 15:45"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04 14:45"),
        ("America/Santiago", "2026-09-06", "00:15", "2026-09-06 04:15"),
        ("Asia/Kolkata", "2026-03-29", "02:30", "2026-03-28 21:00"),
        ("America/Phoenix", "2026-03-08", "02:30", "2026-03-08 09:30"),
    ],
)
def test_missing_wall_times_move_forward_and_repeated_ones_come_once(zone, day, wall, sent):
    night_owl = wish(zone, wall, quiet_from="00:00", quiet_to="00:00")

    due = due_on(date.fromisoformat(day), night_owl)

    assert due == utc(sent)
    assert local_date(next_due(due, night_owl), zone) == date.fromisoformat(day) + timedelta(days=1)


@pytest.mark.parametrize(
    ("wall", "quiet"), [("20:59", False), ("21:00", True), ("00:00", True), ("07:59", True), ("08:00", False)]
)
def test_quiet_hours_pass_midnight(wall, quiet):
    assert is_quiet(time.fromisoformat(wall), wish()) is quiet


def test_quiet_hours_of_an_afternoon():
    nap = wish(at="14:00", quiet_from="13:00", quiet_to="15:30")

    assert due_on(date(2026, 3, 2), nap) == utc("2026-03-02 15:30")


def test_equal_ends_mean_no_quiet_hours():
    assert due_on(date(2026, 3, 2), wish(at="03:00", quiet_from="21:00", quiet_to="21:00")) == utc("2026-03-02 03:00")


def test_a_time_before_the_quiet_hours_end_waits_for_their_end():
    assert due_on(date(2026, 3, 2), wish(at="06:00")) == utc("2026-03-02 08:00")


def test_a_time_after_which_the_day_stays_quiet_is_dropped():
    assert due_on(date(2026, 3, 2), wish(at="22:00")) is None


def test_a_local_date_that_never_was_has_no_mail():
    assert due_on(date(2011, 12, 30), wish("Pacific/Apia")) is None


def test_the_next_mail_is_reckoned_from_the_next_date_and_not_24_hours_later():
    assert next_due(utc("2026-03-28 18:00"), wish()) == utc("2026-03-29 17:00")


def test_a_weekday_has_a_time_of_its_own():
    late_riser = wish(sun="09:30")

    assert next_due(utc("2026-03-07 18:00"), late_riser) == utc("2026-03-08 09:30")
    assert next_due(utc("2026-03-08 09:30"), late_riser) == utc("2026-03-09 18:00")


@pytest.mark.parametrize(
    ("before", "on_sunday", "on_monday"),
    [
        ("2026-03-28 18:00", "2026-03-29 01:30", "2026-03-30 17:00"),  # 01:30 is missing: 02:30 by the new clock
        ("2026-10-24 17:00", "2026-10-25 00:30", "2026-10-26 18:00"),  # 01:30 comes twice: the first one
    ],
)
def test_a_sunday_of_its_own_keeps_to_its_date_where_the_clock_changes(before, on_sunday, on_monday):
    early_bird = wish(quiet_from="00:00", quiet_to="00:00", sun="01:30")

    assert next_due(utc(before), early_bird) == utc(on_sunday)
    assert next_due(utc(on_sunday), early_bird) == utc(on_monday)


def test_quiet_hours_hold_on_each_weekday():
    assert due_on(date(2026, 3, 8), wish(sun="06:00")) == utc("2026-03-08 08:00")


def test_a_mail_is_missed_when_the_quiet_hours_begin():
    assert too_late(utc("2026-03-02 18:00"), wish()) == utc("2026-03-02 21:00")


def test_a_mail_is_missed_four_hours_late():
    assert too_late(utc("2026-03-02 08:00"), wish(at="08:00")) == utc("2026-03-02 12:00")


def test_a_mail_is_never_sent_on_another_date():
    late = wish(at="23:00", quiet_from="03:00", quiet_to="04:00")

    assert too_late(utc("2026-03-02 23:00"), late) == utc("2026-03-03 00:00")


def test_days_a_stopped_machine_missed_are_counted_for_a_week():
    missed = due_between(date(2026, 1, 1), utc("2026-03-02 19:00"), wish())

    assert [day.day for day, _due in missed] == [24, 25, 26, 27, 28, 1, 2]


@given(
    zone=st.sampled_from(offered_zones()),
    week=st.tuples(*[st.times().map(lambda wall: wall.replace(second=0, microsecond=0))] * 7),
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
)
def test_whatever_the_zone_each_local_date_has_one_instant_outside_the_quiet_hours(zone, week, start):
    mine = Wish(zone, week, time(21), time(8))
    due = start.replace(tzinfo=UTC)
    dates = []
    for _step in range(8):
        due = next_due(due, mine)
        dates.append(local_date(due, zone))

    assert len(set(dates)) == len(dates)
    assert too_late(due, mine) > due


@given(
    zone=st.sampled_from(offered_zones()),
    week=st.tuples(*[st.times(time(8), time(20, 59)).map(lambda wall: wall.replace(second=0, microsecond=0))] * 7),
    start=st.dates(date(2024, 1, 1), date(2028, 1, 1)),
)
def test_whatever_the_week_the_next_mail_is_the_next_dates_at_its_own_time(zone, week, start):
    mine = Wish(zone, week, time(21), time(8))
    days = [start + timedelta(days=offset) for offset in range(9)]
    instants = [due_on(day, mine) for day in days]

    assert [due.astimezone(ZoneInfo(zone)).time() for due in instants] == [week[day.weekday()] for day in days]
    assert [next_due(due, mine) for due in instants[:-1]] == instants[1:]


def test_mails_become_fewer_with_silence_and_stop():
    days = [day for day in range(60) if is_mail_day(day)]

    assert days == [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 16, 18, 21, 28, 35]
