"""One shape for everything that goes wrong."""

import pytest
from django.test import Client

from clinic.refusals import Refused
from patients.api.errors import as_answer, renamed
from patients.sessions import NothingSaved


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/v1/today/", "get", 403),
        ("/api/v1/today/", "delete", 403),
        ("/api/v1/flags/", "put", 405),
        ("/api/v1/flags/?severity=x", "get", 400),
        ("/api/v1/flags/01890000-0000-7000-8000-000000000000/", "get", 404),
    ],
)
def test_every_fault_has_the_shape(path, method, status, client_of, dana):
    answer = getattr(client_of(dana), method)(path)
    assert (answer.status_code, set(answer.json())) == (status, {"type", "errors"})
    assert [set(error) for error in answer.json()["errors"]] == [{"code", "detail", "attr"}]


def test_a_stranger_gets_the_shape(db):
    assert Client().get("/api/v1/today/").json() == {
        "type": "client_error",
        "errors": [
            {
                "code": "not_authenticated",
                "detail": "Authentication credentials were not provided.",
                "attr": None,
            }
        ],
    }


def test_json_is_all_there_is(client_of, dana):
    browser = client_of(dana)
    assert browser.get("/api/v1/flags/", headers={"Accept": "text/html"}).status_code == 406
    assert browser.post("/api/v1/devices/", {"name": "Phone"}).status_code == 415


def test_a_refusal_of_no_field_keeps_its_sentence():
    answer = as_answer(Refused("The cat is on it."))
    assert (answer.status_code, str(answer.detail)) == (422, "The cat is on it.")


def test_the_fields_of_an_exercise_get_their_place_in_the_body():
    refusal = NothingSaved("Nothing was saved.", {"7f-sets-both": "a", "7f": "b", "effort": "c", "": "d"})
    assert renamed(refusal, {"7f": "exercises.2"}).errors == {
        "exercises.2.sets.both": "a",
        "exercises.2": "b",
        "effort": "c",
        "": "d",
    }


def test_nothing_of_the_api_is_kept_in_a_cache(client_of, dana):
    assert client_of(dana).get("/api/v1/flags/").headers["Cache-Control"] == "no-store"
