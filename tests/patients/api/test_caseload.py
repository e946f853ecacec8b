"""caseload/: each patient with program, last log and open flags."""

import pytest

from tests.factories import people
from tests.patients.api.conftest import faults


def test_a_patient_with_all_that_is_looked_at_first(api, dana, ana, program, pain_flag):
    assert api(dana).get("caseload").json()["results"] == [
        {
            "id": str(ana.pk),
            "name": "Ana Silva",
            "owner": {"id": str(dana.pk), "name": "Dana Reed"},
            "program": {
                "id": str(program.pk),
                "title": program.version.title,
                "phase": program.phase.name if program.phase else "",
                "started_on": "2026-03-02",
                "paused_until": None,
            },
            "last_log": "2026-03-02",
            "open_flags": 1,
            "worst_severity": 3,
        }
    ]


def test_a_new_patient_has_nothing_yet(api, dana, ana):
    row = api(dana).get("caseload").json()["results"][0]
    assert [row[name] for name in ("program", "last_log", "open_flags", "worst_severity")] == [None, None, 0, None]


def test_mine_are_those_i_am_responsible_for(api, colleague, ana):
    browser = api(colleague)
    found = [len(browser.get("caseload", **query).json()["results"]) for query in ({}, {"mine": "true"})]
    assert found == [1, 0]


@pytest.mark.parametrize(("name", "status"), [("ana", 403), ("theo", 403), ("ravi", 200), ("owner", 200), (None, 401)])
def test_who_opens_patients_sees_them(name, status, api, ana, request):
    browser = api(request.getfixturevalue(name)) if name else api()
    assert browser.get("caseload").status_code == status


def test_olga_sees_her_own_clinic_only(api, olga, ana, canary_patient):
    assert [row["id"] for row in api(olga).get("caseload").json()["results"]] == [str(canary_patient.pk)]


def test_an_unknown_parameter_is_refused(api, dana):
    assert set(faults(api(dana).get("caseload", search="Ana"))) == {"search"}


def test_no_address_holds_a_name(api, clinic, dana):
    for number in range(26):
        people.make_patient(clinic, f"Patient {number}", owner=dana, email="")
    browser = api(dana)
    first = browser.get("caseload").json()
    assert len(browser.client.get(first["next"]).json()["results"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_two_queries_beyond_signing_in(rows, api, dana, clinic, django_assert_num_queries):
    for number in range(rows):
        people.make_patient(clinic, f"Patient {number}", owner=dana)
    browser = api(dana)
    with django_assert_num_queries(2 + 2):  # user, membership; the audit, patients
        assert len(browser.get("caseload").json()["results"]) == rows
