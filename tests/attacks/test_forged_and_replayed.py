"""Tries with tokens, links and codes that somebody made up, stole or uses twice. None may succeed."""

from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user
from django.contrib.sessions.backends.cached_db import SessionStore
from django.test import Client
from django.utils import timezone

from clinic import accounts, device_tokens, mailed_links, second_factor, sign_in
from clinic.models import MailedLink, Membership, SignInCode
from clinic.sign_in_pages import CODE_KEY
from tests.clinic.test_second_factor import SECRET, code_now, second_step, type_password
from tests.factories import people
from tests.factories.browsers import signed_in


def by_token(token: str) -> int:
    return Client().get("/api/v1/today/", headers={"Authorization": f"Bearer {token}"}).status_code


@pytest.fixture
def token(ana):
    _row, token = device_tokens.issue(ana.user, name="phone", now=timezone.now())
    assert by_token(token) == 200
    return token


@pytest.mark.parametrize(
    "forge", [lambda t: t[:-1] + "_", lambda t: t.upper(), lambda t: t[:9], lambda t: t + " or 1=1"]
)
def test_a_changed_device_token_opens_nothing(forge, token):
    assert by_token(forge(token)) == 401


@pytest.mark.parametrize("made_up", ["", "stepwell_", "None", "null", "0" * 5000, "stepwell_%00", "é" * 40])
def test_a_made_up_device_token_opens_nothing(made_up, token):
    assert by_token(made_up) == 401


def test_the_digest_of_a_token_stolen_from_the_database_is_no_token(token, ana):
    assert by_token(ana.user.device_tokens.get().digest) == 401


