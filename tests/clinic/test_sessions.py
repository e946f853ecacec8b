"""Sessions end by themselves, and one can see and end one's own."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from clinic import sessions
from clinic.demo_cast import DOMAIN
from tests.factories import people
from tests.factories.browsers import signed_in as open_browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


def signed_in(user, *, second_step=True):
    """A browser whose session ends like anybody's."""
    browser = open_browser(user, second_step=second_step)
    session = browser.session
    del session[sessions.SESSION_KEY]
    session.save()
    return browser


@pytest.fixture
def start():
    return timezone.now()


def clicks(browser, path, start, *after):
    """Whether each click, so long after the start, still finds its person signed in."""
    found = []
    for pause in after:
        with time_machine.travel(start + pause, tick=False):
            found.append(browser.get(path).status_code == 200)
    return found


def test_staff_are_signed_out_after_an_hour_without_a_click(dana, start):
    minutes = [timedelta(minutes=m) for m in (0, 59, 118, 179)]
    assert clicks(signed_in(dana), "/staff/", start, *minutes) == [True, True, True, False]


def test_staff_are_signed_out_after_twelve_hours_however_busy(dana, start):
    halves = [timedelta(minutes=30 * n) for n in range(26)]
    assert clicks(signed_in(dana), "/staff/", start, *halves) == [True] * 25 + [False]


def test_a_patient_stays_for_two_weeks_of_silence(ana, start):
    days = [timedelta(days=d) for d in (0, 13, 28)]
    assert clicks(signed_in(ana.user, second_step=False), "/account/", start, *days) == [True, True, False]


def test_a_patient_signs_in_anew_after_ninety_days(ana, start):
    days = [timedelta(days=d) for d in range(0, 110, 10)]
    found = clicks(signed_in(ana.user, second_step=False), "/account/", start, *days)
    assert found == [True] * 10 + [False]


def test_the_api_is_over_with_the_session(dana, start):
    hours = [timedelta(hours=h) for h in (0, 2)]
    assert clicks(signed_in(dana), "/api/v1/flags/", start, *hours) == [True, False]


def test_a_page_in_time_writes_nothing(dana, start, django_assert_num_queries):
    browser = signed_in(dana)
    with time_machine.travel(start, tick=False):
        browser.get("/account/")
        before = browser.session["times"]
    with time_machine.travel(start + timedelta(minutes=4), tick=False):
        browser.get("/account/")
    assert browser.session["times"] == before


@pytest.fixture
def comes_in(clinic, settings):
    """A patient who signs in for real, in one browser after another."""
    settings.LOCAL_MODE = True
    user = people.make_patient(clinic, "Ana Silva", email=f"ana@{DOMAIN}").user
    assert user

    def sign_in(agent: str) -> Client:
        browser = Client(headers={"user-agent": agent})
        browser.post(f"/sign-in/as/{user.pk}/")
        return browser

    return sign_in


def test_one_sees_where_one_is_signed_in(comes_in):
    desk, _phone = comes_in(FIREFOX), comes_in(PHONE)
    listed = desk.get("/account/").context["sessions"]
    assert [(one.browser, one.is_this_one) for one in listed] == [
        ("Chrome on Android", False),
        ("Firefox on Linux", True),
    ]


def test_and_ends_another_browser(comes_in):
    desk, phone = comes_in(FIREFOX), comes_in(PHONE)
    other = next(one for one in desk.get("/account/").context["sessions"] if not one.is_this_one)
    desk.post(f"/account/sessions/{other.pk}/end/")
    assert (get_user(phone).is_authenticated, get_user(desk).is_authenticated) == (False, True)


def test_but_never_somebody_elses(comes_in, client_of, dana):
    desk = comes_in(FIREFOX)
    (mine,) = desk.get("/account/").context["sessions"]
    assert client_of(dana).post(f"/account/sessions/{mine.pk}/end/").status_code == 404
    assert get_user(desk).is_authenticated


def test_one_who_signs_out_is_on_no_list(comes_in):
    desk, phone = comes_in(FIREFOX), comes_in(PHONE)
    phone.post("/sign-out/")
    assert len(desk.get("/account/").context["sessions"]) == 1


def test_the_list_costs_the_same_for_one_and_for_three(comes_in, django_assert_num_queries):
    desk = comes_in(FIREFOX)
    request = desk.get("/account/").wsgi_request
    with django_assert_num_queries(2):
        assert len(sessions.own(request)) == 1
    comes_in(PHONE), comes_in(PHONE)
    with django_assert_num_queries(2):
        assert len(sessions.own(request)) == 3
