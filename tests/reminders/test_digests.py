"""The lists for staff: severity 4 as the clinic opens, severity 5 on the first day of the week."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.models import Clinic, Membership
from patients.models import PainFlag
from reminders import delivery, digests, outbox
from reminders.models import Message
from tests.factories import people
from tests.reminders.test_alerts import make_flag, told
from tests.reminders.test_content import TELLTALE

MINUTE = timedelta(minutes=1)


@pytest.fixture
def opens(now) -> datetime:
    """Monday at eight, when Riverside opens."""
    return now.replace(hour=8)


def mails_at(now):
    outbox.plan_messages(now=now)
    return delivery.send_messages(now=now)


def live(first, hours):
    """Every half hour of some hours."""
    for step in range(hours * 2):
        mails_at(first + 30 * step * MINUTE)


def subjects(outgoing):
    return [mail.subject for mail in outgoing]


def test_what_came_in_the_night_is_one_mail_as_the_clinic_opens(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens - timedelta(hours=9))
    make_flag(ana, 4, now=opens - timedelta(hours=3), group="adherence")

    mails_at(opens - MINUTE)
    assert outgoing == []
    live(opens, 24)

    assert subjects(outgoing) == ["Your list for today"]
    assert "2 flags of severity 4 wait for you." in outgoing[0].body
    assert Message.objects.get().sent_at.hour == 8


def test_a_list_names_neither_the_person_nor_the_complaint(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens)
    mails_at(opens)

    said = outgoing[0].subject + outgoing[0].body
    assert [word for word in ("Ana", "Silva", "8", "curl") if word in said] == []
    assert TELLTALE.findall(said) == []


def test_with_nothing_on_it_there_is_no_list(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens, snoozed_until=opens + timedelta(hours=9))
    make_flag(ana, 4, now=opens, group="review", state="resolved", resolved_at=opens)

    live(opens, 4)

    assert not Message.objects.exists()


def test_what_comes_during_the_day_is_for_tomorrows_list(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens + timedelta(hours=2))

    live(opens, 26)

    assert [row.local_date.day for row in Message.objects.all()] == [opens.day + 1]


def test_what_was_settled_before_the_mail_left_is_not_on_it(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens)
    outbox.plan_messages(now=opens)
    PainFlag.objects.update(state="resolved", resolved_at=opens)

    delivery.send_messages(now=opens)

    assert (outgoing, Message.objects.get().reason) == ([], "resolved")


def test_each_therapist_has_their_own_list(clinic, ana, dana, colleague, opens, outgoing):
    make_flag(ana, 4, now=opens)
    make_flag(people.make_patient(clinic, "Bo", owner=colleague), 4, now=opens)

    mails_at(opens)

    assert told(outgoing) == ["colleague@people.example", "dana@people.example"]
    assert all("1 flag of severity 4 waits" in mail.body for mail in outgoing)


def test_the_list_of_who_has_left_goes_to_those_on_duty(ana, dana, colleague, opens, outgoing):
    Membership.objects.filter(user=dana).update(left_at=opens)
    make_flag(ana, 4, now=opens)

    mails_at(opens)

    assert told(outgoing) == ["colleague@people.example"]


def test_another_clinics_flags_are_not_on_the_list(ana, dana, olga, opens, outgoing):
    make_flag(ana, 4, now=opens)

    mails_at(opens)

    assert told(outgoing) == ["dana@people.example"]


def test_a_late_flag_is_said_to_be_late(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens - timedelta(days=5), ack_due=opens - timedelta(days=2))

    mails_at(opens)

    assert "1 of them is past its target time." in outgoing[0].body


def test_information_comes_once_a_week(ana, dana, opens, outgoing):
    make_flag(ana, 5, now=opens - timedelta(days=2))
    make_flag(ana, 5, now=opens - timedelta(days=8), group="review")

    for day in range(7):
        mails_at(opens + timedelta(days=day))

    assert subjects(outgoing) == ["Your list for this week"]
    assert "1 note of severity 5 came" in outgoing[0].body


def test_at_the_weekend_nobody_gets_a_list(ana, dana, opens, outgoing):
    make_flag(ana, 4, now=opens - timedelta(days=3))

    live(opens - timedelta(days=2), 48)

    assert outgoing == []


@pytest.mark.parametrize(
    ("zone", "day", "opened"),
    [
        ("Europe/London", datetime(2026, 3, 27, tzinfo=UTC), "08:00"),
        ("Europe/London", datetime(2026, 3, 30, tzinfo=UTC), "07:00"),  # the clocks went forward on Sunday
        ("Europe/London", datetime(2026, 10, 26, tzinfo=UTC), "08:00"),  # and back
        ("America/New_York", datetime(2026, 3, 9, tzinfo=UTC), "12:00"),
        ("Asia/Kathmandu", datetime(2026, 3, 9, tzinfo=UTC), "02:15"),
    ],
)
def test_the_clinic_opens_at_eight_of_its_own_clock(clinic, zone, day, opened):
    steps = [day + 5 * step * MINUTE for step in range(24 * 12)]
    within = [at for at in steps if digests.opening(clinic.staffed_hours, zone, now=at)]

    assert f"{within[0]:%H:%M}" == opened


def test_a_clinic_without_hours_has_no_lists(ana, dana, opens, outgoing):
    Clinic.objects.update(staffed_hours={})
    make_flag(ana, 4, now=opens)

    live(opens, 12)

    assert outgoing == []
