"""Tokens of devices: shown once, kept as a digest, ended at once."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest

from clinic import accounts, device_tokens
from clinic.models import DeviceToken
from clinic.refusals import Refused
from tests.factories import people
from tests.patients.api.conftest import Api, faults


def with_token(client, token):
    return Api(client, Authorization=f"Bearer {token}")


def test_a_token_is_shown_once_and_only_its_digest_is_kept(api, ana):
    answer = api(ana).post("devices", {"name": "Phone"})
    token, row = answer.json()["token"], DeviceToken.objects.get()
    assert (answer.status_code, row.digest) == (201, sha256(token.encode()).hexdigest())
    assert (token.startswith("stepwell_"), len(token)) == (True, len("stepwell_") + 43)
    assert "token" not in api(ana).get("devices").json()["results"][0]


def test_a_token_opens_what_its_owner_may_open(api, client, ana, program):
    token = api(ana).post("devices", {"name": "Phone"}).json()["token"]
    assert [with_token(client, token).get(name).status_code for name in ("today", "flags")] == [200, 403]


def test_a_removed_device_is_out_at_once(api, client, ana):
    made = api(ana).post("devices", {"name": "Phone"}).json()
    assert api(ana).delete("device", made["id"]).status_code == 204
    answer = with_token(client, made["token"]).get("today")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')
    assert api(ana).get("devices").json()["results"] == []


def test_a_disabled_person_is_out_on_every_device(device, dana):
    phone = device(dana)
    dana.is_active = False
    dana.save()
    assert phone.get("flags").status_code == 401


def test_who_leaves_the_clinic_is_out_on_every_device(device, clinic, dana, owner, now):
    phone = device(dana)
    accounts.deactivate(dana.memberships.get(), actor=owner, now=now)
    assert phone.get("flags").status_code == 401


@pytest.mark.parametrize("token", ["stepwell_unknown", "", "x" * 10_000, "\u00e9"])
def test_an_unknown_token_is_refused_even_beside_a_session(token, client_of, ana):
    assert with_token(client_of(ana), token).get("today").status_code == 401


def test_a_token_makes_no_tokens_and_sees_no_devices(device, ana):
    phone = device(ana)
    asked = [phone.get("devices"), phone.post("devices", {"name": "More"}), phone.delete("device", uuid4())]
    assert [answer.status_code for answer in asked] == [403, 403, 403]


def test_the_device_of_somebody_else_is_not_there(api, ana, dana, now):
    row, _token = device_tokens.issue(dana, name="Phone", now=now)
    assert api(ana).delete("device", row.pk).status_code == 404
    assert api(ana).get("devices").json()["results"] == []


def test_a_stranger_gets_no_token(api, db):
    assert api().post("devices", {"name": "Phone"}).status_code == 401


@pytest.mark.parametrize("name", ["", "   ", "x" * 61])
def test_a_device_needs_a_name(name, api, ana):
    answer = api(ana).post("devices", {"name": name})
    assert (answer.status_code, set(faults(answer))) == (400, {"name"})


def test_twenty_devices_are_enough(ana, now):
    for number in range(20):
        device_tokens.issue(ana.user, name=f"Phone {number}", now=now - timedelta(days=2))
    with pytest.raises(Refused):
        device_tokens.issue(ana.user, name="One more", now=now)


def test_use_is_noted_once_an_hour(ana, now):
    row, token = device_tokens.issue(ana.user, name="Phone", now=now)
    noted = []
    for minutes in (0, 59, 61):
        device_tokens.holder_of(token, now=now + timedelta(minutes=minutes))
        row.refresh_from_db()
        noted.append((row.last_used_at - now) // timedelta(minutes=1))
    assert noted == [0, 0, 61]


def test_a_device_nobody_uses_for_half_a_year_stops(ana, now):
    _row, token = device_tokens.issue(ana.user, name="Phone", now=now)
    assert device_tokens.holder_of(token, now=now + timedelta(days=181)) is None


@pytest.fixture
def dana_in_both(dana, other_clinic):
    people.join(other_clinic, dana, "therapist")
    return dana


def test_a_device_works_in_the_clinic_joined_first(device, dana_in_both, ana, canary_patient):
    assert [row["id"] for row in device(dana_in_both).get("caseload").json()["results"]] == [str(ana.pk)]


def test_a_header_names_another_clinic(device, dana_in_both, other_clinic, ana, canary_patient):
    phone = device(dana_in_both, **{"X-Clinic": str(other_clinic.pk)})
    assert [row["id"] for row in phone.get("caseload").json()["results"]] == [str(canary_patient.pk)]


@pytest.mark.parametrize("named", ["other", "unknown"])
def test_a_header_opens_no_clinic_one_does_not_work_in(named, device, dana, other_clinic):
    clinic = str(other_clinic.pk) if named == "other" else "riverside"
    assert device(dana, **{"X-Clinic": clinic}).get("caseload").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_one_query_beyond_signing_in(rows, api, ana, now, django_assert_num_queries):
    for number in range(rows):
        device_tokens.issue(ana.user, name=f"Phone {number}", now=now)
    browser = api(ana)
    with django_assert_num_queries(1 + 1):
        assert len(browser.get("devices").json()["results"]) == rows
