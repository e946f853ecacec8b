"""flags/: the queue, two people at one flag, and who may close what."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic.models import AuditEntry
from patients.models import PainFlag
from tests.factories import people
from tests.patients.api.conftest import faults

CLOSING = {"code": "advised_continue", "effect": "resume", "note": "Spoke on the phone."}


def a_flag(patient, now, **given):
    fields = {
        "group": "adherence",
        "severity": 4,
        "code": "FL-NOLOG",
        "headline": "nothing logged for 5 days",
        "opened_at": now,
        "last_event_at": now,
        "contact_due": now + timedelta(days=1),
    }
    return PainFlag.objects.create(clinic=patient.clinic, patient=patient, **(fields | given))


def ids(answer) -> list[str]:
    return [row["id"] for row in answer.json()["results"]]


def test_the_most_urgent_comes_first(api, dana, ana, now):
    late = a_flag(ana, now, severity=4)
    soon = a_flag(ana, now, severity=2, group="safety", code="FL-SENS")
    assert ids(api(dana).get("flags")) == [str(soon.pk), str(late.pk)]


def test_a_device_sees_the_same_queue(api, device, dana, pain_flag):
    assert device(dana).get("flags").json() == api(dana).get("flags").json()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["pain", "review"]),
        ({"severity": 4}, ["review"]),
        ({"group": "pain"}, ["pain"]),
        ({"mine": "true"}, ["review"]),
        ({"state": "resolved"}, ["adherence"]),
        ({"state": ["open", "resolved"]}, ["pain", "adherence"]),
        ({"ordering": "oldest"}, ["review", "pain"]),
        ({"ordering": "latest"}, ["pain", "review"]),
    ],
)
def test_filters_and_orderings(query, found, api, dana, ana, now):
    a_flag(ana, now, group="pain", severity=3)
    a_flag(
        ana,
        now - timedelta(days=1),
        group="review",
        owner=dana,
        state="acknowledged",
        last_event_at=now.min.replace(year=2026, tzinfo=now.tzinfo),
    )
    a_flag(ana, now, state="resolved", resolved_at=now)
    rows = api(dana).get("flags", **query).json()["results"]
    assert [row["group"] for row in rows] == found


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"severity": 9}, "severity"),
        ({"group": "odd"}, "group"),
        ({"state": "odd"}, "state"),
        ({"ordering": "patient__identity__name"}, "ordering"),
        ({"patient__identity__name": "Ana"}, "patient__identity__name"),
    ],
)
def test_what_is_not_on_the_list_is_refused(query, named, api, dana):
    answer = api(dana).get("flags", **query)
    assert (answer.status_code, set(faults(answer))) == (400, {named})


def test_taking_makes_an_owner(api, dana, pain_flag):
    answer = api(dana).post("flag_take", None, pain_flag.pk)
    assert (answer.status_code, answer.json()["state"], answer.json()["owner"]["name"]) == (
        200,
        "acknowledged",
        "Dana Reed",
    )


def test_the_second_to_take_reads_who_was_first(api, dana, ravi, pain_flag):
    api(dana).post("flag_take", None, pain_flag.pk)
    answer = api(ravi).post("flag_take", None, pain_flag.pk)
    assert (answer.status_code, faults(answer)) == (409, {None: "Dana Reed has taken this already."})
    assert answer.json()["errors"][0]["code"] == "already_taken"


def test_taking_twice_is_taking_once(api, dana, pain_flag):
    browser = api(dana)
    answers = [browser.post("flag_take", None, pain_flag.pk) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]


def test_ravi_records_a_call(api, ravi, pain_flag):
    body = {"channel": "phone", "outcome": "reached"}
    answer = api(ravi).post("flag_contact", body, pain_flag.pk)
    assert (answer.status_code, answer.json()["state"]) == (200, "contacted")


@pytest.mark.parametrize(
    ("body", "named"), [({"channel": "pigeon", "outcome": "reached"}, "channel"), ({"channel": "phone"}, "outcome")]
)
def test_an_odd_contact_names_its_field(body, named, api, dana, pain_flag):
    answer = api(dana).post("flag_contact", body, pain_flag.pk)
    assert (answer.status_code, set(faults(answer))) == (400, {named})


def test_resolving_releases_what_was_held(api, dana, pain_flag):
    answer = api(dana).post("flag_resolve", CLOSING, pain_flag.pk)
    assert (answer.status_code, answer.json()["state"]) == (200, "resolved")
    assert not pain_flag.patient.holds.open().exists()


def test_a_closed_flag_is_not_closed_again(api, dana, pain_flag):
    browser = api(dana)
    browser.post("flag_resolve", CLOSING, pain_flag.pk)
    answer = browser.post("flag_resolve", CLOSING, pain_flag.pk)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "not_open")


def test_giving_up_needs_three_attempts(api, dana, pain_flag):
    answer = api(dana).post("flag_resolve", CLOSING | {"code": "no_contact_3_attempts"}, pain_flag.pk)
    assert (answer.status_code, faults(answer)) == (422, {"code": "0 attempts recorded: three are needed first."})


def test_severity_one_is_for_the_licensed(api, clinic, dana, red_flag):
    unlicensed = people.make_member(clinic, "New Therapist", "therapist")
    assert api(unlicensed).post("flag_resolve", CLOSING, red_flag.pk).status_code == 403
    assert api(dana).post("flag_resolve", CLOSING, red_flag.pk).status_code == 200


def test_ravi_may_close_what_is_not_clinical(api, ravi, ana, pain_flag, now):
    nudge = a_flag(ana, now, severity=4)
    asked = [api(ravi).post("flag_resolve", CLOSING | {"effect": "none"}, flag.pk) for flag in (pain_flag, nudge)]
    assert [answer.status_code for answer in asked] == [403, 200]


def test_ravi_sees_whom_to_call_and_nothing_clinical(api, ravi, pain_flag):
    row = api(ravi).get("flag", pain_flag.pk).json()
    assert (row["patient"]["name"], row["patient"]["phone"], row["severity"]) == ("Ana Silva", "020 7946 0200", 3)
    assert [row[name] for name in ("code", "headline", "region", "exercise", "note", "steps")] == [""] * 5 + [[]]
    assert row["may_close"] is False


def test_dana_sees_every_step(api, dana, pain_flag):
    row = api(dana).get("flag", pain_flag.pk).json()
    assert [step["kind"] for step in row["steps"]] == ["open", "finding", *["finding"] * (len(row["steps"]) - 2)]
    assert row["headline"] == pain_flag.headline


def test_reading_a_flag_is_kept(api, dana, pain_flag):
    api(dana).get("flag", pain_flag.pk)
    entry = AuditEntry.objects.get(verb="read")
    assert (entry.actor, entry.object_id, entry.patient_id) == (dana, pain_flag.pk, pain_flag.patient_id)


ROUTES = [("get", "flag"), ("post", "flag_take"), ("post", "flag_contact"), ("post", "flag_resolve")]


def ask(browser, method, route, pk):
    return browser.get(route, pk) if method == "get" else browser.post(route, CLOSING, pk)


@pytest.mark.parametrize(("name", "status"), [("ana", 403), ("theo", 403), ("olga", 404), (None, 401)])
def test_who_has_no_business_here(name, status, api, pain_flag, request):
    browser = api(request.getfixturevalue(name)) if name else api()
    assert [ask(browser, *route, pain_flag.pk).status_code for route in ROUTES] == [status] * 4
    pain_flag.refresh_from_db()
    assert (pain_flag.state, pain_flag.owner) == ("open", None)


@pytest.mark.parametrize(("name", "status"), [("ana", 403), ("theo", 403), (None, 401)])
def test_the_list_is_for_who_cares(name, status, api, pain_flag, request):
    browser = api(request.getfixturevalue(name)) if name else api()
    assert browser.get("flags").status_code == status


def test_olga_sees_none_of_them(api, olga, pain_flag):
    assert api(olga).get("flags").json()["results"] == []


def test_a_flag_that_never_was_is_not_there(api, dana):
    assert api(dana).get("flag", uuid4()).status_code == 404


def test_taking_is_a_post(api, dana, pain_flag):
    assert api(dana).get("flag_take", pain_flag.pk).status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_one_query_beyond_signing_in(rows, api, dana, ana, now, django_assert_num_queries):
    for group in ["pain", "safety", "review"][:rows]:
        a_flag(ana, now, group=group)
    browser = api(dana)
    with django_assert_num_queries(2 + 2):  # user, membership; the audit, flags
        assert len(browser.get("flags").json()["results"]) == rows
