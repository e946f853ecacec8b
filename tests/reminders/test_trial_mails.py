"""The mails of a free trial: the link that confirms, and four on the way."""

import re
from datetime import timedelta

import pytest

from patients.models import Trial, TrialRequest
from reminders import delivery, outbox
from reminders.models import Message
from tests.factories.people import give_consent
from tests.reminders.test_alerts import make_flag
from tests.reminders.test_content import TELLTALE


@pytest.fixture
def asked(clinic, now) -> TrialRequest:
    """A stranger's request, not confirmed yet."""
    return TrialRequest.objects.create(
        clinic=clinic,
        name="Sam Hill",
        email="sam@people.example",
        postcode="SW1",
        complaint="Back of the thigh",
        person_key="sam",
        submitted_at=now,
    )


def confirm_by_mail(now):
    outbox.plan_confirmations(now=now)
    delivery.send_messages(now=now)


def test_a_stranger_confirms_by_the_link_in_one_mail(client, asked, now, outgoing, time_machine):
    time_machine.move_to(now)
    for _round in range(2):
        confirm_by_mail(now)
    ((path,),) = [re.findall(r"http://testserver(/\S+/)", mail.body) for mail in outgoing]

    client.get(path)
    asked.refresh_from_db()
    before = asked.state
    client.post(path)
    asked.refresh_from_db()

    assert (before, asked.state) == ("submitted", "confirmed")


def test_the_confirming_mail_tells_nothing(asked, now, outgoing):
    confirm_by_mail(now)

    said = re.sub(r"/confirm/\S+/", "/confirm/", outgoing[0].body)
    assert TELLTALE.findall(outgoing[0].subject + said) == []


def test_who_was_sent_to_emergency_care_is_not_asked_to_confirm(asked, now, outgoing):
    TrialRequest.objects.update(screening="referred_out")

    confirm_by_mail(now)

    assert outgoing == []


def test_what_was_confirmed_meanwhile_is_not_asked(asked, now, outgoing):
    outbox.plan_confirmations(now=now)
    TrialRequest.objects.update(state="confirmed")

    delivery.send_messages(now=now)

    assert (outgoing, Message.objects.get().reason) == ([], "used")


@pytest.fixture
def trial(ana, dana, now) -> Trial:
    """Ana's trial, running since today."""
    asked = TrialRequest.objects.create(
        clinic=ana.clinic,
        state="accepted",
        name="Ana Silva",
        email="ana@people.example",
        postcode="SW1",
        complaint="Back of the thigh",
        person_key="x",
        submitted_at=now,
    )
    return Trial.objects.create(
        patient=ana,
        request=asked,
        state="active",
        accepted_at=now,
        accepted_by=dana,
        started_on=now.date(),
        last_day=now.date() + timedelta(days=13),
    )


def live(first, days, *, step=1):
    """Every hour of some days, or every so many hours."""
    for hours in range(0, days * 24, step):
        at = first + timedelta(hours=hours)
        outbox.plan_trial_mails(now=at)
        delivery.send_messages(now=at)


def test_a_trial_brings_four_mails_at_ten(trial, now, outgoing):
    live(now, 16)

    sent = Message.objects.filter(kind="trial_step").order_by("sent_at").values_list("slot", "sent_at")
    assert [(slot, f"{at:%d %H}") for slot, at in sent] == [
        ("step:welcome", "02 10"),
        ("step:halfway", "09 10"),
        ("step:last_day", "15 10"),
        ("step:ended", "16 10"),
    ]


def test_a_trial_begun_late_in_the_evening_is_welcomed_the_next_day(trial, now, outgoing):
    live(now.replace(hour=22), 1)

    assert [f"{at:%d %H}" for at in Message.objects.values_list("sent_at", flat=True)] == ["03 10"]


def test_no_trial_mail_tells_what_it_is_about_outside(trial, now, outgoing):
    live(now.replace(hour=10), 16, step=24)

    assert len(outgoing) == 4
    assert [mail.subject for mail in outgoing if TELLTALE.search(mail.subject)] == []
    assert all(mail.message()["List-Unsubscribe"] for mail in outgoing)


@pytest.mark.parametrize(
    ("agreed", "flagged", "offered"), [(True, False, True), (False, False, False), (True, True, False)]
)
def test_an_offer_needs_its_own_consent_and_a_quiet_moment(trial, ana, now, outgoing, agreed, flagged, offered):
    if agreed:
        give_consent(ana, "marketing")
    if flagged:
        make_flag(ana, 3, now=now)
    live(now + timedelta(days=14), 1)

    (mail,) = [mail for mail in outgoing if mail.to == ["ana@people.example"]]
    assert ("go on with us" in mail.body) is offered


def test_who_has_stayed_gets_no_farewell(trial, now, outgoing):
    Trial.objects.update(state="converted")

    live(now + timedelta(days=13), 2)

    assert outgoing == []


def test_who_stayed_between_plan_and_mail_gets_none_either(trial, now, outgoing):
    ten = now.replace(hour=10) + timedelta(days=14)
    outbox.plan_trial_mails(now=ten)
    Trial.objects.update(state="converted")

    delivery.send_messages(now=ten)

    assert (outgoing, Message.objects.get().reason) == ([], "stayed")
