"""Tries of people who were somebody once, are somebody elsewhere, or use somebody else's browser."""

from threading import Barrier, Thread

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic import accounts, mailed_links, second_factor, sign_in
from clinic.limits import Limit, spend
from clinic.models import AuditEntry, Membership, Spent
from clinic.refusals import Refused
from patients.models import Patient
from reminders import delivery
from tests.clinic.test_second_factor import SECRET, code_now, type_password
from tests.factories import people
from tests.factories.browsers import signed_in

HASHER = "django.contrib.auth.hashers.MD5PasswordHasher.encode"


# Roles that are gone


def test_a_role_taken_away_is_gone_with_the_next_click(client_of, owner, clinic, now):
    boss = people.make_member(clinic, "Boss", "owner", "therapist")
    browser = client_of(boss)
    browser.get("/team/")
    accounts.change_role(Membership.objects.get(user=boss), roles=["therapist"], licensed=False, actor=owner, now=now)
    assert browser.get("/team/").status_code == 302


def test_a_form_opened_before_the_role_was_taken_away_does_nothing(client_of, ravi, owner, ana, now):
    browser = client_of(ravi)
    browser.get(f"/staff/patients/{ana.pk}/contact/")
    accounts.deactivate(Membership.objects.get(user=ravi), actor=owner, now=now)
    browser.post(f"/staff/patients/{ana.pk}/contact/", {"name": "Changed", "zone": "Europe/London"})
    ana.identity.refresh_from_db()
    assert ana.identity.name == "Ana Silva"


def test_a_disabled_person_is_nobody_in_a_session_that_is_still_warm(client_of, dana):
    browser = client_of(dana)
    browser.get("/staff/")
    dana.is_active = False
    dana.save()
    assert browser.get("/staff/").headers["Location"].startswith("/sign-in/")


def test_a_carer_whose_proxy_was_revoked_has_no_portal(client_of, ana, now):
    carer = people.make_user("Carer")
    proxy = people.make_proxy(ana, carer)
    browser = client_of(carer)
    assert browser.get("/today/").status_code == 200
    proxy.revoked_at = now
    proxy.save()
    assert [browser.get(path).status_code for path in ("/today/", "/messages/", "/api/v1/today/")] == [403] * 3


def test_a_carer_of_two_keeps_only_the_one_who_is_left(client_of, ana, other_patient, now):
    carer = people.make_user("Carer")
    gone, _stays = people.make_proxy(ana, carer), people.make_proxy(other_patient, carer)
    browser = client_of(carer)
    browser.post("/whose/", {"patient": str(ana.pk)})
    gone.revoked_at = now
    gone.save()
    assert browser.get("/today/").wsgi_request.clinic == other_patient.clinic
    assert b"Ana Silva" not in browser.get("/today/").content


def test_another_clinic_cannot_be_chosen(client_of, dana, other_clinic):
    browser = client_of(dana)
    assert browser.post("/clinic/switch/", {"clinic": str(other_clinic.pk)}).status_code == 404
    session = browser.session
    session["clinic"] = str(other_clinic.pk)
    session.save()
    assert browser.get("/staff/").wsgi_request.clinic != other_clinic


# Nobody equals nobody


def test_nobody_is_not_the_owner_of_what_nobody_owns(clinic):
    people.make_patient(clinic, "Paper Patient", email="")
    nobody = people.make_user("Nobody")
    for user in (nobody, AnonymousUser()):
        assert list(Patient.objects.visible_to(user)) == list(Patient.objects.followed_by(user)) == []


def test_a_patient_without_a_user_has_no_portal_anybody_could_open(clinic, client_of):
    patient = people.make_patient(clinic, "Paper Patient", email="")
    nobody = client_of(people.make_user("Nobody"))
    assert nobody.get("/today/").status_code == 403
    assert nobody.get(f"/staff/patients/{patient.pk}/").status_code == 403


# Somebody else's browser


