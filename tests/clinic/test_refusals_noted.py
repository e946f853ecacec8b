"""Who was turned away, and who failed to sign in, stands in the audit."""

from uuid import uuid4

import pytest
from django.urls import reverse

from clinic import sign_in
from clinic.models import AuditEntry
from tests.factories.people import PASSWORD


def noted(*fields):
    return list(AuditEntry.objects.order_by("pk").values_list(*fields))


def test_the_patient_of_another_clinic_is_noted_for_who_tried(client_of, dana, clinic, canary_patient):
    client_of(dana).get(reverse("workspace:patient", args=[canary_patient.pk]))
    assert noted("verb", "label", "object_id", "actor", "clinic", "patient_id") == [
        ("not_found", "workspace:patient", canary_patient.pk, dana.pk, clinic.pk, None)
    ]


def test_a_wrong_role_is_noted(client_of, theo, ana):
    client_of(theo).get(reverse("workspace:patient", args=[ana.pk]))
    assert noted("verb", "label", "object_id", "actor") == [("not_allowed", "workspace:patient", ana.pk, theo.pk)]


def test_a_patient_who_tries_the_page_of_staff_is_noted_in_no_clinic(client_of, ana):
    client_of(ana).get(reverse("team"))
    assert noted("verb", "label", "clinic", "actor") == [("not_allowed", "team", None, ana.user_id)]


def test_the_api_is_noted_too(client_of, dana, clinic):
    wanted = uuid4()
    client_of(dana).get(reverse("api:flag", args=[wanted]))
    assert noted("verb", "label", "object_id") == [("not_found", "api:flag", wanted)]


def test_strangers_and_addresses_of_nothing_leave_no_row(client, client_of, dana, ana):
    client.get(reverse("workspace:patient", args=[ana.pk]))
    client_of(dana).get("/no/such/page/")
    assert noted("verb") == []


@pytest.mark.parametrize("known", [True, False])
def test_a_failed_password_names_the_person_if_there_is_one(client, dana, known):
    email = dana.email if known else "nobody@people.example"
    client.post(reverse("sign_in_staff"), {"email": email, "password": "wrong wrong wrong"})
    assert noted("verb", "object_id", "actor", "clinic") == [("sign_in_failed", dana.pk if known else None, None, None)]


def test_a_wrong_code_is_noted_for_whom_it_was_sent_to(ana, now):
    row = sign_in.send_code(ana.identity.email, visitor="192.0.2.1", now=now)
    with pytest.raises(sign_in.WrongCode):
        sign_in.redeem_code(row.pk, "no code", now=now)
    assert noted("verb", "object_id") == [("sign_in_failed", ana.user_id)]


def test_the_way_in_and_out_is_noted(client, dana):
    client.post(reverse("sign_in_staff"), {"email": dana.email, "password": PASSWORD})
    client.post(reverse("account_logout"))
    assert noted("verb", "actor")[-1] == ("sign_out", dana.pk)


@pytest.mark.parametrize(
    ("route", "verb"),
    [
        ("workspace:caseload", "list_patients"),
        ("workspace:triage", "list_flags"),
        ("workspace:trials", "list_trials"),
        ("workspace:flag_report_file", "export_figures"),
        ("api:caseload", "list_patients"),
        ("api:flags", "list_flags"),
    ],
)
def test_a_list_of_patients_is_a_look(client_of, dana, clinic, route, verb):
    client_of(dana).get(reverse(route))
    assert noted("verb", "actor", "clinic") == [(verb, dana.pk, clinic.pk)]


def test_a_queue_that_refreshes_itself_is_no_new_look(client_of, dana):
    client_of(dana).get(reverse("workspace:triage"), headers={"HX-Request": "true"})
    assert noted("verb") == []
