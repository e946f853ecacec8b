"""sessions/: logging once, twice, absurdly, and reading back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from patients.models import Session
from programs.dose import from_json
from tests.factories.programs import a_session, as_planned
from tests.patients.api.conftest import faults


@pytest.fixture
def body(bridge):
    """A session that does the bridge as prescribed."""
    dose = from_json(bridge.dose)
    sides = bridge.sides_asked(bridge.level.content["sides"])
    exercise = {
        "item": str(bridge.pk),
        "sets": [{"side": side, "reps": dose.reps_low} for side in sides for _set in range(dose.sets)],
        "pain_before": 1,
        "pain_during": 1,
        "pain_after": 1,
    }
    return {"id": str(uuid4()), "exercises": [exercise]}


def test_a_session_is_logged_with_what_the_rules_say(device, ana, body):
    answer = device(ana).post("sessions", body)
    logged = answer.json()
    assert (answer.status_code, logged["session"]["id"], logged["session"]["source"]) == (201, body["id"], "api")
    assert [(one["outcome"], one["rule_id"], one["provisional"]) for one in logged["results"]] == [
        ("hold", "R-X01", True)
    ]


def test_the_same_again_gives_the_stored_result(api, ana, body):
    browser = api(ana)
    first, again = browser.post("sessions", body), browser.post("sessions", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Session.objects.count() == 1


def test_another_content_under_the_same_id_clashes(api, ana, body):
    browser = api(ana)
    browser.post("sessions", body)
    body["exercises"][0]["pain_after"] = 4
    answer = browser.post("sessions", body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "clash")
    assert "saved before" in answer.json()["errors"][0]["detail"]


def test_sending_again_is_safe_after_the_program_has_ended(api, ana, program, body, now):
    browser = api(ana)
    browser.post("sessions", body)
    program.ended_on = now.date()
    program.save()
    assert browser.post("sessions", body).status_code == 200
    assert browser.post("sessions", body | {"id": str(uuid4())}).status_code == 422


def test_pain_seven_tells_what_to_do_at_once(api, ana, body):
    body["exercises"][0]["pain_during"] = 7
    logged = api(ana).post("sessions", body).json()
    assert (logged["safety"]["kind"], [hold["scope"] for hold in logged["holds"]]) == ("item", ["item"])


@pytest.mark.parametrize(
    ("field", "value", "named", "status"),
    [
        ("sets", [{"side": "both", "reps": 4000}], "exercises.0.sets.both", 422),
        ("pain_after", 11, "exercises.0.pain_after", 422),
        ("pain_after", -1, "exercises.0.pain_after", 422),
        ("pain_after", 10**12, "exercises.0.pain_after", 400),
        ("pain_after", True, "exercises.0.pain_after", 400),
        ("form", "splendid", "exercises.0.form", 400),
        ("sets", [{"side": "up", "reps": 4}], "exercises.0.sets.0.side", 400),
        ("sets", [{"side": "both", "reps": 4}] * 41, "exercises.0.sets", 400),
        ("note", "x" * 2001, "exercises.0.note", 400),
        ("pain_afer", 3, "exercises.0.pain_afer", 400),
        ("item", "01890000-0000-4000-8000-000000000000", "exercises.0", 422),
    ],
)
def test_the_absurd_names_its_field_and_saves_nothing(field, value, named, status, api, ana, body):
    body["exercises"][0][field] = value
    answer = api(ana).post("sessions", body)
    assert (answer.status_code, named in faults(answer)) == (status, True), answer.json()
    assert not Session.objects.exists()


def test_a_fault_says_the_value_and_the_limit(api, ana, body):
    body["exercises"][0]["sets"] = [{"side": "both", "reps": 4000}]
    assert "4000 is more than one session can hold (300)" in faults(api(ana).post("sessions", body)).popitem()[1]


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("performed_at", "2026-03-02T08:00:00", 400),
        ("performed_at", "0001-01-01T00:00:00Z", 400),
        ("performed_at", "2026-03-03T08:00:00Z", 422),
        ("performed_at", "2026-02-01T08:00:00Z", 422),
        ("effort", 11, 422),
        ("id", "session-1", 400),
        ("exercises", "all of them", 400),
        ("red_flags", ["headache"], 400),
    ],
)
def test_the_absurd_about_the_session_names_its_field(field, value, status, api, ana, body):
    answer = api(ana).post("sessions", body | {field: value})
    assert (answer.status_code, {str(name).split(".")[0] for name in faults(answer)}) == (status, {field})


@pytest.mark.parametrize(("field", "value", "status"), [("effort", 11, 422), ("effort", "much", 400)])
def test_a_slip_does_not_swallow_a_warning_sign(field, value, status, api, ana, body):
    answer = api(ana).post("sessions", body | {field: value, "red_flags": ["saddle_numbness"]})
    assert (answer.status_code, set(faults(answer))) == (status, {field, "safety"})
    assert faults(answer)["safety"].startswith("Call 999 now.")
    assert (Session.objects.exists(), ana.holds.get().scope) == (False, "plan")


def test_a_slip_does_not_swallow_new_weakness(api, ana, body):
    api(ana).post("sessions", body | {"effort": 11, "neuro": ["weakness"]})
    assert (Session.objects.exists(), ana.holds.get().scope) == (False, "plan")


@pytest.mark.parametrize("raw", ["{", "[" * 100_000, '{"note": "\\ud800"}', '{"effort": NaN}', "\xff"])
def test_what_cannot_be_read_is_refused_in_the_same_shape(raw, api, ana, program):
    browser = api(ana)
    answer = browser.client.post("/api/v1/sessions/", raw.encode("latin-1"), content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "parse_error")


def test_a_body_of_megabytes_is_not_read(api, ana, program):
    answer = api(ana).post("sessions", {"note": "x" * 300_000})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (413, "too_big")


@pytest.mark.parametrize("name", ["dana", "ravi", "theo", "olga"])
def test_staff_log_no_session_here(name, api, body, request):
    staff = api(request.getfixturevalue(name))
    answers = [staff.post("sessions", body), staff.get("sessions"), staff.get("session", body["id"])]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not Session.objects.exists()


def test_a_stranger_is_asked_who_they_are(api, body):
    assert [api().post("sessions", body).status_code, api().get("sessions").status_code] == [401, 401]


def test_a_browser_without_its_token_against_forgery_is_refused(ana, body):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ana.user)
    assert browser.post("/api/v1/sessions/", body, content_type="application/json").status_code == 403


def test_another_patient_can_neither_read_it_nor_log_for_ana(api, ana, other_patient, program, body):
    api(ana).post("sessions", body)
    stranger = api(other_patient)
    assert stranger.get("session", body["id"]).status_code == 404
    assert stranger.post("sessions", body | {"id": str(uuid4()), "patient": str(ana.pk)}).status_code == 404
    assert stranger.get("sessions").json()["results"] == []


def test_a_session_reads_as_it_was_answered(api, ana, body):
    logged = api(ana).post("sessions", body).json()
    assert api(ana).get("session", body["id"]).json() == logged


def test_the_list_begins_with_the_latest(api, ana, program, bridge, now, clock):
    for hours in (0, 1, 2):
        a_session(program, as_planned(bridge), now=now + timedelta(hours=hours))
    clock.move_to(now + timedelta(hours=3))
    rows = api(ana).get("sessions").json()["results"]
    assert [row["performed_at"][11:16] for row in rows] == ["11:00", "10:00", "09:00"]
    assert [exercise["name"] for exercise in rows[0]["exercises"]] == [bridge.level.name]


def test_twenty_five_a_page_and_a_cursor_to_the_next(api, ana, program, bridge, now, clock):
    for minutes in range(26):
        a_session(program, as_planned(bridge), now=now + timedelta(minutes=minutes))
    browser = api(ana)
    first = browser.get("sessions").json()
    rest = browser.client.get(first["next"]).json()
    assert (len(first["results"]), len(rest["results"]), rest["next"]) == (25, 1, None)


@pytest.mark.parametrize("cursor", ["x", "cD1ub3QtYS1kYXRl"])
def test_a_cursor_made_by_hand_leads_nowhere(cursor, api, ana, program):
    assert api(ana).get("sessions", cursor=cursor).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_three_queries_beyond_signing_in(
    rows, api, ana, program, bridge, now, django_assert_num_queries
):
    for minutes in range(rows):
        a_session(program, as_planned(bridge), now=now + timedelta(minutes=minutes))
    browser = api(ana)
    with django_assert_num_queries(1 + 3):  # user; patient, sessions, exercises
        assert len(browser.get("sessions").json()["results"]) == rows


def test_a_session_is_corrected_under_a_new_id(api, ana, body):
    browser = api(ana)
    browser.post("sessions", body)
    new = {"id": str(uuid4()), "exercises": [body["exercises"][0] | {"pain_during": 2}]}
    first = browser.post("session_correct", new, body["id"])
    again = browser.post("session_correct", new, body["id"])

    assert (first.status_code, again.status_code) == (201, 200)
    told = first.json()["session"]
    assert (told["corrects"], told["is_current"], told["exercises"][0]["pain_during"]) == (body["id"], True, 2)
    assert [one["id"] for one in browser.get("sessions").json()["results"]] == [new["id"]]


def test_correcting_what_was_corrected_meanwhile_clashes(api, ana, body):
    browser = api(ana)
    browser.post("sessions", body)
    answers = [
        browser.post("session_correct", {"id": str(uuid4()), "exercises": body["exercises"]}, body["id"])
        for _time in range(2)
    ]

    assert [one.status_code for one in answers] == [201, 409]
    assert answers[1].json()["errors"][0]["code"] == "changed"


def test_a_session_is_taken_back_once(api, ana, body):
    browser = api(ana)
    browser.post("sessions", body)
    answers = [browser.post("session_take_back", None, body["id"]) for _time in range(2)]

    assert [one.status_code for one in answers] == [200, 200]
    assert browser.get("sessions").json()["results"] == []


def test_after_a_day_a_device_changes_nothing(api, ana, body, clock, now):
    browser = api(ana)
    browser.post("sessions", body)
    clock.move_to(now + timedelta(hours=25))
    answer = browser.post("session_take_back", None, body["id"])

    assert (answer.status_code, Session.objects.current().count()) == (422, 1)


def test_a_warning_sign_in_a_refused_correction_is_kept(api, ana, body):
    browser = api(ana)
    browser.post("sessions", body)
    wrong = {"id": str(uuid4()), "exercises": [], "red_flags": ["saddle_numbness"]}
    answer = browser.post("session_correct", wrong, body["id"])

    assert answer.status_code == 422
    assert ana.holds.get().scope == "plan"
