"""Who takes the way out of a list gets nothing more from it: one tap, no sign-in."""

import re

import pytest
from django.conf import settings
from django.core import mail

from reminders import delivery, outbox
from reminders.models import Message
from tests.browser.hands import at, press, words_of
from tests.factories.programs import a_program

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def the_evening_comes(day: int) -> None:
    """What the timetable does in the minute after six, when Ana wants to be reminded."""
    outbox.plan_messages(now=at(day, 18, 1))
    delivery.send_messages(now=at(day, 18, 1))


def test_the_unsubscribed_get_nothing(page_of, clock, ana, library):
    clock(at(0, 9))
    a_program(ana, library["BALL_PROGRESSION"], now=at(0, 9))
    outbox.plan_messages(now=at(0, 9))
    mail.outbox = []
    clock(at(0, 18, 1))
    the_evening_comes(0)
    (sent,) = mail.outbox
    assert sent.to == ["ana@people.example"]

    # The link stands in the header for mail programs, and in the text for people: they are the same.
    link = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert link in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    # A scanner that opens the link changes nothing; Ana, who is signed in nowhere, presses the button.
    path = link.removeprefix(settings.SITE_URL)
    assert re.fullmatch(r"/mail/unsubscribe/[\w-]+/", path)
    phone = page_of(None)
    phone.goto(path)
    ana.preferences.refresh_from_db()
    assert ana.preferences.reminders is True
    press(phone, "Yes, stop them")
    assert "You will not get this kind of mail any more." in words_of(phone)

    # The next evenings bring no mail, and staff can read why.
    for day in (1, 2):
        clock(at(day, 18, 1))
        the_evening_comes(day)
    assert len(mail.outbox) == 1
    later = Message.objects.filter(patient=ana, local_date__gt=at(0, 9).date()).values_list("state", "reason")
    assert set(later) <= {("cancelled", "unsubscribed")}
