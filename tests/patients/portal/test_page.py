"""Whose portal opens, and for whom it stays closed."""

import pytest

from tests.factories import people

PAGES = ["/today/", "/session/", "/pain/", "/progress/", "/program/", "/program/print/", "/messages/", "/settings/"]


@pytest.fixture
def carer(ana):
    user = people.make_user("Carer")
    people.make_proxy(ana, user)
    return user


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_for_a_patient_with_a_program(portal, program, path):
    assert portal.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_staff_who_follow_nobody_have_no_portal(client_of, dana, path):
    assert client_of(dana).get(path).status_code == 403


@pytest.mark.parametrize("missing", ["phone", "emergency_number"])
def test_the_portal_stays_closed_until_the_clinic_says_whom_to_call(portal, clinic, missing):
    setattr(clinic, missing, "")
    clinic.save()
    answer = portal.get("/today/")

    assert answer.status_code == 503
    assert "has not said yet whom to call" in answer.content.decode()


def test_a_carer_of_one_opens_their_portal_at_once(client_of, carer, program):
    page = client_of(carer).get("/today/").content.decode()

    assert "Good morning, Carer" in page
    assert "You are looking after <strong>Ana</strong>." in page


def test_a_carer_of_two_chooses_and_sees_the_choice(client_of, carer, ana, other_patient, program):
    people.make_proxy(other_patient, carer)
    browser = client_of(carer)
    assert "Whose portal do you want to open?" in browser.get("/program/").content.decode()

    page = browser.post("/whose/", {"patient": str(ana.pk), "next": "/program/"}, follow=True).content.decode()

    assert "You are looking after <strong>Ana</strong>." in page
    assert "Floor bridge" in page


def test_nobody_chooses_a_patient_they_do_not_follow(client_of, carer, ana, other_patient, canary_patient):
    people.make_proxy(other_patient, carer)
    browser = client_of(carer)
    browser.post("/whose/", {"patient": str(canary_patient.pk)})

    assert "Whose portal do you want to open?" in browser.get("/today/").content.decode()


def test_the_choice_sends_nobody_to_another_site(client_of, carer, ana, other_patient):
    people.make_proxy(other_patient, carer)
    answer = client_of(carer).post("/whose/", {"patient": str(ana.pk), "next": "https://evil.example/"})

    assert answer.headers["Location"] == "/today/"


def test_a_carer_whose_care_ended_is_out(client_of, carer, ana, now):
    ana.proxies.update(revoked_at=now)

    assert client_of(carer).get("/today/").status_code == 403
