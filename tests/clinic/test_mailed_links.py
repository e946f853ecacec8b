"""Links in mails: they work once, in any browser, and opening them changes nothing."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user
from django.test import Client
from django.utils import timezone

from clinic import accounts, mailed_links, second_factor, sign_in
from clinic.mailed_links import LinkIsOver, Purpose
from clinic.models import MailedLink, SignInCode
from clinic.refusals import Refused
from reminders import delivery
from tests.clinic.test_second_factor import SECRET
from tests.factories import people
from tests.factories.browsers import signed_in

NEW_PASSWORD = "a few more words in a row"


def ask(browser, email="ana@people.example"):
    browser.post("/sign-in/", {"email": email})
    return mailed_links.path_of(MailedLink.objects.latest("pk"))


def forgotten(email="dana@people.example"):
    Client().post("/sign-in/forgotten/", {"email": email})
    return mailed_links.path_of(MailedLink.objects.latest("pk"))


def test_ana_comes_in_by_the_link_in_another_browser(ana):
    path, phone = ask(Client()), Client()
    assert phone.get(path).status_code == 200
    assert phone.post(path).headers["Location"] == "/"
    assert get_user(phone) == ana.user


def test_opening_the_link_spends_nothing(ana):
    path = ask(Client())
    for _scanner in range(3):
        Client().get(path)
    assert Client().post(path).status_code == 302


def test_a_link_works_once(ana):
    path = ask(Client())
    Client().post(path)
    again = Client()
    assert again.post(path).status_code == 404
    assert not get_user(again).is_authenticated


def test_a_link_is_over_after_ten_minutes(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    token = mailed_links.path_of(row.link).split("/")[-2]
    with pytest.raises(LinkIsOver):
        sign_in.redeem_link(token, now=now + timedelta(minutes=10))


def test_the_code_ends_the_link_and_the_link_the_code(ana, now):
    by_code, by_link = (sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now) for _mail in range(2))
    tokens = [mailed_links.path_of(row.link).split("/")[-2] for row in (by_code, by_link)]
    digits = [sign_in.open_code(row) for row in (by_code, by_link)]
    sign_in.redeem_code(by_code.pk, digits[0], now=now)
    sign_in.redeem_link(tokens[1], now=now)
    with pytest.raises(LinkIsOver):
        sign_in.redeem_link(tokens[0], now=now)
    with pytest.raises(sign_in.CodeIsOver):
        sign_in.redeem_code(by_link.pk, digits[1], now=now)


def test_a_link_signs_out_who_was_signed_in_there(ana, other_patient):
    browser = signed_in(other_patient.user)
    browser.post(ask(Client()))
    assert get_user(browser) == ana.user


@pytest.mark.parametrize("address", ["nobody@people.example", "dana@people.example"])
def test_a_link_of_nobody_or_of_staff_opens_nothing(address, dana):
    path, browser = ask(Client(), address), Client()
    assert browser.post(path).status_code == 404
    assert not get_user(browser).is_authenticated


def test_who_joined_the_staff_meanwhile_is_refused(ana, clinic, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    people.join(clinic, ana.user, "desk")
    with pytest.raises(LinkIsOver):
        sign_in.redeem_link(mailed_links.path_of(row.link).split("/")[-2], now=now)


def test_the_mail_holds_code_and_link_and_then_nobody_keeps_them(ana, mailoutbox):
    now = timezone.now()
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    path = mailed_links.path_of(row.link)
    delivery.send_codes(now=now)
    (mail,) = mailoutbox
    assert (path in mail.body, path in mail.subject) == (True, False)
    assert list(SignInCode.objects.values_list("sealed", "link__sealed")) == [("", "")]
    assert Client().post(path).status_code == 302


def test_dana_chooses_a_new_password(dana, mailoutbox):
    Client().post("/sign-in/forgotten/", {"email": "Dana@people.example"})
    delivery.send_codes(now=timezone.now())
    (path,) = re.findall(r"/sign-in/password/\S+", mailoutbox[0].body)
    assert Client().get(path).status_code == 200
    assert Client().post(path, {"password": NEW_PASSWORD}).headers["Location"] == "/sign-in/staff/"
    dana.refresh_from_db()
    assert dana.check_password(NEW_PASSWORD)


def test_a_new_password_ends_every_session_and_keeps_the_second_factor(dana):
    TOTP.activate(dana, SECRET)
    browser = signed_in(dana)
    Client().post(forgotten(), {"password": NEW_PASSWORD})
    assert not get_user(browser).is_authenticated
    assert second_factor.is_set_up(dana)


def test_a_weak_password_leaves_the_link_working(dana, now):
    link = sign_in.ask_for_password("dana@people.example", visitor="192.0.2.1", now=now)
    token = mailed_links.path_of(link).split("/")[-2]
    with pytest.raises(Refused) as refusal:
        accounts.choose_new_password(token, password="short", now=now)
    assert list(refusal.value.errors) == ["password"]
    assert mailed_links.works(Purpose.PASSWORD, token, now=now)


def test_a_link_for_one_thing_is_none_for_another(dana, ana):
    for path, other in ((forgotten(), "/sign-in/link/"), (ask(Client()), "/sign-in/password/")):
        token = path.split("/")[-2]
        assert Client().post(f"{other}{token}/", {"password": NEW_PASSWORD}).status_code == 404


@pytest.mark.parametrize("address", ["nobody@people.example", "ana@people.example", "gone@people.example"])
def test_the_answer_is_the_same_for_who_has_no_password_here(address, dana, ana):
    people.make_user("Gone", email="gone@people.example", password=people.PASSWORD, is_active=False)
    browsers = Client(), Client()
    answers = [
        browser.post("/sign-in/forgotten/", {"email": email}, follow=True)
        for browser, email in zip(browsers, ("dana@people.example", address), strict=True)
    ]
    texts = [answer.content.decode().replace(str(answer.context["csrf_token"]), "") for answer in answers]
    assert texts[0] == texts[1]
    assert list(MailedLink.objects.order_by("pk").values_list("user", flat=True)) == [dana.pk, None]


def test_links_are_limited_like_codes(dana):
    answers = [Client().post("/sign-in/forgotten/", {"email": "dana@people.example"}) for _try in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
