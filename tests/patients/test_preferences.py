"""A patient changes when and how the clinic writes."""

from datetime import date, time

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import preferences
from patients.models import Preferences


@pytest.fixture
def planned(ana):
    """Ana's settings as the post has already seen them."""
    Preferences.objects.filter(patient=ana).update(is_planned=True)
    return ana


def test_what_is_not_given_stays(planned, now):
    saved = preferences.set_preferences(planned, reminder_time=time(12, 30), actor=planned.user, now=now)

    assert (saved.reminder_time, saved.quiet_to, saved.reminders) == (time(12, 30), time(8), True)


def test_a_new_time_waits_to_be_planned(planned, now):
    preferences.set_preferences(planned, reminder_time=time(12, 30), actor=planned.user, now=now)

    assert Preferences.objects.get(patient=planned).is_planned is False


def test_a_new_zone_is_the_patients_and_waits_to_be_planned(planned, now):
    preferences.set_preferences(planned, zone="Asia/Kolkata", actor=planned.user, now=now)

    planned.refresh_from_db()
    assert (planned.zone, planned.preferences.is_planned) == ("Asia/Kolkata", False)


def test_a_time_inside_the_quiet_hours_of_the_evening_is_refused(planned, now):
    with pytest.raises(Refused) as refusal:
        preferences.set_preferences(planned, reminder_time=time(22), actor=planned.user, now=now)

    assert list(refusal.value.errors) == ["reminder_time"]
    assert Preferences.objects.get(patient=planned).reminder_time == time(18)


WEEKEND_LATER = (time(18), time(18), time(18), time(18), time(18), time(10), None)


def test_each_weekday_has_its_own_time_or_none(planned, now):
    saved = preferences.set_preferences(planned, week=WEEKEND_LATER, actor=planned.user, now=now)

    assert (saved.week, saved.by_weekday, saved.is_planned) == (WEEKEND_LATER, True, False)
    assert [saved.time_on(date(2026, 3, day)) for day in (6, 7, 8)] == [time(18), time(10), None]


def test_the_week_stays_when_something_else_changes(planned, now):
    preferences.set_preferences(planned, week=WEEKEND_LATER, actor=planned.user, now=now)
    preferences.set_preferences(planned, reminder_time=time(12, 30), actor=planned.user, now=now)

    assert Preferences.objects.get(patient=planned).week == WEEKEND_LATER


def test_an_empty_week_is_one_time_for_every_day(planned, now):
    preferences.set_preferences(planned, week=WEEKEND_LATER, actor=planned.user, now=now)
    saved = preferences.set_preferences(planned, week=(), actor=planned.user, now=now)

    assert (saved.week, saved.by_weekday) == ((time(18),) * 7, False)


def test_a_weekdays_time_inside_the_quiet_hours_is_refused_at_its_day(planned, now):
    with pytest.raises(Refused) as refusal:
        preferences.set_preferences(planned, week=(*WEEKEND_LATER[:6], time(22)), actor=planned.user, now=now)

    assert list(refusal.value.errors) == ["sunday"]
    assert Preferences.objects.get(patient=planned).sunday is None


def test_an_unknown_zone_is_refused(planned, now):
    with pytest.raises(Refused) as refusal:
        preferences.set_preferences(planned, zone="CET", actor=planned.user, now=now)

    assert list(refusal.value.errors) == ["zone"]


def test_mails_pause_until_a_date(planned, now):
    preferences.pause_mails(planned, until=date(2026, 4, 1), actor=planned.user, now=now)

    assert Preferences.objects.get(patient=planned).paused_until == date(2026, 4, 1)


def test_unsubscribing_twice_is_one_change(planned, now):
    changes = [preferences.unsubscribe(planned, "trial", actor=None, now=now) for _time in range(2)]

    assert changes == [True, False]
    assert AuditEntry.objects.filter(verb="unsubscribe").count() == 1
