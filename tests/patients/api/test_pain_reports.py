"""POST pain-reports/: what must stop is in the answer, and a warning sign is never refused."""

from uuid import uuid4

import pytest

from patients.models import Hold, PainReport
from tests.factories import people
from tests.patients.api.conftest import faults


def test_a_report_of_severe_pain_holds_at_once(api, ana, bridge):
    answer = api(ana).post("pain_reports", {"item": str(bridge.pk), "pain": 8})
    assert (answer.status_code, answer.json()["safety"]["kind"]) == (201, "item")
    assert PainReport.objects.get().pk.hex == answer.json()["id"].replace("-", "")


def test_a_carer_reports_for_the_patient(device, ana, other_patient, program):
    people.make_proxy(ana, other_patient.user)
    answer = device(other_patient).post("pain_reports", {"patient": str(ana.pk), "pain": 3})
    assert (answer.status_code, PainReport.objects.get().patient) == (201, ana)


@pytest.mark.parametrize(
    ("body", "named", "status"),
    [
        ({"pain": 12}, "pain", 422),
        ({"pain": "much"}, "pain", 400),
        ({}, "pain", 400),
        ({"pain": 3, "words": ["ouch"]}, "words.0", 400),
        ({"pain": 3, "region": "elbow"}, "region", 400),
        ({"pain": 3, "note": "x" * 2001}, "note", 400),
        ({"pain": 3, "pian": 3}, "pian", 400),
    ],
)
def test_the_absurd_names_its_field(body, named, status, api, ana, program):
    answer = api(ana).post("pain_reports", body)
    assert (answer.status_code, set(faults(answer))) == (status, {named})
    assert not PainReport.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"pain": 99},
        {"pain": "unbearable"},
        {"region": "elbow"},
        {"words": ["ouch"]},
        {"note": "x" * 9000},
        {"red_flags": ["saddle_numbness", "headache", 7]},
        {"item": str(uuid4())},
        {"extra": True},
    ],
)
def test_a_warning_sign_is_kept_whatever_else_is_wrong(wrong, api, ana, program):
    answer = api(ana).post("pain_reports", {"pain": 2, "red_flags": ["saddle_numbness"]} | wrong)
    assert (answer.status_code, answer.json()["safety"]["kind"]) == (201, "emergency")
    assert Hold.objects.get().scope == "plan"


def test_an_exercise_of_somebody_else_is_not_there(api, other_patient, bridge):
    answer = api(other_patient).post("pain_reports", {"item": str(bridge.pk), "pain": 3})
    assert (answer.status_code, PainReport.objects.exists()) == (404, False)


@pytest.mark.parametrize(("name", "status"), [("dana", 403), ("ravi", 403), ("theo", 403), ("olga", 403)])
def test_staff_report_no_pain_here(name, status, api, program, request):
    assert api(request.getfixturevalue(name)).post("pain_reports", {"pain": 3}).status_code == status


def test_a_stranger_is_asked_who_they_are(api, program):
    assert api().post("pain_reports", {"pain": 3}).status_code == 401
