"""Tries with what a browser or a program sends: extra fields, formulas, huge bodies, strange paths and headers."""

import json
from uuid import uuid4

import pytest
from django.test import Client

from clinic import spreadsheets
from clinic.models import Membership, Role, User
from patients.models import Session
from tests.factories import people
from tests.factories.library import published_library
from tests.factories.programs import a_program

MIB = 1024 * 1024


def test_fields_nobody_offered_change_no_account(client_of, dana):
    extra = {"email": "thief@people.example", "is_active": "", "name": "Thief", "session_round": "0"}
    client_of(dana).post("/account/", extra | {"password": "short"})
    dana.refresh_from_db()
    assert (dana.email, dana.name, dana.is_active) == ("dana@people.example", "Dana Reed", True)


def test_nobody_makes_themselves_an_owner(client_of, dana):
    member = Membership.objects.get(user=dana)
    answer = client_of(dana).post(f"/staff/team/{member.pk}/", {"roles": ["owner", "therapist"], "licensed": "on"})
    member.refresh_from_db()
    assert (answer.status_code, member.roles) == (403, {Role.THERAPIST})


def test_an_invitation_goes_to_the_own_clinic_whatever_the_form_says(client_of, owner, other_clinic):
    form = {"name": "Sam", "email": "sam@people.example", "roles": ["desk"], "clinic": str(other_clinic.pk)}
    client_of(owner).post("/team/", form)
    assert Membership.objects.get(user__email="sam@people.example").clinic_id != other_clinic.pk


def test_a_role_that_does_not_exist_is_refused(client_of, owner, ravi):
    member = Membership.objects.get(user=ravi)
    client_of(owner).post(f"/staff/team/{member.pk}/", {"roles": ["superuser", "desk"]})
    member.refresh_from_db()
    assert member.roles == {Role.DESK}


def test_contact_details_move_no_patient_to_another_clinic_or_person(client_of, dana, ana, other_clinic, olga):
    before = (ana.clinic_id, ana.user_id)
    form = {"name": "Ana Silva", "email": "ana@people.example", "zone": "Europe/London", "owner": str(dana.pk)}
    extra = {"clinic": str(other_clinic.pk), "user": str(olga.pk), "closed_at": "2020-01-01"}
    client_of(dana).post(f"/staff/patients/{ana.pk}/contact/", form | extra)
    ana.refresh_from_db()
    assert ((ana.clinic_id, ana.user_id), ana.closed_at) == (before, None)


def test_a_therapist_of_another_clinic_is_no_choice(client_of, dana, ana, olga):
    form = {"name": "Ana Silva", "email": "ana@people.example", "zone": "Europe/London", "owner": str(olga.pk)}
    client_of(dana).post(f"/staff/patients/{ana.pk}/contact/", form)
    ana.refresh_from_db()
    assert ana.owner == dana


@pytest.mark.parametrize("extra", [{"decision": "advance"}, {"actor": str(uuid4())}, {"source": "staff"}, {"level": 9}])
def test_a_session_with_fields_nobody_offered_is_refused(extra, client_of, ana):
    a_program(ana, published_library(ana.clinic)["BALL_PROGRESSION"], now=people.NOW)
    body = {"id": str(uuid4()), "entries": []} | extra
    answer = client_of(ana).post("/api/v1/sessions/", body, content_type="application/json")
    assert (answer.status_code, Session.objects.count()) == (400, 0)


@pytest.mark.parametrize("ordering", ["owner__password", "-owner__session_round", "pk; drop table", "urgency,pk"])
def test_an_ordering_nobody_offered_is_refused(ordering, client_of, dana):
    assert client_of(dana).get("/api/v1/flags/", {"ordering": ordering}).status_code == 400


@pytest.mark.parametrize("name", ["owner__password__startswith", "patient__clinic", "state__in"])
def test_a_filter_nobody_offered_is_refused(name, client_of, dana):
    assert client_of(dana).get("/api/v1/flags/", {name: "x"}).status_code == 400


@pytest.mark.parametrize(
    "lookup", ["clinic__memberships__user__password__startswith", "clinic__patients__identity__name"]
)
def test_the_admin_tells_nothing_by_its_lookups(lookup, client_of, theo):
    answer = client_of(theo).get("/admin/programs/ladder/", {lookup: "a"})
    assert answer.status_code in {302, 400}


@pytest.mark.parametrize("order", ["99", "-1.2.3", "x", "1;--"])
def test_the_admin_orders_by_its_own_columns_only(order, client_of, theo):
    assert client_of(theo).get("/admin/programs/ladder/", {"o": order}).status_code == 200


@pytest.mark.parametrize("words", ["' OR 1=1 --", "%", "\\", "a" * 5000, "{{ 7|add:7 }}"])
def test_the_search_box_searches(words, client_of, dana, ana):
    answer = client_of(dana).post("/staff/", {"q": words})
    assert (answer.status_code, b"Ana Silva" in answer.content) == (200, False)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\n+"])
