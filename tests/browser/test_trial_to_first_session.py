"""From a stranger's request to a first session: signs, form, confirmed mail, audit, start, log."""

import pytest
from django.conf import settings
from django.core import mail

from patients.models import Patient, Session, Trial, TrialRequest
from patients.models.consent import ConsentKind
from reminders import delivery, outbox
from tests.browser.hands import at, choose, choose_labelled, log, press, words_of
from tests.factories.programs import item_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AGREED = (
    ConsentKind.TRIAL_TERMS,
    ConsentKind.TREATMENT,
    ConsentKind.HEALTH_DATA,
    ConsentKind.PRIVACY,
    ConsentKind.EMAIL,
)


@pytest.fixture
def trial_is_open(clinic, library):
    clinic.trial_open = True
    clinic.privacy_notice = "What we keep, why, and for how long."
    clinic.save()


def test_trial_request_to_first_session(page_of, clock, clinic, dana, trial_is_open):
    # Monday: a stranger answers the questions about warning signs first, then who they are.
    clock(at(0, 10))
    phone = page_of(None)
    phone.goto(f"/trial/{clinic.slug}/")
    phone.get_by_label("None of these").check()
    press(phone, "Go on")
    clock(at(0, 10, 4))
    phone.get_by_label("Name", exact=True).fill("Sam Doyle")
    phone.get_by_label("E-mail").first.fill("sam@people.example")
    phone.get_by_label("Phone").first.fill("020 7946 0300")
    phone.get_by_label("Date of birth").fill("1988-05-04")
    phone.get_by_label("Postcode").fill("SW1A 1AA")
    phone.get_by_label("What brings you here?").fill("The back of my left thigh is stiff since winter.")
    choose_labelled(phone, "side", "left")
    choose(phone, "pain_now", 1)
    choose(phone, "pain_usual", 2)
    choose_labelled(phone, "leg_tingling", "no")
    for kind in AGREED:
        phone.locator(f'input[name="consent_{kind.value}"]').check()
    press(phone, "Ask for the trial")
    assert "Thank you. Now look at your mail" in words_of(phone)
    assert TrialRequest.objects.get().state == "submitted"

    # The mail brings a link; opening it is not enough, the button is.
    mail.outbox = []
    outbox.plan_messages(now=at(0, 10, 5))
    delivery.send_messages(now=at(0, 10, 5))
    (sent,) = mail.outbox
    assert sent.to == ["sam@people.example"]
    link = next(word for word in sent.body.split() if word.startswith(settings.SITE_URL) and "confirm" in word)
    phone.goto(link.removeprefix(settings.SITE_URL))
    assert TrialRequest.objects.get().state == "submitted"
    press(phone, "Yes, it came from me")
    assert "Your address is confirmed" in words_of(phone)

    # Dana, who is licensed, accepts, books and records the audit, and starts the two weeks.
    clock(at(0, 14))
    desk = page_of(dana)
    desk.goto("/staff/trials/")
    desk.get_by_role("link", name="Sam Doyle").first.click()
    desk.get_by_role("link", name="Accept").click()
    press(desk, "Accept")
    desk.get_by_role("link", name="Book the audit").click()
    desk.get_by_label("When").fill("2026-03-03T09:00")
    press(desk, "Book")
    clock(at(1, 9, 30))
    desk = page_of(dana)
    desk.goto("/staff/trials/")
    desk.get_by_role("link", name="Sam Doyle").first.click()
    desk.get_by_role("link", name="Record the audit").click()
    choose_labelled(desk, "SLUMP-value", "unchanged")
    choose_labelled(desk, "leg_tingling", "no")
    choose_labelled(desk, "path", "muscle")
    desk.get_by_label("Summary").fill("Level pelvis, no nerve signs. Begins with the bridge.")
    press(desk, "Save the audit")
    desk.get_by_role("link", name="Start the two weeks").click()
    press(desk, "Start")
    assert Trial.objects.get().state == "active"

    # The same evening the stranger is a patient with a plan, and logs the first session.
    clock(at(1, 19))
    sam = Patient.objects.get(identity__email="sam@people.example")
    program = sam.programs.get()
    phone = page_of(sam)
    phone.goto("/")
    assert phone.url.endswith("/today/")
    said = log(phone, item_of(program, "BRG"), before=0, during=0, after=0)
    assert "Saved. This is what comes next" in said
    assert Session.objects.get().patient == sam
