"""questions/: the open ones, and their answers."""

import pytest

from patients.models import NextDayQuestion
from tests.factories.programs import a_session, as_planned, next_morning
from tests.patients.api.conftest import faults


@pytest.fixture
def question(program, bridge, now, clock):
    """Open, on the morning after a session."""
    a_session(program, as_planned(bridge), now=now)
    clock.move_to(next_morning(now))
    return NextDayQuestion.objects.get()


def test_the_open_question_is_listed(api, ana, question):
    rows = api(ana).get("questions").json()["results"]
    assert [(row["id"], row["date"], row["answered_at"]) for row in rows] == [(str(question.pk), "2026-03-02", None)]


def test_a_question_that_opens_tomorrow_is_not(api, ana, question, now, clock):
    clock.move_to(now)
    assert api(ana).get("questions").json()["results"] == []


def test_an_answer_is_kept_and_judged(device, ana, question):
    answer = device(ana).post("answer", {"pain": 1, "compared": "same"}, question.pk)
    question.refresh_from_db()
    assert (answer.status_code, answer.json()["is_new"], question.pain, question.source) == (200, True, 1, "api")
    assert answer.json()["results"] != []


def test_the_same_answer_twice_changes_nothing(api, ana, question):
    browser, body = api(ana), {"pain": 1, "compared": "same"}
    first, again = browser.post("answer", body, question.pk), browser.post("answer", body, question.pk)
    assert (first.json()["is_new"], again.json()["is_new"], again.status_code) == (True, False, 200)


@pytest.mark.parametrize(
    ("body", "named", "status"),
    [
        ({"pain": 11, "compared": "same"}, "pain", 422),
        ({"pain": 1, "compared": "meh"}, "compared", 400),
        ({"pain": 1, "compared": "same", "neuro": ["odd"]}, "neuro.0", 400),
        ({"pain": 1, "compared": "same", "extra": 1}, "extra", 400),
    ],
)
def test_the_absurd_names_its_field(body, named, status, api, ana, question):
    answer = api(ana).post("answer", body, question.pk)
    assert (answer.status_code, set(faults(answer))) == (status, {named})


def test_an_early_answer_is_refused(api, ana, question, now, clock):
    clock.move_to(now)
    assert api(ana).post("answer", {"pain": 1, "compared": "same"}, question.pk).status_code == 422


@pytest.mark.parametrize(("name", "status"), [("dana", 403), ("ravi", 403), ("theo", 403), ("olga", 403)])
def test_staff_answer_for_nobody(name, status, api, question, request):
    staff = api(request.getfixturevalue(name))
    answers = [staff.get("questions"), staff.post("answer", {"pain": 1, "compared": "same"}, question.pk)]
    assert [answer.status_code for answer in answers] == [status, status]


def test_the_question_of_somebody_else_is_not_there(api, other_patient, question):
    assert api(other_patient).post("answer", {"pain": 1, "compared": "same"}, question.pk).status_code == 404


def test_a_stranger_is_asked_who_they_are(api, question):
    assert [api().get("questions").status_code, api().post("answer", {}, question.pk).status_code] == [401, 401]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_two_queries_beyond_signing_in(rows, api, ana, question, django_assert_num_queries):
    for region in ["lumbar", "knee"][: rows - 1]:
        question.pk, question.region = None, region
        question.save()
    browser = api(ana)
    with django_assert_num_queries(1 + 2):  # user; patient and questions
        assert len(browser.get("questions").json()["results"]) == rows
