"""Before a step that matters, who is signed in shows once more who they are. A step that matters: the own record."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import device_tokens, sign_in
from clinic.models import AuditEntry, SignInCode
from reminders import delivery
from tests.clinic.test_second_factor import SECRET, code_now, second_step, type_password
from tests.factories import people
from tests.factories.browsers import shown_again, signed_in

MY_DATA = "/settings/data/"
CONFIRM = "/account/confirm/mail/?next=/settings/data/"


def ask_for_code(browser) -> str:
    browser.post(CONFIRM, {"send": "1", "next": MY_DATA})
    return sign_in.open_code(SignInCode.objects.latest("pk"))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_session_of_yesterday_is_asked_before_the_record_goes(ana):
    answer = signed_in(ana.user).post(MY_DATA)
    assert answer.headers["Location"] == "/account/confirm/mail/?next=%2Fsettings%2Fdata%2F"
    assert not AuditEntry.objects.filter(verb="export").exists()


def test_the_mailed_code_leads_back_and_the_record_goes(ana, mailoutbox):
    browser = signed_in(ana.user)
    asked = browser.post(CONFIRM, {"send": "1", "next": MY_DATA})
    delivery.send_codes(now=timezone.now())
    code = "".join(mailoutbox[0].body.split("    ")[1].split("\n")[0].split())
    answer = browser.post(asked.headers["Location"], {"code": code, "next": MY_DATA})

    assert mailoutbox[0].to == ["ana@people.example"]
    assert answer.headers["Location"] == MY_DATA
    assert browser.post(MY_DATA)["Content-Type"] == "application/zip"
    assert AuditEntry.objects.filter(verb="confirm", actor=ana.user).count() == 1


def test_the_mail_carries_no_way_in(ana, mailoutbox):
    ask_for_code(signed_in(ana.user))
    delivery.send_codes(now=timezone.now())
    assert "http" not in mailoutbox[0].body
    assert mailoutbox[0].subject == "Your code"


def test_who_came_in_by_code_just_now_is_not_asked_again(ana):
    browser = Client()
    browser.post("/sign-in/", {"email": "ana@people.example"})
    browser.post("/sign-in/code/", {"code": sign_in.open_code(SignInCode.objects.get())})
    assert browser.post(MY_DATA)["Content-Type"] == "application/zip"


def test_it_holds_for_ten_minutes(ana):
    browser = shown_again(signed_in(ana.user), ana.user)
    start = timezone.now()
    kinds = []
    for minutes in (9, 11):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            kinds.append(browser.post(MY_DATA).status_code)
    assert kinds == [200, 302]


def test_opening_the_page_sends_no_mail(ana):
    assert signed_in(ana.user).get(CONFIRM).status_code == 200
    assert not SignInCode.objects.exists()


def test_a_wrong_code_stays_on_the_page_and_five_end_it(ana):
    browser = signed_in(ana.user)
    code = ask_for_code(browser)
    first = browser.post(CONFIRM, {"code": wrong(code), "next": MY_DATA})
    for _try in range(3):
        browser.post(CONFIRM, {"code": wrong(code)})
    last = browser.post(CONFIRM, {"code": wrong(code)})
    browser.post(CONFIRM, {"code": code})

    assert "That is not the code we sent." in first.content.decode()
    assert last.status_code == 302
    assert browser.post(MY_DATA).status_code == 302


def test_a_code_works_once(ana):
    browser = signed_in(ana.user)
    code = ask_for_code(browser)
    waiting = browser.session["confirm_code"]
    browser.post(CONFIRM, {"code": code})
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        session = browser.session
        session["confirm_code"] = waiting
        session.save()
        browser.post(CONFIRM, {"code": code})
        assert browser.post(MY_DATA).status_code == 302


def test_a_code_overheard_is_of_no_use_in_another_browser(ana, other_patient):
    code = ask_for_code(signed_in(ana.user))
    thief = signed_in(ana.user)
    assert thief.post(CONFIRM, {"code": code}).status_code == 200
    assert thief.post(MY_DATA).status_code == 302


def test_the_code_of_another_person_shows_nothing(ana, other_patient):
    theirs, browser = signed_in(other_patient.user), signed_in(ana.user)
    code = ask_for_code(theirs)
    session = browser.session
    session["confirm_code"] = theirs.session["confirm_code"]
    session.save()
    browser.post(CONFIRM, {"code": code})
    assert browser.post(MY_DATA).status_code == 302


@pytest.mark.parametrize("asked_for", ["sign_in", "confirm"])
def test_a_code_for_one_thing_is_none_for_another(ana, now, asked_for):
    row = sign_in.make_code(SignInCode.Purpose(asked_for), ana.user, now=now)
    other = {"sign_in": "confirm", "confirm": "sign_in"}[asked_for]
    with pytest.raises(sign_in.CodeIsOver):
        sign_in.use_code(SignInCode.Purpose(other), row.pk, sign_in.open_code(row), now=now)


def test_the_mails_are_limited_like_those_of_the_sign_in(ana):
    browser = signed_in(ana.user)
    answers = [browser.post(CONFIRM, {"send": "1"}) for _try in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Too many tries." in answers[-1].content.decode()


def test_a_next_page_elsewhere_is_ignored(ana):
    browser = signed_in(ana.user)
    code = ask_for_code(browser)
    answer = browser.post("/account/confirm/mail/", {"code": code, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_a_carer_is_asked_at_their_own_address(ana, mailoutbox):
    carer = people.make_user("Rosa Silva", email="rosa@people.example")
    people.make_proxy(ana, carer)
    browser = signed_in(carer)
    assert browser.post(MY_DATA).status_code == 302
    ask_for_code(browser)
    delivery.send_codes(now=timezone.now())
    assert mailoutbox[0].to == ["rosa@people.example"]


@pytest.mark.parametrize("page", ["copy", "close", "address"])
def test_staff_show_their_password_or_second_step_first(page, clinic, ana):
    boss = people.make_member(clinic, "Boss", "owner", email="boss@people.example")
    TOTP.activate(boss, SECRET)
    name = {"copy": "record_copy", "close": "close_account", "address": "address"}[page]
    path = reverse(f"workspace:{name}", args=[ana.pk])
    asked = signed_in(boss).post(path, {"email": "new@people.example", "sure": "on"})
    ana.refresh_from_db()

    assert asked.headers["Location"].startswith("/account/confirm/?next=")
    assert (ana.closed_at, ana.user.email) == (None, "ana@people.example")

    browser = signed_in(boss)
    answer = browser.post(f"/account/confirm/?next={path}", {"password": people.PASSWORD})
    assert answer.headers["Location"] == path
    assert browser.get(path).status_code == 200


def test_staff_who_just_signed_in_are_not_asked(clinic, ana):
    boss = people.make_member(clinic, "Boss", "owner", email="boss@people.example")
    TOTP.activate(boss, SECRET)
    browser = type_password("boss@people.example")
    second_step(browser, code_now())
    assert browser.post(reverse("workspace:record_copy", args=[ana.pk]))["Content-Type"] == "application/zip"


def test_who_has_a_passkey_is_offered_it_beside_the_password(dana):
    Authenticator.objects.create(user=dana, type="webauthn", data={"name": "Laptop", "credential": {}})
    page = signed_in(dana).get("/account/confirm/?next=/staff/").content.decode()
    assert "/account/confirm/passkey/?next=%2Fstaff%2F" in page


def test_staff_are_led_to_their_own_way(dana):
    assert signed_in(dana).get("/account/confirm/mail/").headers["Location"] == "/account/confirm/"


@pytest.mark.parametrize("path", [MY_DATA, "/settings/address/", "/settings/address/code/"])
def test_a_device_token_opens_none_of_it(ana, path):
    _row, token = device_tokens.issue(ana.user, name="phone", now=timezone.now())
    answer = Client().post(path, {"email": "thief@people.example"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.headers["Location"].startswith("/sign-in/")
