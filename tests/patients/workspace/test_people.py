"""Adding people, changing how to reach them, carers and consents."""

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from clinic.models import AccountEvent
from patients.models import Consent, Patient, Proxy
from tests.factories.browsers import shown_again, signed_in


@pytest.fixture
def contact(dana):
    return {"name": "Bo Lin", "owner": str(dana.pk), "zone": "Europe/London", "equipment": "Exercise ball, dowel"}


def test_a_name_is_enough(client_of, dana, contact):
    answer = client_of(dana).post(reverse("workspace:patient_new"), contact)
    patient = Patient.objects.get()
    assert answer.url == reverse("workspace:patient", args=[patient.pk])
    assert (patient.user, patient.owner, patient.equipment) == (None, dana, ["exercise_ball", "dowel"])


def test_ravi_adds_a_patient_with_an_address(client_of, ravi, contact):
    client_of(ravi).post(reverse("workspace:patient_new"), contact | {"email": "Bo@people.example"})
    assert Patient.objects.get().user.email == "bo@people.example"


def test_an_address_in_use_is_said_at_the_field_and_the_rest_stays(client_of, dana, ana, contact):
    answer = client_of(dana).post(reverse("workspace:patient_new"), contact | {"email": "ana@people.example"})
    text = answer.content.decode()
    assert "already belongs to a patient" in text
    assert "Bo Lin" in text
    assert Patient.objects.count() == 1


def test_theo_adds_nobody(client_of, theo, contact):
    assert client_of(theo).post(reverse("workspace:patient_new"), contact).status_code == 403


def test_a_carer_opens_the_portal_until_removed(client_of, dana, ana):
    carer = {"name": "Rosa Silva", "user_email": "rosa@people.example", "relation": "daughter"}
    client_of(dana).post(reverse("workspace:carer_new", args=[ana.pk]), carer)
    proxy = Proxy.objects.get(patient=ana)
    assert proxy.user.email == "rosa@people.example"
    client_of(dana).post(reverse("workspace:carer_revoke", args=[ana.pk, proxy.pk]))
    proxy.refresh_from_db()
    assert proxy.revoked_at is not None


def test_a_carer_without_an_address_is_asked_for_one(client_of, dana, ana):
    url = reverse("workspace:carer_new", args=[ana.pk])
    text = client_of(dana).post(url, {"name": "Rosa", "user_email": "", "relation": "friend"}).content.decode()
    assert "Please look at this again" in text


def test_a_signed_paper_gives_and_withdraws(client_of, ravi, ana):
    client_of(ravi).post(reverse("workspace:consents", args=[ana.pk]), {"kinds": ["treatment", "mail_detail"]})
    given = Consent.objects.filter(patient=ana, revoked_at=None)
    assert set(given.values_list("kind", flat=True)) == {"treatment", "mail_detail"}
    assert given.get(kind="mail_detail").source == "paper"


@pytest.fixture
def desk(client_of, ravi):
    return shown_again(client_of(ravi), ravi)


def test_a_new_address_is_a_new_sign_in_and_the_old_one_is_told(desk, ana):
    old = ana.user
    hers = signed_in(old)
    desk.post(reverse("workspace:address", args=[ana.pk]), {"email": "Ana.new@people.example"})
    ana.refresh_from_db()

    assert (ana.user.email, ana.identity.email) == ("ana.new@people.example", "ana.new@people.example")
    assert not get_user(hers).is_authenticated
    assert AccountEvent.objects.get(user=old).kind == AccountEvent.Kind.ADDRESS_CHANGED


def test_without_an_address_there_is_no_portal(desk, ana):
    desk.post(reverse("workspace:address", args=[ana.pk]), {"email": ""})
    ana.refresh_from_db()
    assert (ana.user, ana.identity.email) == (None, "")


def test_the_address_of_another_patient_is_refused_at_the_field(desk, ana, other_patient):
    form = {"email": other_patient.user.email}
    answer = desk.post(reverse("workspace:address", args=[ana.pk]), form)
    assert "already belongs to a patient" in answer.content.decode()
    ana.refresh_from_db()
    assert ana.user.email == "ana@people.example"
