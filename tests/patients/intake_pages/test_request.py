"""The public trial form: warning signs first, the same answer for everybody, and no machine gets through."""

from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.urls import reverse

from patients.intake_pages.forms import STARTED_SALT, started_at
from patients.models import TrialRequest
from patients.trial_confirmation import confirm_token
from tests.factories.trials import a_trial

TYPED = {
    "name": "Ana Silva",
    "email": "ana@people.example",
    "phone": "020 7946 0200",
    "birth_date": "1985-05-17",
    "postcode": "M1 4BT",
    "complaint": "Tight behind the left thigh.",
    "side": "left",
    "pain_now": "2",
    "pain_usual": "2",
    "leg_tingling": "no",
    "consent_trial_terms": "on",
    "consent_treatment": "on",
    "consent_health_data": "on",
    "consent_privacy": "on",
    "consent_email": "on",
    "send": "1",
}


@pytest.fixture(autouse=True)
def a_minute_ago(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def page(clinic):
    clinic.trial_open = True
    clinic.save()
    return reverse("intake:ask", args=[clinic.slug])


@pytest.fixture
def thanks(clinic):
    return reverse("intake:thanks", args=[clinic.slug])


@pytest.fixture
def typed(now):
    return TYPED | {"started": started_at(now - timedelta(minutes=1))}


def test_the_first_step_asks_for_warning_signs_and_nothing_else(client, page):
    answer = client.get(page).content.decode()
    assert "saddle_numbness" in answer
    assert 'name="email"' not in answer


def test_the_first_step_wants_an_answer(client, page):
    assert "None of these" in client.post(page, {}).context["form"].errors["red_flags"][0]


def test_none_of_these_leads_to_the_second_step(client, page):
    answer = client.post(page, {"red_flags": "none"}).content.decode()
    assert 'name="email"' in answer


def test_none_beside_a_sign_is_not_believed(client, page):
    assert client.post(page, {"red_flags": ["chest_pain", "none"]}).context["safety"].severity == 1


def test_nothing_is_answered_beforehand(client, page):
    answer = client.post(page, {"red_flags": "none"}).content.decode()
    assert "checked" not in answer


def test_offers_are_never_ticked_beforehand(client, page):
    form = client.post(page, {"red_flags": "none"}).context["form"]
    assert [field.name for field in form if field.name.startswith("consent_") and field.value()] == []


def test_an_emergency_in_the_first_step_is_answered_there(client, page):
    answer = client.post(page, {"red_flags": "saddle_numbness"})
    assert (answer.status_code, answer.context["safety"].severity) == (200, 1)
    assert "tel:999" in answer.content.decode()


def test_an_urgent_sign_in_the_first_step_shows_above_the_second(client, page):
    answer = client.post(page, {"red_flags": "fever_unwell"})
    assert answer.context["safety"].severity == 2
    assert 'name="red_flags" value="fever_unwell"' in answer.content.decode()


def test_a_whole_request_is_kept_and_thanked_for(client, page, typed, thanks):
    answer = client.post(page, typed)

    assert answer.headers["Location"] == thanks
    request = TrialRequest.objects.get()
    assert (request.state, request.screening, request.side, request.pain_usual) == ("submitted", "eligible", "left", 2)


def test_a_known_address_gets_the_same_answer_to_the_letter(client, page, typed, clinic, dana, now):
    a_trial(clinic, dana, now=now - timedelta(days=3), email="ana@people.example")
    known = client.post(page, typed, follow=True)
    unknown = client.post(page, typed | {"email": "never@people.example", "phone": ""}, follow=True)

    assert without_token(known) == without_token(unknown)
    assert known.redirect_chain == unknown.redirect_chain


def test_what_was_typed_stays_when_something_is_missing(client, page, typed):
    answer = client.post(page, typed | {"postcode": "", "consent_email": ""})

    assert set(answer.context["form"].errors) == {"postcode", "consent_email"}
    assert "Tight behind the left thigh." in answer.content.decode()
    assert not TrialRequest.objects.exists()


def test_the_trap_for_machines_thanks_and_keeps_nothing(client, page, typed, thanks):
    answer = client.post(page, typed | {"website": "https://spam.example"})

    assert answer.headers["Location"] == thanks
    assert not TrialRequest.objects.exists()


@pytest.mark.parametrize("seconds", [0, 3])
def test_who_is_quicker_than_a_person_is_asked_again(client, page, typed, now, seconds):
    answer = client.post(page, typed | {"started": started_at(now - timedelta(seconds=seconds))})

    assert "very quick" in answer.context["form"].non_field_errors()[0]
    assert not TrialRequest.objects.exists()


@pytest.mark.parametrize(
    "started", ["", "1", signing.dumps("x", salt=STARTED_SALT)], ids=["none", "a number", "another"]
)
def test_a_made_up_start_counts_as_too_quick(client, page, typed, started):
    assert client.post(page, typed | {"started": started}).context["form"].non_field_errors()


@pytest.mark.parametrize(
    "wrong",
    [
        {"website": "https://spam.example"},
        {"started": ""},
        {"email": "", "name": "", "consent_email": "", "birth_date": "x"},
    ],
    ids=["trap", "too quick", "missing fields"],
)
def test_a_warning_sign_is_never_swallowed(client, page, typed, wrong):
    answer = client.post(page, typed | wrong | {"red_flags": "chest_pain"})

    assert answer.context["safety"].severity == 1
    assert TrialRequest.objects.get().screening == "referred_out"


def test_a_warning_sign_beats_the_limit_of_the_place(client, page, typed):
    answers = [client.post(page, typed | {"email": f"p{n}@people.example"}).status_code for n in range(6)]
    assert answers == [302] * 5 + [429]

    assert client.post(page, typed | {"red_flags": "chest_pain"}).context["safety"].severity == 1


def test_an_urgent_sign_with_fields_missing_keeps_the_form_open(client, page, typed):
    answer = client.post(page, typed | {"red_flags": "fever_unwell", "birth_date": ""})

    assert answer.context["safety"].severity == 2
    assert set(answer.context["form"].errors) == {"birth_date"}


def test_a_closed_trial_says_so(client, page, clinic):
    clinic.trial_open = False
    clinic.save()
    assert "public/trial_closed.html" in [one.name for one in client.get(page).templates]


def test_a_clinic_nobody_can_call_takes_no_requests(client, page, clinic):
    clinic.emergency_number = ""
    clinic.save()
    assert "public/trial_closed.html" in [one.name for one in client.get(page).templates]


def test_a_warning_sign_is_answered_even_after_the_trial_has_closed(client, page, clinic, typed):
    clinic.trial_open = False
    clinic.save()
    assert client.post(page, typed | {"red_flags": "chest_pain"}).context["safety"].severity == 1


def test_a_clinic_that_does_not_exist_is_not_found(client, db):
    assert client.get("/trial/nowhere/").status_code == 404


def test_opening_the_mailed_link_confirms_nothing_and_the_button_does(client, page, typed, now):
    client.post(page, typed)
    request = TrialRequest.objects.get()
    link = reverse("reminders:confirm", args=[confirm_token(request)])

    client.get(link)
    request.refresh_from_db()
    assert request.state == "submitted"

    client.post(link)
    request.refresh_from_db()
    assert request.state == "confirmed"


def without_token(answer):
    """The page but for the token against forgery, which is new in every answer."""
    return answer.content.replace(str(answer.context["csrf_token"]).encode(), b"")
