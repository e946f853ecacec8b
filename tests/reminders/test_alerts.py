"""Alerts to staff, and the notice to the patient."""

from datetime import timedelta

import pytest

from clinic.absence import set_absence
from clinic.models import Membership
from patients import flagging, follow_up, people
from patients.models import PainFlag
from reminders import delivery, outbox
from reminders.models import Message
from reminders.teams import teams_of
from tests.factories import people as people_of
from tests.factories.programs import a_session, as_planned, item_of
from tests.reminders.test_content import TELLTALE


def make_flag(patient, severity, *, now, group="pain", **given):
    fields = {
        "clinic": patient.clinic,
        "patient": patient,
        "group": group,
        "severity": severity,
        "code": "FL-TEST",
        "headline": "Pain 8, usual 3, ball curl",
        "opened_at": now,
        "last_event_at": now,
    }
    return PainFlag.objects.create(**(fields | given))


def told(outgoing):
    return sorted(mail.to[0] for mail in outgoing)


def test_pain_in_a_session_reaches_the_therapist_and_the_patient(program, dana, now, outgoing):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=8), now=now)
    flagging.assess_waiting_reports(now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["ana@people.example", "dana@people.example"]


def test_a_flag_for_soon_goes_to_the_patients_therapist_alone(ana, dana, colleague, now, outgoing):
    make_flag(ana, 3, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["dana@people.example"]


def away(user, substitute, *, now):
    post = Membership.objects.get(user=user)
    today = now.date()
    set_absence(post, first=today, last=today + timedelta(days=7), substitute=substitute, actor=user, now=now)


def test_while_the_therapist_is_away_the_flag_goes_to_the_substitute(ana, dana, colleague, clinic, now, outgoing):
    people_of.make_member(clinic, "Third", "therapist", licensed=True)
    away(dana, colleague, now=now)
    make_flag(ana, 3, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["colleague@people.example"]


def test_where_the_substitute_is_away_too_everybody_on_duty_is_told(ana, dana, colleague, clinic, now, outgoing):
    people_of.make_member(clinic, "Third", "therapist", licensed=True)
    away(dana, colleague, now=now)
    away(colleague, None, now=now)
    make_flag(ana, 3, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["third@people.example"]


@pytest.mark.parametrize("severity", [2, 3])
def test_where_all_are_away_nobody_is_left_out(ana, dana, colleague, now, outgoing, severity):
    away(dana, colleague, now=now)
    away(colleague, None, now=now)
    make_flag(ana, severity, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["colleague@people.example", "dana@people.example"]


def test_a_flag_they_had_taken_is_the_substitutes_meanwhile(ana, dana, colleague, clinic, now):
    flag = make_flag(ana, 3, now=now, owner=dana)
    away(dana, colleague, now=now)
    assert teams_of({clinic.pk}, now=now)[clinic.pk].for_flag(flag) == {colleague.pk}


@pytest.mark.parametrize("severity", [1, 2])
def test_an_urgent_flag_goes_to_everybody_licensed(ana, dana, colleague, ravi, now, outgoing, severity):
    make_flag(ana, severity, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["colleague@people.example", "dana@people.example"]


@pytest.mark.parametrize("severity", [4, 5])
def test_what_can_wait_is_no_mail(ana, dana, now, outgoing, severity):
    make_flag(ana, severity, now=now)

    delivery.send_urgent(now=now)

    assert outgoing == []


def test_when_the_therapist_has_left_somebody_else_is_told(ana, dana, colleague, now, outgoing):
    Membership.objects.filter(user=dana).update(left_at=now)
    make_flag(ana, 3, now=now)

    delivery.send_urgent(now=now)

    assert told(outgoing) == ["colleague@people.example"]


def test_another_clinic_hears_nothing(ana, dana, olga, now, outgoing):
    make_flag(ana, 1, now=now)

    delivery.send_urgent(now=now)

    assert "olga@people.example" not in told(outgoing)


def test_an_alert_names_neither_the_person_nor_the_complaint(ana, dana, now, outgoing):
    make_flag(ana, 2, now=now)

    delivery.send_urgent(now=now)

    (mail,) = outgoing
    said = mail.subject + mail.body
    assert "a flag of severity 2 waits" in said
    assert [word for word in ("Ana", "Silva", "8", "curl") if word in said] == []
    assert TELLTALE.findall(said) == []


def test_a_flag_is_told_once(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now)

    for seconds in (0, 15, 30):
        delivery.send_urgent(now=now + timedelta(seconds=seconds))

    assert len(outgoing) == 1


def test_a_flag_that_grows_worse_is_told_again(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now)
    delivery.send_urgent(now=now)
    PainFlag.objects.update(severity=2)

    delivery.send_urgent(now=now)

    assert [mail.body.count("severity 2") for mail in outgoing] == [0, 1]


def test_a_reopened_flag_is_told_again(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now)
    delivery.send_urgent(now=now)
    PainFlag.objects.update(reopened=1)

    delivery.send_urgent(now=now)

    assert len(outgoing) == 2


def test_two_flags_of_one_moment_are_one_mail_about_the_worse(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now, group="tolerance")
    make_flag(ana, 2, now=now)

    delivery.send_urgent(now=now)

    assert [mail.body.count("severity 2") for mail in outgoing] == [1]
    assert sorted(Message.objects.values_list("state", "reason")) == [("cancelled", "one_mail"), ("sent", "")]


def test_what_was_settled_before_the_mail_left_is_not_told(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now)
    outbox.plan_urgent(now=now)
    PainFlag.objects.update(state="resolved", resolved_at=now)

    delivery.send_messages(now=now)

    assert (outgoing, Message.objects.get().reason) == ([], "resolved")


def test_a_late_follow_up_is_told_once_a_day(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now, ack_due=now + timedelta(hours=4))

    for hours in range(0, 60, 2):
        delivery.send_urgent(now=now + timedelta(hours=hours))

    assert [mail.subject for mail in outgoing] == [
        "Please open Stepwell: a flag waits",
        "Please open Stepwell: a follow-up is late",
        "Please open Stepwell: a follow-up is late",
        "Please open Stepwell: a follow-up is late",
    ]


def test_a_flag_nobody_takes_goes_to_all_on_duty(ana, dana, colleague, owner, now, outgoing):
    make_flag(ana, 3, now=now, ack_due=now + timedelta(hours=4))
    delivery.send_urgent(now=now)

    delivery.send_urgent(now=now + timedelta(hours=4))

    assert told(outgoing) == ["colleague@people.example", "dana@people.example", "dana@people.example"]


def test_at_twice_the_time_who_leads_the_clinic_is_told_once(ana, dana, owner, now, outgoing):
    make_flag(ana, 3, now=now, ack_due=now + timedelta(hours=4))

    for hours in range(9):  # severity 3 is to be taken within four staffed hours
        delivery.send_urgent(now=now + timedelta(hours=hours))

    assert told(outgoing).count("owner@people.example") == 1
    assert Message.objects.get(user=owner).planned_at == now + timedelta(hours=8)


def test_a_flag_taken_and_left_is_late_once_more(ana, dana, now, outgoing):
    flag = make_flag(ana, 3, now=now, ack_due=now, contact_due=now + timedelta(hours=2))
    delivery.send_urgent(now=now)
    delivery.send_urgent(now=now)
    follow_up.take(flag, actor=dana, now=now + timedelta(hours=1))

    delivery.send_urgent(now=now + timedelta(hours=2))

    assert outgoing[-1].subject == "Please open Stepwell: a follow-up is late"
    assert Message.objects.filter(slot__contains=":c0:").count() == 1


def test_an_escalation_is_no_mail_beside_the_one_about_the_late_flag(ana, dana, now, outgoing):
    make_flag(ana, 2, now=now, group="escalation", code="FL-SLA")

    delivery.send_urgent(now=now)

    assert outgoing == []


def test_a_flag_that_is_late_before_anybody_was_told_is_one_mail(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now, ack_due=now)

    delivery.send_urgent(now=now + timedelta(hours=1))

    assert [mail.subject for mail in outgoing] == ["Please open Stepwell: a flag waits"]


def test_a_snoozed_flag_is_not_late(ana, dana, now, outgoing):
    make_flag(ana, 3, now=now, ack_due=now, snoozed_until=now + timedelta(hours=40))

    for hours in (0, 24):
        delivery.send_urgent(now=now + timedelta(hours=hours))

    assert len(outgoing) == 1


def test_alerts_come_at_any_hour(ana, dana, now, outgoing):
    night = now.replace(hour=3)
    make_flag(ana, 1, now=night)

    delivery.send_urgent(now=night)

    assert len(outgoing) == 1


def test_the_notice_says_where_to_look_and_whom_to_call(program, dana, now, outgoing):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=8), now=now)

    delivery.send_urgent(now=now)

    (mail,) = [mail for mail in outgoing if mail.to == ["ana@people.example"]]
    assert mail.subject == "Please open your portal"
    assert "020 7946 0100" in mail.body and TELLTALE.findall(mail.body) == []
    assert "List-Unsubscribe" not in mail.message()


def test_without_consent_to_mail_there_is_no_notice(program, dana, now, outgoing):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=8), now=now)
    people.withdraw_consent(program.patient, "email", actor=None, now=now)

    delivery.send_urgent(now=now)

    assert [mail.to for mail in outgoing if mail.to == ["ana@people.example"]] == []
