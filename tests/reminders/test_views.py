"""The pages of the post."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Heartbeat
from patients.models import Preferences
from reminders import delivery, outbox
from reminders.models import Message, Subscription
from tests.factories.people import make_patient

OUTBOX, STATUS = reverse("reminders:outbox"), reverse("reminders:status")


def plan_for(patient, now, **given):
    fields = {
        "clinic": patient.clinic,
        "patient": patient,
        "kind": "reminder",
        "slot": "daily",
        "local_date": now.date(),
        "due_at": now,
        "not_after": now,
        "planned_at": now,
    }
    return Message.objects.create(**(fields | given))


@pytest.fixture
def subscription(ana):
    return Subscription.objects.create(patient=ana, list_name="reminders", token="opaque")


@pytest.fixture
def link(subscription):
    return reverse("reminders:unsubscribe", args=[subscription.token])


def wants_reminders(patient):
    return Preferences.objects.get(patient=patient).reminders


@pytest.mark.parametrize("path", [OUTBOX, STATUS])
@pytest.mark.parametrize(("who", "status"), [("dana", 200), ("ravi", 200), ("owner", 200), ("theo", 403), ("ana", 403)])
def test_who_may_open_patients_may_see_the_mails(request, client_of, path, who, status):
    assert client_of(request.getfixturevalue(who)).get(path).status_code == status


@pytest.mark.parametrize("path", [OUTBOX, STATUS])
def test_a_stranger_is_sent_to_the_sign_in_page(client, path):
    assert client.get(path).status_code == 302


def test_it_says_why_a_patient_got_none(client_of, dana, ana, now):
    plan_for(ana, now, state="cancelled", reason="logged_already")

    page = client_of(dana).get(OUTBOX).content.decode()

    assert "Ana Silva" in page and "Had logged something that day" in page and "Not sent" in page


def test_another_clinics_mails_are_not_there(client_of, olga, ana, canary_patient, now):
    plan_for(ana, now)

    assert "Ana" not in client_of(olga).get(OUTBOX).content.decode()


def test_mails_are_chosen_by_state_and_kind(client_of, dana, ana, other_patient, now):
    plan_for(ana, now, state="dead", reason="recipient")
    plan_for(other_patient, now, state="sent")

    page = client_of(dana).get(OUTBOX, {"state": "dead", "kind": "reminder"}).content.decode()

    assert "Ana Silva" in page and "Other Patient" not in page


def test_a_state_that_does_not_exist_shows_everything(client_of, dana, ana, now):
    plan_for(ana, now)

    assert "Ana Silva" in client_of(dana).get(OUTBOX, {"state": "lost"}).content.decode()


@pytest.mark.parametrize("path", [OUTBOX, STATUS])
def test_three_mails_cost_as_many_queries_as_one(client_of, clinic, dana, ana, now, path):
    dana_at_work = client_of(dana)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            dana_at_work.get(path)
        return len(queries)

    plan_for(ana, now, state="dead")
    cost()
    one = cost()
    for n in range(2):
        plan_for(make_patient(clinic, f"Patient {n}"), now, state="dead")

    assert cost() == one


def test_fifty_mails_are_a_page(client_of, clinic, dana, now, ana):
    for n in range(51):
        plan_for(ana, now, slot=f"step:{n}")
    dana_at_work = client_of(dana)

    pages = [dana_at_work.get(OUTBOX, {"page": n}).content.decode().count("<tr>") for n in (1, 2)]

    assert pages == [51, 2]  # with the heads


def test_the_status_page_names_what_was_given_up(client_of, dana, ana, now):
    plan_for(ana, now, state="dead", reason="recipient")
    delivery.send_messages(now=now)

    page = client_of(dana).get(STATUS).content.decode()

    assert "The address does not take mail" in page


def test_the_status_page_says_which_rounds_run(client_of, dana, now, time_machine):
    time_machine.move_to(now)
    Heartbeat.beat("send_messages", now=now)
    Heartbeat.beat("tick", now=now - timedelta(minutes=6))

    rounds = client_of(dana).get(STATUS).context["rounds"]

    assert [str(one["label"]) for one in rounds if one["runs"]] == ["Send mails"]


def test_opening_the_link_changes_nothing(client, ana, link):
    assert client.get(link).status_code == 200
    assert wants_reminders(ana)


def test_a_mail_program_unsubscribes_without_cookie_or_token_of_the_page(ana, link):
    response = Client(enforce_csrf_checks=True).post(
        link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 200
    assert not wants_reminders(ana)


def test_doing_it_again_is_fine(client, ana, link):
    assert [client.post(link).status_code for _n in range(2)] == [200, 200]
    assert not wants_reminders(ana)


def test_only_that_kind_of_mail_stops(client, ana, link):
    client.post(link)

    preferences = Preferences.objects.get(patient=ana)
    assert (preferences.check_ins, preferences.trial_mails) == (True, True)


def test_an_unknown_token_is_not_found(client, db):
    assert client.get(reverse("reminders:unsubscribe", args=["guessed"])).status_code == 404


def test_the_page_shows_nothing_about_the_person(client, ana, link):
    assert "Ana" not in client.get(link).content.decode()


def test_the_button_in_a_mail_works(client, program, evening, outgoing):
    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)
    (path,) = re.findall(r"http://testserver(/mail/unsubscribe/\S+)", outgoing[0].body)

    client.post(path, {"List-Unsubscribe": "One-Click"})

    assert not wants_reminders(program.patient)


def test_kept_mails_are_shown_in_local_mode_only(client, db):
    assert client.get(reverse("reminders:local")).status_code == 404


def test_kept_mails_are_read_as_sent(client, program, evening, settings, tmp_path):
    settings.LOCAL_MODE = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    outbox.plan_reminders(now=evening)
    delivery.send_messages(now=evening)

    page = client.get(reverse("reminders:local")).content.decode()

    assert "Your plan for today" in page and "Hello Ana," in page and "List-Unsubscribe-Post" in page