def test_a_page_of_ana_is_in_no_cache(client_of, ana, dana):
    for browser, path in ((client_of(ana), "/today/"), (client_of(dana), f"/staff/patients/{ana.pk}/")):
        answer = browser.get(path)
        assert (answer.headers["Cache-Control"], "ETag" in answer.headers) == ("no-store", False)


@pytest.mark.parametrize("cache", ["cold", "warm"])
def test_what_dana_has_just_read_is_still_closed_to_others(cache, client_of, dana, olga, ana):
    path = f"/staff/patients/{ana.pk}/"
    if cache == "warm":
        assert client_of(dana).get(path).status_code == 200
    assert (client_of(olga).get(path).status_code, Client().get(path).status_code) == (404, 302)


def test_signing_out_clears_what_the_browser_kept(client_of, ana):
    answer = client_of(ana).post("/sign-out/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies"'


def test_the_session_of_who_signed_out_is_dead_in_a_copy_of_its_cookie(client_of, dana):
    browser, copy = client_of(dana), Client()
    copy.cookies["sessionid"] = browser.cookies["sessionid"].value
    browser.post("/sign-out/")
    assert not get_user(copy).is_authenticated


@pytest.mark.parametrize("path", ["/sign-in/", "/sign-in/staff/", "/sign-out/", "/sign-in/forgotten/", "/account/"])
def test_a_form_of_another_site_is_refused(path, dana):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(dana).cookies
    assert browser.post(path, headers={"origin": "https://evil.example"}).status_code == 403


def test_a_request_of_another_site_with_a_stolen_token_is_refused(dana):
    browser = Client(enforce_csrf_checks=True)
    token = browser.get("/sign-in/staff/").context["csrf_token"]
    form = {"email": "dana@people.example", "password": people.PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert browser.post("/sign-in/staff/", form, headers={"origin": "https://evil.example"}).status_code == 403


def test_the_api_refuses_a_browser_without_its_token_against_forgery(dana):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = signed_in(dana).cookies
    assert browser.post("/api/v1/devices/", {"name": "x"}, content_type="application/json").status_code == 403


@pytest.mark.parametrize("path", ["/sign-out/", "/clinic/switch/", "/settings/consent/", "/account/sessions/1/end/"])
def test_a_link_or_picture_does_no_deed(path, client_of, ana):
    assert client_of(ana).get(path).status_code == 405


def test_a_method_in_disguise_is_what_it_is(client_of, ana):
    answer = client_of(ana).get("/sign-out/", headers={"x-http-method-override": "POST"})
    assert answer.status_code == 405


TRAPS = ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "\thttps://evil.example"]


@pytest.mark.parametrize("trap", TRAPS)
def test_no_sign_in_leads_to_another_site(trap, dana):
    TOTP.activate(dana, SECRET)
    browser = Client()
    browser.post("/sign-in/staff/", {"email": "dana@people.example", "password": people.PASSWORD, "next": trap})
    answer = browser.post("/sign-in/second-step/", {"code": code_now(), "next": trap})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("trap", TRAPS[:3])
def test_showing_oneself_again_leads_to_no_other_site(trap, dana):
    answer = signed_in(dana).post(f"/account/confirm/?next={trap}", {"password": people.PASSWORD, "next": trap})
    assert answer.headers["Location"].startswith("/") and not answer.headers["Location"].startswith(("//", "/\\"))


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b"])
def test_another_host_name_is_not_answered(host, db):
    assert Client().get("/sign-in/", headers={"host": host}).status_code == 400


def test_links_in_mails_never_follow_the_host_of_a_request(ana, mailoutbox):
    Client().post("/sign-in/", {"email": "ana@people.example"}, headers={"x-forwarded-host": "evil.example"})
    delivery.send_codes(now=timezone.now())
    assert "evil.example" not in mailoutbox[0].body


# Guessing


def hashed(monkeypatch, act) -> int:
    """How often `act` hashes a password."""
    calls: list[str] = []
    plain = MD5PasswordHasher.encode

    def counted(self, password, salt):
        calls.append(salt)
        return plain(self, password, salt)

    monkeypatch.setattr(HASHER, counted)
    act()
    return len(calls)


@pytest.mark.parametrize("email", ["nobody@people.example", "ana@people.example", "gone@people.example"])
def test_an_unknown_address_costs_the_same_hashing_as_danas(email, dana, ana, monkeypatch):
    people.make_user("Gone", email="gone@people.example", password=people.PASSWORD, is_active=False)

    def try_it(address):
        return lambda: Client().post("/sign-in/staff/", {"email": address, "password": "a wrong password"})

    assert hashed(monkeypatch, try_it(email)) == hashed(monkeypatch, try_it("dana@people.example"))


def test_an_unknown_address_costs_the_same_queries_as_danas(dana, rf, now):
    counts = []
    for address in ("dana@people.example", "nobody@people.example"):
        with CaptureQueriesContext(connection) as seen, pytest.raises(sign_in.WrongPassword):
            sign_in.with_password(rf.post("/"), address, "a wrong password", visitor="192.0.2.1", now=now)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("ask", [sign_in.send_code, sign_in.ask_for_password])
@pytest.mark.parametrize("email", ["nobody@people.example", "gone@people.example", "dana@people.example"])
def test_asking_for_a_mail_costs_the_same_queries_for_anybody(email, ask, ana, dana, now):
    people.make_user("Gone", email="gone@people.example", is_active=False)
    costs = []
    for address in ("ana@people.example", email):
        with CaptureQueriesContext(connection) as seen:
            ask(address, visitor="192.0.2.1", now=now)
        costs.append([query["sql"].split('"')[0] for query in seen.captured_queries])
    assert costs[0] == costs[1]


def test_a_refused_password_is_on_record(dana):
    Client().post("/sign-in/staff/", {"email": "dana@people.example", "password": "a wrong password"})
    assert AuditEntry.objects.filter(verb="sign_in_failed", object_id=dana.pk).count() == 1


@pytest.mark.parametrize("header", ["x-forwarded-for", "x-real-ip", "forwarded", "client-ip"])
def test_a_made_up_address_does_not_reset_the_limits(header, db):
    statuses = [
        Client().post("/sign-in/", {"email": f"{n}@people.example"}, headers={header: f"198.51.100.{n}"}).status_code
        for n in range(21)
    ]
    assert statuses[-1] == 429


def test_the_limits_need_no_cache(db, settings, now):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    limit = Limit("a try", 2, sign_in.LIFETIME)
    assert [spend(limit, "x", now=now) for _try in range(3)] == [True, True, False]


def test_the_admin_has_no_sign_in_of_its_own_to_guess_at(dana):
    answer = Client().post("/admin/login/", {"username": "dana@people.example", "password": people.PASSWORD})
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/sign-in/")
    assert not Spent.objects.exists()


# At the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["code", "link", "app"])
def test_a_code_used_twice_at_once_lets_one_in(way, clinic, now):
    ana = people.make_patient(clinic, "Ana Silva", email="ana@people.example")
    dana = people.make_member(clinic, "Dana", "therapist", email="dana@people.example")
    TOTP.activate(dana, SECRET)
    row = sign_in.send_code(ana.user.email, visitor="192.0.2.1", now=now)
    digits, token, code = sign_in.open_code(row), mailed_links.path_of(row.link).split("/")[-2], code_now()
    act = {
        "code": lambda: sign_in.redeem_code(row.pk, digits, now=now),
        "link": lambda: sign_in.redeem_link(token, now=now),
        "app": lambda: second_factor.factor_of_code(dana, code, now=now),
    }[way]
    came_in, start = [], Barrier(4)

    def run():
        start.wait()
        try:
            came_in.append(act())
        except Refused:
            came_in.append(None)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _try in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came_in) == 4
    assert sum(one is not None for one in came_in) <= 1
    if way != "app":  # two tries of one app code at once may both be refused: the next code is half a minute away
        assert sum(one is not None for one in came_in) == 1


def test_a_password_of_a_member_who_left_is_worth_nothing(clinic, dana, owner, now):
    accounts.deactivate(Membership.objects.get(user=dana), actor=owner, now=now)
    assert not get_user(type_password()).is_authenticated