def test_a_bad_token_is_not_helped_by_a_good_session(token, ana):
    browser = signed_in(ana.user)
    assert browser.get("/api/v1/today/", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_made_up_session_is_nobody(dana):
    browser = Client()
    browser.cookies["sessionid"] = "a" * 32
    assert browser.get("/staff/").headers["Location"].startswith("/sign-in/")


def test_a_session_whose_hash_was_written_by_hand_is_nobody(dana):
    store = SessionStore()
    store.update({"_auth_user_id": str(dana.pk), "_auth_user_hash": "0" * 64})
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    browser = Client()
    browser.cookies["sessionid"] = str(store.session_key)
    assert browser.get("/staff/").headers["Location"].startswith("/sign-in/")


def test_a_session_planted_before_sign_in_is_not_the_one_after(ana, settings):
    settings.LOCAL_MODE = True
    victim = Client()
    victim.post("/sign-in/", {"email": "ana@people.example"})
    planted = victim.cookies["sessionid"].value
    victim.post("/sign-in/code/", {"code": sign_in.open_code(SignInCode.objects.get())})
    thief = Client()
    thief.cookies["sessionid"] = str(planted)
    assert (get_user(victim), get_user(thief).is_authenticated) == (ana.user, False)


@pytest.mark.parametrize(
    "path", ["/mail/unsubscribe/x/", "/mail/confirm/x/", "/sign-in/link/x/", "/sign-in/password/x/"]
)
def test_a_made_up_link_does_nothing(path, db):
    assert Client().post(path, {"password": "a few more words in a row"}).status_code in {404, 410}


def test_the_invitation_of_one_is_not_the_invitation_of_another(clinic, owner, now):
    ours, theirs = (
        accounts.invite_member(clinic, name=name, email=f"{name}@people.example", roles=["desk"], actor=owner, now=now)
        for name in ("sam", "kim")
    )
    token = accounts.tokens.make_token(ours.user)
    assert (accounts.may_accept(ours, token), accounts.may_accept(theirs, token)) == (True, False)


def test_an_invitation_is_not_used_twice(clinic, owner, now):
    member = accounts.invite_member(
        clinic, name="Sam", email="sam@people.example", roles=["desk"], actor=owner, now=now
    )
    path = accounts.invitation_path(member)
    Client().post(path, {"password": "the first of two passwords"})
    assert Client().post(path, {"password": "the other password, later"}).status_code == 404
    member.user.refresh_from_db()
    assert member.user.check_password("the first of two passwords")


def test_a_link_is_not_used_twice(ana):
    Client().post("/sign-in/", {"email": "ana@people.example"})
    path = mailed_links.path_of(MailedLink.objects.get())
    assert [Client().post(path).status_code for _try in range(2)] == [302, 404]


def test_a_code_is_not_used_twice(ana):
    browser = Client()
    browser.post("/sign-in/", {"email": "ana@people.example"})
    code = sign_in.open_code(SignInCode.objects.get())
    waiting = dict(browser.session)[CODE_KEY]
    browser.post("/sign-in/code/", {"code": code})
    browser.post("/sign-out/")
    session = browser.session
    session[CODE_KEY] = waiting
    session.save()
    browser.post("/sign-in/code/", {"code": code})
    assert not get_user(browser).is_authenticated


def test_a_code_overheard_is_of_no_use_in_another_browser(ana):
    Client().post("/sign-in/", {"email": "ana@people.example"})
    thief = Client()
    thief.post("/sign-in/", {"email": "other@people.example"})
    thief.post("/sign-in/code/", {"code": sign_in.open_code(SignInCode.objects.get(user=ana.user))})
    assert not get_user(thief).is_authenticated


def test_an_app_code_seen_over_the_shoulder_is_of_no_use(dana):
    TOTP.activate(dana, SECRET)
    code, thief = code_now(), None
    second_step(type_password(), code)
    thief = type_password()
    second_step(thief, code)
    assert not get_user(thief).is_authenticated


def test_a_recovery_code_found_in_the_bin_is_of_no_use(dana):
    TOTP.activate(dana, SECRET)
    code = RecoveryCodes.activate(dana).generate_codes()[0]
    second_step(type_password(), code)
    thief = type_password()
    second_step(thief, code)
    assert not get_user(thief).is_authenticated


def test_nobody_walks_around_the_second_step_by_its_other_pages(dana):
    TOTP.activate(dana, SECRET)
    thief = type_password()
    pages = ("/", "/staff/", "/account/second-step/app/", "/account/confirm/", "/account/second-step/codes/")
    assert {thief.get(page).headers["Location"].split("?")[0] for page in pages} == {"/sign-in/"}


def test_nobody_walks_around_the_second_step_by_a_mailed_code(dana):
    TOTP.activate(dana, SECRET)
    thief = Client()
    thief.post("/sign-in/", {"email": "dana@people.example"})
    thief.post("/sign-in/code/", {"code": sign_in.open_code(SignInCode.objects.get())})
    assert not get_user(thief).is_authenticated


def test_nobody_walks_around_the_second_step_by_a_new_password(dana):
    TOTP.activate(dana, SECRET)
    thief = Client()
    thief.post("/sign-in/forgotten/", {"email": "dana@people.example"})
    thief.post(mailed_links.path_of(MailedLink.objects.get()), {"password": "the password of the thief"})
    thief.post("/sign-in/staff/", {"email": "dana@people.example", "password": "the password of the thief"})
    assert not get_user(thief).is_authenticated
    assert second_factor.is_set_up(dana)


def test_the_second_step_of_a_sign_in_begun_an_hour_ago_is_over(dana):
    TOTP.activate(dana, SECRET)
    thief = type_password()
    session = thief.session
    session["account_login"]["initiated_at"] -= timedelta(hours=1).total_seconds()
    session.save()
    second_step(thief, code_now())
    assert not get_user(thief).is_authenticated


def test_the_device_of_somebody_who_left_is_refused(ravi, owner, now):
    _row, token = device_tokens.issue(ravi, name="phone", now=timezone.now())
    accounts.deactivate(Membership.objects.get(user=ravi), actor=owner, now=now)
    assert Client().get("/api/v1/devices/", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_device_of_a_disabled_person_is_refused(token, ana):
    ana.user.is_active = False
    ana.user.save()
    assert by_token(token) == 401


def test_one_tap_sign_in_is_not_there_outside_of_local_mode(clinic):
    dana = people.make_member(clinic, "Dana", "owner", email="dana@demo.stepwell.example")
    thief = Client()
    assert thief.post(f"/sign-in/as/{dana.pk}/").status_code == 404
    assert not get_user(thief).is_authenticated
