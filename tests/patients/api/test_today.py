"""GET today/: what is due, what is held, and for whom."""

from uuid import uuid4

import pytest

from tests.factories import people
from tests.factories.programs import a_session, as_planned


def test_ana_sees_her_exercises(api, ana, program):
    page = api(ana).get("today").json()
    assert page["patient"] == str(ana.pk)
    assert [one["level"] for one in page["program"]["exercises"]] == [
        item.level.code for item in program.items.order_by("position")
    ]
    assert page["safety"] is None


def test_a_device_of_ana_sees_the_same(api, device, ana, program):
    assert device(ana).get("today").json() == api(ana).get("today").json()


def test_what_is_held_says_so_and_what_to_read_first(api, ana, pain_flag):
    page = api(ana).get("today").json()
    assert page["safety"]["kind"] == "item"
    assert [hold["scope"] for hold in page["holds"]] == ["item"]
    assert [bool(one["why_held"]) for one in page["program"]["exercises"]].count(True) == 1


def test_without_a_program_there_is_nothing_to_do(api, ana):
    assert api(ana).get("today").json() == {
        "patient": str(ana.pk),
        "program": None,
        "safety": None,
        "holds": [],
        "questions": [],
    }


@pytest.mark.parametrize("name", ["dana", "ravi", "theo", "olga"])
def test_who_follows_nobody_has_no_today(name, api, request):
    assert api(request.getfixturevalue(name)).get("today").status_code == 403


def test_a_stranger_is_asked_who_they_are(api, db):
    answer = api().get("today")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_a_carer_names_the_patient(api, ana, other_patient, program):
    people.make_proxy(ana, other_patient.user)
    asked = api(other_patient).get("today", patient=ana.pk).json()
    assert (asked["patient"], asked["program"]["id"]) == (str(ana.pk), str(program.pk))


def test_without_a_name_a_carer_who_is_a_patient_sees_their_own(api, ana, other_patient):
    people.make_proxy(ana, other_patient.user)
    assert api(other_patient).get("today").json()["patient"] == str(other_patient.pk)


def test_a_carer_of_two_is_asked_which(api, ana, other_patient):
    carer = people.make_user("Carer")
    for patient in (ana, other_patient):
        people.make_proxy(patient, carer)
    assert [error["attr"] for error in api(carer).get("today").json()["errors"]] == ["patient"]


def test_another_patient_is_not_there(api, ana, other_patient, canary_patient):
    asked = [api(ana).get("today", patient=pk).status_code for pk in (other_patient.pk, canary_patient.pk, uuid4())]
    assert asked == [404, 404, 404]


def test_an_unknown_parameter_is_refused(api, ana):
    answer = api(ana).get("today", pateint=ana.pk)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "pateint")


def test_a_clinic_that_cannot_say_whom_to_call_stays_closed(api, ana, clinic):
    clinic.emergency_number = ""
    clinic.save()
    answer = api(ana).get("today")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "not_ready")


def test_today_takes_few_queries(api, ana, program, bridge, now, django_assert_max_num_queries):
    a_session(program, as_planned(bridge), now=now)
    browser = api(ana)
    with django_assert_max_num_queries(9):  # session, user, followed, program, items, logs, holds, questions
        assert browser.get("today").status_code == 200
