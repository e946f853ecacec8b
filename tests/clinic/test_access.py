"""The active clinic, and what it takes to change it."""

import pytest

from clinic.access import CLINIC_KEY
from tests.factories import people


@pytest.fixture
def in_both(dana, other_clinic):
    people.join(other_clinic, dana, "therapist", "owner")
    return dana


def active_clinic(browser):
    return browser.get("/account/").wsgi_request.clinic


def test_the_oldest_place_is_active_at_first(client_of, in_both, clinic):
    assert active_clinic(client_of(in_both)) == clinic


def test_switching_makes_the_other_clinic_active(client_of, in_both, other_clinic):
    browser = client_of(in_both)
    assert browser.post("/clinic/switch/", {"clinic": str(other_clinic.pk)}).url == "/"
    assert active_clinic(browser) == other_clinic


def test_lists_show_the_active_clinic_only(client_of, in_both, other_clinic, olga, owner):
    browser = client_of(in_both)
    browser.post("/clinic/switch/", {"clinic": str(other_clinic.pk)})
    members = browser.get("/team/").context["members"]
    assert {member.clinic for member in members} == {other_clinic}
    assert {member.user for member in members} == {in_both, olga}


def test_the_header_offers_the_other_clinic(client_of, in_both, other_clinic):
    assert f"Work in {other_clinic.name}" in client_of(in_both).get("/account/").content.decode()


def test_a_clinic_one_does_not_work_in_is_not_there(client_of, dana, other_clinic):
    browser = client_of(dana)
    for clinic in (str(other_clinic.pk), "", "not-an-id"):
        assert browser.post("/clinic/switch/", {"clinic": clinic}).status_code == 404
    assert CLINIC_KEY not in browser.session


def test_a_place_that_ended_is_not_active_any_more(client_of, in_both, clinic, other_clinic, now):
    browser = client_of(in_both)
    browser.post("/clinic/switch/", {"clinic": str(other_clinic.pk)})
    in_both.memberships.filter(clinic=other_clinic).update(left_at=now)
    assert active_clinic(browser) == clinic


def test_switching_takes_a_post(client_of, in_both):
    assert client_of(in_both).get("/clinic/switch/").status_code == 405