def test_a_cell_that_begins_like_a_formula_is_text(start):
    text = f'{start}HYPERLINK("https://evil.example")'
    assert spreadsheets.cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Ana = B", "BRG-4", 7, -7, None])
def test_what_is_no_formula_stays_as_it_is(value):
    assert spreadsheets.cell(value) == value


def test_a_line_break_in_an_address_is_no_header(client_of, owner, mailoutbox):
    form = {"name": "Sam", "email": "sam@people.example\nBcc: all@people.example", "roles": ["desk"]}
    client_of(owner).post("/team/", form)
    assert not User.objects.filter(email__contains="sam").exists()


@pytest.mark.parametrize("trap", ["/account/\r\nSet-Cookie: a=b", "/account/%0d%0aSet-Cookie:%20a=b"])
def test_a_line_break_in_the_next_page_is_no_header(trap, dana):
    form = {"email": "dana@people.example", "password": people.PASSWORD, "next": trap}
    answer = Client().post("/sign-in/staff/", form)
    assert "a" not in answer.cookies
    assert "\n" not in answer.headers.get("Location", "")


def test_a_form_of_many_megabytes_is_refused(client_of, ana):
    answer = client_of(ana).post("/messages/", {"body": "a" * (2 * MIB)})
    assert answer.status_code == 400


def test_a_form_of_many_thousand_fields_is_refused(client_of, ana):
    assert client_of(ana).post("/messages/", {f"f{n}": "" for n in range(2000)}).status_code == 400


def test_many_files_are_refused(client_of, ana):
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="a"\r\n\r\n1\r\n' % n for n in range(5)
    )
    answer = client_of(ana).generic("POST", "/messages/", body + b"--x--\r\n", "multipart/form-data; boundary=x")
    assert answer.status_code == 400


def a_request_of(size: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    return head + b"a" * size + b"\r\n--x--\r\n"


@pytest.mark.parametrize("path", ["/messages/", "/sign-in/", "/trial/riverside/"])
def test_a_huge_file_is_refused_unread_whatever_the_page(path, client_of, ana):
    answer = client_of(ana).generic("POST", path, a_request_of(11 * MIB), "multipart/form-data; boundary=x")
    assert answer.status_code == 400


def test_no_file_reaches_the_disk(client_of, theo, monkeypatch):
    """A file of some megabytes would lie in the folder for temporary files, sent by anybody."""
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    path = "/admin/programs/ladder/exchange/"
    answer = client_of(theo).generic("POST", path, a_request_of(9 * MIB), "multipart/form-data; boundary=x")
    assert "9216 kB: a file may have 512 kB at most." in answer.content.decode()


def test_a_big_body_is_refused_by_the_api(client_of, ana):
    answer = client_of(ana).post("/api/v1/sessions/", {"note": "a" * MIB}, content_type="application/json")
    assert answer.status_code == 413


@pytest.mark.parametrize("body", ["[" * 100_000, '{"id": NaN}', '{"note": "\\ud800"}', "\xff", '{"id":' + "9" * 5000])
def test_a_body_that_is_no_json_is_refused(body, client_of, ana):
    answer = client_of(ana).generic("POST", "/api/v1/sessions/", body, "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["application/xml", "text/plain", "multipart/form-data; boundary=x", ""])
def test_the_api_reads_json_only(kind, client_of, ana):
    answer = client_of(ana).generic("POST", "/api/v1/sessions/", json.dumps({"id": "x"}), kind)
    assert answer.status_code in {400, 415}


@pytest.mark.parametrize(
    "path",
    [
        "/static/../clinic/settings/base.py",
        "/static/%2e%2e/clinic/settings/base.py",
        "/static/..%2f..%2fmanage.py",
        "/static/%5c..%5cmanage.py",
        "//etc/passwd",
        "/staff/patients/../../team/",
        "/staff/patients/%00/",
        "/trial/..%2f..%2fadmin/",
        "/.env",
        "/.git/config",
    ],
)
def test_no_path_leads_out_of_the_house(path, client_of, theo):
    answer = client_of(theo).generic("GET", path)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code in {301, 302, 400, 403, 404}
    assert b"SECRET_KEY" not in body


@pytest.mark.parametrize("words", ["\x00", "Ana\x00", "\ud7ff\x00"])
def test_a_null_byte_is_no_crash(words, client_of, dana, ana):
    assert client_of(dana).post("/staff/", {"q": words}).status_code == 400
    assert client_of(ana).post("/messages/", {"body": words}).status_code in {200, 302, 400}


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ request.user.password }}"]
)
def test_a_name_is_text_on_every_page(name, client_of, dana, clinic):
    patient = people.make_patient(clinic, name, owner=dana, email="x@people.example")
    for path in ("/staff/", f"/staff/patients/{patient.pk}/"):
        page = client_of(dana).get(path).content.decode()
        assert ("<script>alert" in page, "<img src=x" in page, "argon2" in page) == (False, False, False)
