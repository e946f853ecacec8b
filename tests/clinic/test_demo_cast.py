"""Local mode offers to continue as a member of the demo cast; nowhere else does this door exist."""

import pytest
from django.contrib.auth import get_user
from django.test import Client

from clinic.demo_cast import DOMAIN
from tests.factories import people
from tests.factories.browsers import signed_in


@pytest.fixture
def cast(clinic):
    """A therapist who also runs the clinic, and a patient, with demo addresses."""
    dana = people.make_member(clinic, "Dana Reed", "therapist", "owner", licensed=True, email=f"dana@{DOMAIN}")
    ana = people.make_patient(clinic, "Ana Silva", email=f"ana@{DOMAIN}").user
    return dana, ana


@pytest.fixture
def local(settings):
    settings.LOCAL_MODE = True


def test_the_page_names_each_person_and_what_they_do(cast, local, theo):
    people_shown = Client().get("/sign-in/").context["cast"]
    assert [(person.user.name, person.does) for person in people_shown] == [
        ("Dana Reed", "Owner, Therapist · Riverside Physio"),
        ("Ana Silva", "Patient or carer"),
    ]


def test_the_page_says_who_may_not_close_what_is_urgent(clinic, local):
    people.make_member(clinic, "Cleo Hart", "therapist", email=f"cleo@{DOMAIN}")

    assert [person.does for person in Client().get("/sign-in/").context["cast"]] == [
        "Therapist, not licensed · Riverside Physio"
    ]


def test_one_tap_signs_in(cast, local):
    for person in cast:
        browser = Client()
        assert browser.post(f"/sign-in/as/{person.pk}/").headers["Location"] == "/"
        assert get_user(browser) == person


def test_outside_local_mode_the_door_is_not_there(cast):
    browser = Client()
    assert browser.get("/sign-in/").context["cast"] == []
    assert browser.post(f"/sign-in/as/{cast[0].pk}/").status_code == 404
    assert not get_user(browser).is_authenticated


def code_page(email):
    browser = Client()
    browser.post("/sign-in/", {"email": email})
    return browser.get("/sign-in/code/").content.decode()


def test_who_waits_for_a_code_is_led_to_the_mails_of_this_machine(cast, local):
    assert "/mail/local/" in code_page(cast[1].email)


def test_elsewhere_nobody_is_led_to_mails(cast):
    assert "/mail/local/" not in code_page(cast[1].email)


def asked_again(user):
    """The page on which staff show who they are, before one that matters."""
    return signed_in(user).get("/account/confirm/?next=/team/").content.decode()


def test_staff_of_the_cast_have_no_password_to_show_again(cast, local, theo):
    assert f"/sign-in/as/{cast[0].pk}/" in asked_again(cast[0])
    assert "/sign-in/as/" not in asked_again(theo)


def test_elsewhere_everybody_shows_a_password(cast):
    assert "/sign-in/as/" not in asked_again(cast[0])


def test_people_who_are_not_of_the_cast_cannot_be_taken(local, theo):
    assert Client().post(f"/sign-in/as/{theo.pk}/").status_code == 404


def test_a_link_signs_nobody_in(cast, local):
    assert Client().get(f"/sign-in/as/{cast[0].pk}/").status_code == 405
