"""Messages and settings of a patient."""

from datetime import date, time, timedelta

import pytest

from clinic import audit
from patients.messages import send_message
from patients.models import Consent, PainReport, PatientMessage, Preferences

SETTINGS = {
    "reminder_time": "17:30",
    "quiet_from": "21:00",
    "quiet_to": "08:00",
    "zone": "Europe/Madrid",
    "reminders": "on",
}


def test_a_message_stands_in_the_thread(portal, ana):
    page = portal.post("/messages/", {"body": "Is swimming fine?"}, follow=True).content.decode()

    assert "Is swimming fine?" in page
    assert PatientMessage.objects.get().from_clinic is False


def test_of_a_long_thread_the_latest_stand_open_above_the_field(portal, ana, now):
    for number in range(12):
        send_message(ana, f"Message {number}", from_clinic=False, actor=ana.user, now=now + timedelta(minutes=number))
    answer = portal.get("/messages/")
    page = answer.content.decode()

    assert [message.body for message in answer.context["earlier"]] == ["Message 0", "Message 1"]
    assert page.index("Earlier messages") < page.index("Message 1<") < page.index("Message 2<")
    assert page.index("Message 11<") < page.index("Write to your clinic")


def test_what_was_not_read_yet_is_never_folded(portal, ana, dana, now):
    send_message(ana, "Please call us", from_clinic=True, actor=dana, now=now)
    for number in range(12):
        send_message(ana, f"Message {number}", from_clinic=False, actor=ana.user, now=now + timedelta(minutes=number))

    assert portal.get("/messages/").context["earlier"] == []
    assert len(portal.get("/messages/").context["earlier"]) == 3


def test_an_empty_message_is_refused(portal, ana):
    answer = portal.post("/messages/", {"body": "  "})

    assert list(answer.context["form"].errors) == ["body"]


def test_opening_the_thread_marks_the_clinics_words_as_read(portal, ana, dana, now):
    send_message(ana, "Well done.", from_clinic=True, actor=dana, now=now - timedelta(hours=1))
    assert portal.get("/today/").context["unread_messages"] == 1

    assert portal.get("/messages/").context["unread_messages"] == 0
    assert PatientMessage.objects.get().read_at == now


def test_urgent_words_ask_at_once(portal, ana):
    page = portal.post("/messages/", {"body": "I wet myself last night"}, follow=True).content.decode()

    assert "A question about what you wrote" in page
    assert PainReport.objects.get().kind == "text"


def test_saying_that_one_has_called_is_a_message(portal, ana):
    portal.post("/messages/", {"body": "I have called for help."})

    assert not PainReport.objects.exists()


def test_settings_are_kept(portal, ana):
    portal.post("/settings/", SETTINGS)

    preferences = Preferences.objects.get(patient=ana)
    ana.refresh_from_db()
    assert (preferences.reminder_time, preferences.reminders, preferences.check_ins) == (time(17, 30), True, False)
    assert ana.zone == "Europe/Madrid"


def test_a_reminder_inside_the_quiet_hours_is_refused_at_its_field(portal, ana):
    answer = portal.post("/settings/", SETTINGS | {"reminder_time": "22:00"})

    assert list(answer.context["form"].errors) == ["reminder_time"]
    assert answer.context["form"]["zone"].value() == "Europe/Madrid"


DAYS = {"by_weekday": "on", "monday": "07:30", "thursday": "12:00"}


def test_days_have_times_of_their_own(portal, ana):
    portal.post("/settings/", SETTINGS | DAYS | {"quiet_to": "07:00"})

    week = Preferences.objects.get(patient=ana).week
    assert week == (time(7, 30), None, None, time(12), None, None, None)


def test_times_of_days_nobody_asked_for_are_left_alone(portal, ana):
    portal.post("/settings/", SETTINGS | {"monday": "07:30", "tuesday": "what?"})

    assert Preferences.objects.get(patient=ana).by_weekday is False


def test_the_form_comes_back_with_the_days_as_they_are(portal, ana):
    portal.post("/settings/", SETTINGS | DAYS)

    form = portal.get("/settings/").context["form"]
    assert (form["by_weekday"].value(), form["monday"].value(), form["sunday"].value()) == (True, time(7, 30), None)


def test_a_week_without_any_time_is_refused_where_it_was_asked_for(portal, ana):
    answer = portal.post("/settings/", SETTINGS | {"by_weekday": "on"})

    assert list(answer.context["form"].errors) == ["by_weekday"]
    assert Preferences.objects.get(patient=ana).reminder_time == time(18)


def test_reminders_pause_until_a_day_and_go_on(portal, ana):
    portal.post("/settings/pause/", {"until": "2026-03-20"})
    assert Preferences.objects.get(patient=ana).paused_until == date(2026, 3, 20)

    portal.post("/settings/pause/", {"end": "1"})
    assert Preferences.objects.get(patient=ana).paused_until is None


@pytest.mark.parametrize(
    ("typed", "fault"), [("2026-03-01", "Choose a day that is still to come, within a year."), ("", "Choose a day.")]
)
def test_a_pause_that_cannot_be_is_refused_at_its_field(portal, ana, typed, fault):
    answer = portal.post("/settings/pause/", {"until": typed})

    assert answer.context["pause"].errors == {"until": [fault]}
    assert answer.context["form"]["reminder_time"].value() == Preferences.objects.get(patient=ana).reminder_time
    assert Preferences.objects.get(patient=ana).paused_until is None


def test_settings_say_that_daily_mails_wait_for_a_consent(portal, ana):
    words = "Reminders and the next-day question come once you agree to “Daily reminders” below."
    portal.post("/settings/consent/", {"kind": "email"})
    portal.post("/settings/consent/", {"kind": "reminders"})
    assert words not in portal.get("/settings/").content.decode()

    portal.post("/settings/consent/", {"kind": "reminders", "withdraw": "1"})
    assert words in portal.get("/settings/").content.decode()


def test_a_consent_is_taken_back_and_given_again(portal, ana):
    portal.post("/settings/consent/", {"kind": "reminders", "withdraw": "1"})
    assert not Consent.objects.filter(patient=ana, kind="reminders", revoked_at=None).exists()

    portal.post("/settings/consent/", {"kind": "reminders"})
    assert Consent.objects.get(patient=ana, kind="reminders", revoked_at=None).source == "portal"


@pytest.mark.parametrize("kind", ["treatment", "nonsense"])
def test_a_consent_to_treatment_is_no_switch(portal, ana, kind):
    assert portal.post("/settings/consent/", {"kind": kind, "withdraw": "1"}).status_code == 404


def test_the_patient_sees_who_looked(portal, ana, dana, clinic, now):
    audit.note("read", ana, clinic=clinic, actor=dana, now=now, patient_id=ana.pk)
    audit.note("read", ana, clinic=clinic, actor=dana, now=now, patient_id=ana.pk)

    (look,) = portal.get("/settings/").context["looks"]
    assert (look.who, look.what_for) == ("Dana Reed, Therapist", "opened your record")
