"""The daily reminder, from its planning to its end: sent, or not sent with the reason."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients import adjustments, episodes, people, preferences
from patients.models import Preferences
from patients.models.preferences import WEEKDAYS
from reminders import delivery, outbox
from reminders.models import Message, Schedule
from tests.factories.people import make_patient
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning
from tests.reminders.conftest import ask


def post(now):
    """One round: plan, then send."""
    outbox.plan_reminders(now=now)
    delivery.send_messages(now=now)


def state_of(patient, day=None):
    message = Message.objects.get(patient=patient, slot="daily", **({"local_date": day} if day else {}))
    return (message.state, message.reason)


def test_ana_is_reminded_at_her_hour(program, evening, outgoing):
    post(evening - timedelta(minutes=1))
    assert outgoing == []

    post(evening)

    assert [mail.to for mail in outgoing] == [["ana@people.example"]]
    assert state_of(program.patient) == ("sent", "")


def test_a_minute_later_she_is_not_reminded_again(program, evening, outgoing):
    for minutes in range(3):
        post(evening + timedelta(minutes=minutes))

    assert len(outgoing) == 1


def test_the_next_evening_is_another_mail(program, evening, outgoing):
    post(evening)
    post(evening + timedelta(days=1))

    assert [message.local_date for message in Message.objects.order_by("local_date")] == [
        date(2026, 3, 2),
        date(2026, 3, 3),
    ]
    assert len(outgoing) == 2


def test_who_has_logged_gets_none(program, evening, outgoing):
    a_session(program, as_planned(item_of(program, "BRG")), now=evening - timedelta(hours=1))

    post(evening)

    assert (outgoing, state_of(program.patient)) == ([], ("cancelled", "logged_already"))


def test_who_has_logged_and_is_asked_gets_the_question_alone(program, evening, outgoing):
    a_session(program, as_planned(item_of(program, "BRG")), now=evening - timedelta(hours=1))
    ask(program, now=evening)

    post(evening)

    assert [mail.subject for mail in outgoing] == ["A quick question from your clinic"]


def test_a_session_and_a_question_are_one_mail(program, evening, outgoing):
    ask(program, now=evening)

    post(evening)

    assert [mail.subject for mail in outgoing] == ["Your plan for today"]
    assert "one quick question" in outgoing[0].body


def test_a_day_of_rest_sends_nothing(program, evening, outgoing):
    a_session(program, as_planned(item_of(program, "BRG")), now=evening - timedelta(hours=1))
    an_answer(program.patient, now=next_morning(evening))

    post(evening + timedelta(days=1))

    assert (outgoing, state_of(program.patient, date(2026, 3, 3))) == ([], ("cancelled", "rest_day"))


def no_consent(program, now):
    people.withdraw_consent(program.patient, "reminders", actor=None, now=now)


def no_email_consent(program, now):
    people.withdraw_consent(program.patient, "email", actor=None, now=now)


def no_address(program, now):
    program.patient.identity.email = ""
    program.patient.identity.save()


def unsubscribed(program, now):
    preferences.unsubscribe(program.patient, "reminders", actor=None, now=now)


def paused_plan(program, now):
    adjustments.pause(program, until=None, reason="Holiday", actor=program.patient.owner, now=now)


def paused_mails(program, now):
    preferences.pause_mails(program.patient, until=date(2026, 3, 3), actor=None, now=now)


def held(program, now):
    adjustments.hold(program, scope="plan", reason="Swollen", actor=program.patient.owner, now=now)


def discharged(program, now):
    episodes.discharge(program.episode, summary="Well again", actor=program.patient.owner, now=now)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (no_consent, "no_consent"),
        (no_email_consent, "no_consent"),
        (no_address, "no_address"),
        (unsubscribed, "unsubscribed"),
        (paused_plan, "paused"),
        (paused_mails, "paused"),
        (held, "on_hold"),
        (discharged, "discharged"),
    ],
)
def test_what_happened_before_the_claim_stops_the_mail(program, evening, outgoing, happens, reason):
    outbox.plan_reminders(now=evening)
    happens(program, evening)

    delivery.send_messages(now=evening)

    assert (outgoing, state_of(program.patient)) == ([], ("cancelled", reason))


def test_who_is_not_in_a_program_is_not_planned(ana, evening):
    outbox.plan_reminders(now=evening)
    outbox.plan_reminders(now=evening + timedelta(days=1))

    assert not Message.objects.exists()


def test_silence_makes_mails_fewer(program, evening, outgoing):
    for day in range(45):
        post(evening + timedelta(days=day))

    sent = [m.local_date - date(2026, 3, 2) for m in Message.objects.filter(state="sent", kind="reminder")]
    assert sorted(gap.days for gap in sent) == [0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 16, 18, 21, 28, 35]


def test_after_six_weeks_the_therapist_is_told_once(program, dana, evening, outgoing):
    for day in (42, 43, 44):
        post(evening + timedelta(days=day))

    told = [mail for mail in outgoing if mail.to == [dana.email]]
    assert [mail.subject for mail in told] == ["Please open Stepwell"]


def test_planning_twice_gives_the_same_rows(program, evening):
    outbox.plan_reminders(now=evening)
    rows = list(Message.objects.values("pk", "due_at", "state"))
    Schedule.objects.update(next_due_at=evening)

    outbox.plan_reminders(now=evening)

    assert list(Message.objects.values("pk", "due_at", "state")) == rows


def test_a_new_time_holds_without_a_signal(program, evening, outgoing):
    preferences.set_preferences(program.patient, reminder_time=time(12, 30), actor=None, now=evening)

    post(evening.replace(hour=12, minute=30))

    assert len(outgoing) == 1


def test_a_new_zone_holds_without_a_signal(program, evening, outgoing):
    preferences.set_preferences(program.patient, zone="America/New_York", actor=None, now=evening)

    post(evening)
    assert outgoing == []
    post(evening + timedelta(hours=5))

    assert len(outgoing) == 1


def on_days(program, now, **days):
    week = [days.get(name, time(18)) for name in WEEKDAYS]
    preferences.set_preferences(program.patient, week=week, actor=None, now=now)


def test_a_weekday_has_its_own_hour(program, evening, outgoing):
    on_days(program, evening - timedelta(hours=8), tuesday=time(9))

    for hours in range(48):
        post(evening + timedelta(hours=hours))

    sent = Message.objects.filter(state="sent", kind="reminder").order_by("local_date")
    assert [f"{one.sent_at:%a %H}" for one in sent] == ["Mon 18", "Tue 09"]


def test_on_a_weekday_without_mails_none_comes_and_the_outbox_says_why(program, evening, outgoing):
    on_days(program, evening - timedelta(hours=8), monday=None)

    post(evening)
    post(evening + timedelta(days=1))

    assert state_of(program.patient, date(2026, 3, 2)) == ("cancelled", "not_this_weekday")
    assert state_of(program.patient, date(2026, 3, 3)) == ("sent", "")


def test_who_wants_none_today_since_it_was_planned_gets_none(program, evening, outgoing):
    outbox.plan_reminders(now=evening)
    on_days(program, evening, monday=None)

    delivery.send_messages(now=evening)

    assert (outgoing, state_of(program.patient)) == ([], ("cancelled", "not_this_weekday"))


def test_a_day_without_a_mail_takes_nothing_from_the_next_morning(program, evening, outgoing):
    hours = {"reminder_time": time(20), "quiet_from": time(0), "quiet_to": time(0)}
    Preferences.objects.filter(patient=program.patient).update(**hours)
    on_days(program, evening - timedelta(hours=8), monday=None, tuesday=time(0, 30))

    post(evening + timedelta(hours=2))
    post(evening + timedelta(hours=6, minutes=30))

    assert state_of(program.patient, date(2026, 3, 3)) == ("sent", "")


def test_two_mails_never_come_within_hours(program, evening, outgoing):
    post(evening)
    preferences.set_preferences(
        program.patient, zone="Pacific/Auckland", reminder_time=time(8), actor=None, now=evening
    )

    post(evening + timedelta(hours=2))

    assert len(outgoing) == 1


def test_a_reminder_four_hours_late_is_missed(program, evening, outgoing):
    outbox.plan_reminders(now=evening)

    delivery.send_messages(now=evening + timedelta(hours=4))

    assert (outgoing, state_of(program.patient)) == ([], ("expired", "too_late"))


def test_days_the_machine_stood_still_are_rows_too(program, evening, outgoing):
    post(evening + timedelta(days=2))

    assert [state_of(program.patient, date(2026, 3, day)) for day in (2, 3, 4)] == [
        ("expired", "too_late"),
        ("expired", "too_late"),
        ("sent", ""),
    ]


def test_the_number_of_queries_is_the_same_for_one_and_for_many(clinic, dana, library, now, evening):
    def decide(patients):
        Message.objects.all().delete()
        for patient in patients:
            a_program(patient, library["BALL_PROGRESSION"], now=now)
        outbox.plan_reminders(now=now)
        Schedule.objects.update(next_due_at=evening, last_due_at=None)
        outbox.plan_reminders(now=evening)
        delivery.claim(now=evening, limit=500)  # tokens exist from here on
        Message.objects.update(state="pending", due_at=evening)
        with CaptureQueriesContext(connection) as queries:
            parcels, _looked_at = delivery.claim(now=evening, limit=500)
        return len(parcels), len(queries)

    def some(count, word):
        return [make_patient(clinic, f"{word} {n}", owner=dana) for n in range(count)]

    one, few, many = decide(some(1, "One")), decide(some(2, "Few")), decide(some(27, "Many"))

    assert [count for count, _queries in (one, few, many)] == [1, 3, 30]
    assert one[1] == few[1] == many[1] <= 20


def test_planning_many_asks_no_more_than_planning_one(clinic, dana, now, evening):
    for n in range(60):
        make_patient(clinic, f"Patient {n}", owner=dana)
    outbox.plan_reminders(now=now)
    Schedule.objects.update(next_due_at=evening)

    with CaptureQueriesContext(connection) as queries:
        outbox.plan_reminders(now=evening)

    assert len(queries) <= 8


def test_a_changed_setting_is_reckoned_once(ana, now):
    outbox.plan_reminders(now=now)

    assert (Preferences.objects.get(patient=ana).is_planned, Schedule.objects.count()) == (True, 1)
