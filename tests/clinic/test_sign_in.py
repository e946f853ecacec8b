"""Signing in by code: one answer for everybody, and a code that is hard to guess and works once."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.test import Client

from clinic import sign_in
from clinic.models import AuditEntry, SignInCode, User
from tests.factories import people


@pytest.fixture
def browser(db):
    return Client()


def ask(browser, email, **more):
    return browser.post("/sign-in/", {"email": email} | more)


def newest_code() -> str:
    return sign_in.open_code(SignInCode.objects.latest("requested_at"))


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def visible_text(response, address):
    text = response.content.decode().replace(address, "ADDRESS")
    token = response.context["csrf_token"]
    return text.replace(str(token), "TOKEN")


def test_ana_signs_in_with_the_code_from_her_mail(browser, ana):
    asked = ask(browser, "ana@people.example")
    answer = browser.post("/sign-in/code/", {"code": newest_code()})

    assert (asked.status_code, asked.url) == (302, "/sign-in/code/")
    assert (answer.status_code, answer.url) == (302, "/")
    assert get_user(browser) == ana.user


def test_the_address_may_be_typed_in_capitals(browser, ana):
    ask(browser, "ANA@people.example")
    assert SignInCode.objects.get().user == ana.user


def test_a_code_typed_with_a_space_is_read(browser, ana):
    ask(browser, "ana@people.example")
    code = newest_code()
    browser.post("/sign-in/code/", {"code": f"{code[:3]} {code[3:]}"})
    assert get_user(browser) == ana.user


@pytest.fixture
def gone(db):
    return people.make_user("Gone", email="gone@people.example", is_active=False)


@pytest.mark.parametrize("address", ["nobody@people.example", "dana@people.example", "gone@people.example"])
def test_unknown_staff_and_inactive_addresses_get_the_answer_ana_gets(address, ana, dana, gone):
    known, other = Client(), Client()
    asked = [ask(known, "ana@people.example"), ask(other, address)]
    shown = [known.get("/sign-in/code/"), other.get("/sign-in/code/")]
    failed = [browser.post("/sign-in/code/", {"code": "000000"}) for browser in (known, other)]

    assert [(answer.status_code, answer.url) for answer in asked] == [(302, "/sign-in/code/")] * 2
    for pair in (shown, failed):
        assert [answer.status_code for answer in pair] == [200, 200]
        assert visible_text(pair[0], "ana@people.example") == visible_text(pair[1], address)


@pytest.mark.parametrize("address", ["nobody@people.example", "dana@people.example", "gone@people.example"])
def test_no_mail_goes_to_an_address_that_may_not_use_a_code(address, browser, dana, gone, now):
    row = sign_in.send_code(address, visitor="192.0.2.1", now=now)
    assert row.user is None
    assert list(SignInCode.objects.to_send(now)) == []


def test_even_the_right_digits_open_nothing_for_staff(browser, dana):
    ask(browser, "dana@people.example")
    answer = browser.post("/sign-in/code/", {"code": newest_code()})
    assert answer.status_code == 200
    assert not get_user(browser).is_authenticated


def test_a_code_works_for_600_seconds(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    code = sign_in.open_code(row)
    assert sign_in.redeem_code(row.pk, code, now=now + timedelta(seconds=599)) == ana.user


def test_a_code_is_over_after_600_seconds(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    with pytest.raises(sign_in.CodeIsOver):
        sign_in.redeem_code(row.pk, sign_in.open_code(row), now=now + timedelta(seconds=600))


def test_a_code_works_once(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    code = sign_in.open_code(row)
    sign_in.redeem_code(row.pk, code, now=now)
    with pytest.raises(sign_in.CodeIsOver):
        sign_in.redeem_code(row.pk, code, now=now)


def test_five_wrong_tries_end_a_code(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    code = sign_in.open_code(row)
    for _try in range(sign_in.MOST_TRIES - 1):
        with pytest.raises(sign_in.WrongCode):
            sign_in.redeem_code(row.pk, wrong(code), now=now)
    for typed in (wrong(code), code):
        with pytest.raises(sign_in.CodeIsOver):
            sign_in.redeem_code(row.pk, typed, now=now)


def test_a_wrong_code_keeps_the_page_and_says_so(browser, ana):
    ask(browser, "ana@people.example")
    answer = browser.post("/sign-in/code/", {"code": wrong(newest_code())})
    assert answer.status_code == 200
    assert "That is not the code we sent." in answer.content.decode()


def test_five_letters_are_refused_without_costing_a_try(browser, ana):
    ask(browser, "ana@people.example")
    answer = browser.post("/sign-in/code/", {"code": "abcde"})
    assert "A code has six digits, like 123 456." in answer.content.decode()
    assert SignInCode.objects.get().tries == 0


def test_a_code_of_another_browser_opens_nothing(browser, ana):
    ask(browser, "ana@people.example")
    answer = Client().post("/sign-in/code/", {"code": newest_code()})
    assert answer.headers["Location"] == "/sign-in/"


def test_whoever_joins_the_staff_after_asking_is_refused(ana, clinic, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    people.join(clinic, ana.user, "desk")
    with pytest.raises(sign_in.WrongCode):
        sign_in.redeem_code(row.pk, sign_in.open_code(row), now=now)


def test_the_code_is_kept_sealed_and_only_until_it_is_mailed(ana, now):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    code = sign_in.open_code(row)
    kept = f"{row.sealed}{row.digest}"
    sign_in.forget_code(row)

    assert code not in kept
    assert list(SignInCode.objects.to_send(now)) == []
    assert sign_in.redeem_code(row.pk, code, now=now) == ana.user


def test_a_changed_secret_still_opens_codes_under_way(ana, now, settings):
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    code = sign_in.open_code(row)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret, for this test"
    assert sign_in.open_code(row) == code


def test_the_session_is_renewed_at_sign_in(browser, ana):
    ask(browser, "ana@people.example")
    before = browser.session.session_key
    browser.post("/sign-in/code/", {"code": newest_code()})
    assert browser.session.session_key != before


def test_the_next_page_is_honoured(browser, ana):
    ask(browser, "ana@people.example", next="/account/")
    assert browser.post("/sign-in/code/", {"code": newest_code()}).url == "/account/"


@pytest.mark.parametrize("trap", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"])
def test_a_next_page_elsewhere_is_ignored(trap, browser, ana):
    ask(browser, "ana@people.example", next=trap)
    assert browser.post("/sign-in/code/", {"code": newest_code()}).url == "/"


def test_codes_for_one_address_are_limited_whether_or_not_it_is_known(browser, ana):
    for address in ("ana@people.example", "nobody@people.example"):
        answers = [ask(browser, address) for _try in range(6)]
        assert [answer.status_code for answer in answers] == [302] * 5 + [429]


def test_the_limit_ends_by_itself(ana, now):
    for _try in range(5):
        sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now + timedelta(minutes=16))
    assert SignInCode.objects.count() == 6


def test_one_visitor_cannot_ask_for_many_addresses(db, now):
    for number in range(20):
        sign_in.send_code(f"{number}@people.example", visitor="192.0.2.1", now=now)
    with pytest.raises(sign_in.TooManyTries):
        sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)


def test_old_codes_are_forgotten(ana, now):
    sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now + timedelta(days=2))
    assert SignInCode.objects.count() == 1


def test_a_sign_in_is_on_record(browser, ana):
    ask(browser, "ana@people.example")
    browser.post("/sign-in/code/", {"code": newest_code()})
    assert list(AuditEntry.objects.filter(verb="sign_in").values_list("actor", flat=True)) == [ana.user_id]


def test_sign_out_takes_a_post(client_of, ana):
    browser = client_of(ana)
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/").url == "/sign-in/"
    assert not get_user(browser).is_authenticated


@pytest.mark.parametrize("path", ["/accounts/signup/", "/signup/", "/password/reset/", "/email/", "/accounts/login/"])
def test_the_other_pages_of_allauth_are_not_there(path, client_of, ana):
    assert client_of(ana).get(path).status_code == 404


def test_codes_differ_and_keep_leading_zeros(ana, now, monkeypatch):
    monkeypatch.setattr("clinic.sign_in.secrets.randbelow", lambda below: 42)
    row = sign_in.send_code("ana@people.example", visitor="192.0.2.1", now=now)
    assert sign_in.open_code(row) == "000042"


def test_a_person_who_is_inactive_is_signed_out_by_the_next_click(client_of, ana):
    browser = client_of(ana)
    User.objects.filter(pk=ana.user_id).update(is_active=False)
    assert browser.get("/account/").url == "/sign-in/?next=/account/"
