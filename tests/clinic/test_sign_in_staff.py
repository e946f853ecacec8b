"""Staff sign in by password; the answer to a wrong one gives nothing away, and guessing is slowed before hashing."""

import pytest
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from clinic import sign_in_pages
from clinic.models import Membership
from tests.factories import people


@pytest.fixture
def browser(db):
    return Client()


def try_password(browser, email, password=people.PASSWORD, **more):
    return browser.post("/sign-in/staff/", {"email": email, "password": password} | more)


def test_dana_signs_in_with_her_password(browser, dana):
    answer = try_password(browser, "Dana@people.example")
    assert (answer.status_code, answer.url) == (302, "/")
    assert get_user(browser) == dana


def refusal(answer):
    return answer.status_code, answer.context["form"].non_field_errors()


def test_every_refusal_reads_the_same(browser, dana, ana, clinic):
    ana.user.set_password(people.PASSWORD)
    ana.user.save()
    people.make_user("Gone", email="gone@people.example", password=people.PASSWORD, is_active=False)
    people.make_member(clinic, "Left", "desk", email="left@people.example", left_at=timezone.now())
    answers = [
        try_password(browser, "dana@people.example", "a wrong password"),
        try_password(browser, "nobody@people.example"),
        try_password(browser, "ana@people.example"),
        try_password(browser, "gone@people.example"),
        try_password(browser, "left@people.example"),
    ]
    assert [refusal(answer) for answer in answers] == [
        (200, ["E-mail and password do not match. Please check both."])
    ] * 5
    assert not get_user(browser).is_authenticated


def test_guessing_is_refused_before_the_password_is_hashed(browser, dana, monkeypatch):
    for _try in range(10):
        try_password(browser, "dana@people.example", "a wrong password")
    monkeypatch.setattr("clinic.sign_in.authenticate", lambda *args, **kwargs: pytest.fail("hashed"))

    answer = try_password(browser, "dana@people.example")
    assert answer.status_code == 429
    assert "Too many tries. Please wait 15 minutes and try again." in answer.content.decode()


def test_the_next_page_is_honoured_only_on_this_site(dana):
    assert try_password(Client(), "dana@people.example", next="/account/").url == "/account/"
    assert try_password(Client(), "dana@people.example", next="https://evil.example/").url == "/"


def test_a_member_who_has_left_is_signed_out_of_every_page_of_staff(client_of, owner, now):
    browser = client_of(owner)
    Membership.objects.filter(user=owner).update(left_at=now)
    assert browser.get("/team/").status_code == 403


def test_whoever_is_signed_in_is_not_asked_again(client_of, dana):
    for page in ("/sign-in/", "/sign-in/staff/"):
        assert client_of(dana).get(page).url == "/"


def test_the_landing_says_so_to_a_person_with_nothing_here(client_of, db):
    answer = client_of(people.make_user("Nobody")).get("/")
    assert answer.status_code == 200
    assert "Nothing here yet" in answer.content.decode()


def test_landing_needs_a_sign_in(browser, db):
    assert browser.get("/").url == "/sign-in/?next=/"


@pytest.fixture
def doors(monkeypatch):
    """The names the landing sends people to, instead of pages."""
    monkeypatch.setattr(sign_in_pages, "redirect", lambda name: _named(name))


def _named(name):
    answer = HttpResponse(status=302)
    answer["Location"] = name
    return answer


def test_each_person_lands_at_their_own_door(client_of, doors, dana, ravi, owner, theo, ana, clinic):
    carer = people.make_user("Carer")
    people.make_proxy(ana, carer)
    landed = [client_of(person).get("/").headers["Location"] for person in (dana, ravi, owner, theo, ana, carer)]
    assert landed == [*["workspace:caseload"] * 3, "admin:index", *["portal:today"] * 2]
