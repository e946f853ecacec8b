"""The access log: an owner asks who did what, to whom, on which day."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic import audit
from tests.conftest import CANARY


@pytest.fixture
def today():
    return timezone.now()


@pytest.fixture
def log(clinic, dana, ravi, ana, other_patient, today):
    """Dana opened Ana's record and changed it, Ravi opened the other one, last month somebody signed in."""
    for verb, subject, actor, at in (
        ("read", ana, dana, today - timedelta(minutes=4)),
        ("change_contact", ana, dana, today - timedelta(minutes=3)),
        ("read", other_patient, ravi, today - timedelta(minutes=2)),
    ):
        audit.note(verb, subject, clinic=clinic, actor=actor, now=at, patient_id=subject.pk)
    audit.note("sign_in", ravi, clinic=None, actor=ravi, now=today - timedelta(days=30))


@pytest.fixture
def read(log, client_of, owner):
    def ask(**asked):
        answer = client_of(owner).post(reverse("workspace:access_log"), asked, follow=True)
        own = "Read this page"
        return [(row.who, row.deed, row.patient) for row in answer.context.get("rows", ()) if row.deed != own]

    return ask


LOOK, CHANGE = ("Dana Reed", "Opened the record", "Ana Silva"), ("Dana Reed", "Change contact: patient", "Ana Silva")
OTHER = ("Ravi Nair", "Opened the record", "Other Patient")


def test_the_last_week_stands_there_newest_first(read):
    assert read() == [OTHER, CHANGE, LOOK]


def test_it_is_asked_by_person(read, ravi):
    assert read(person=str(ravi.pk)) == [OTHER]


def test_it_is_asked_by_patient(read):
    assert read(name="silva") == [CHANGE, LOOK]


def test_a_name_stands_in_no_address(log, client_of, owner, ana):
    answer = client_of(owner).post(reverse("workspace:access_log"), {"name": "Silva"})
    assert str(ana.pk) in answer.url
    assert "ilva" not in answer.url


def test_letters_that_fit_several_are_asked_about(log, client_of, owner):
    text = client_of(owner).post(reverse("workspace:access_log"), {"name": "a"}).content.decode()
    assert "Whom do you mean?" in text
    assert "Ana Silva" in text


def test_a_name_nobody_has_is_said_at_its_field(log, client_of, owner):
    form = client_of(owner).post(reverse("workspace:access_log"), {"name": CANARY}).context["form"]
    assert form.errors["name"] == ["No patient of this clinic has these letters in their name."]


def test_it_is_asked_by_kind(read):
    assert read(kind="changed") == [CHANGE]


def test_it_is_asked_by_day(read, today):
    day = (today - timedelta(days=30)).date().isoformat()
    assert read(since=day, until=day) == [("Ravi Nair", "Signed in", "")]


@pytest.mark.parametrize("asked", [{"person": "42"}, {"kind": "password"}, {"since": "yesterday"}])
def test_what_is_not_on_the_list_is_no_filter(read, client_of, owner, asked):
    assert read(**asked) == []
    assert client_of(owner).post(reverse("workspace:access_log"), asked).context["form"].errors


def test_who_was_turned_away_from_a_patient_is_seen(read, client_of, theo, ana):
    client_of(theo).get(reverse("workspace:patient", args=[ana.pk]))
    assert read(kind="refused") == [("Theo Marsh", "Was turned away: not their work", "Ana Silva")]


def test_a_failed_sign_in_names_whose_it_was_meant_to_be(read, client, dana):
    client.post(reverse("sign_in_staff"), {"email": dana.email, "password": "wrong wrong wrong"})
    assert read(person=str(dana.pk), kind="refused") == [("", "Somebody could not sign in", "")]


def test_nothing_of_another_clinic_is_in_it(read, other_clinic, olga, canary_patient, today):
    audit.note("read", canary_patient, clinic=other_clinic, actor=olga, now=today, patient_id=canary_patient.pk)
    audit.note("sign_in", olga, clinic=None, actor=olga, now=today)
    assert CANARY not in str(read())


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_one_row_and_three(
    rows, client_of, owner, clinic, dana, ana, today, django_assert_num_queries
):
    for _ in range(rows):
        audit.note("read", ana, clinic=clinic, actor=dana, now=today, patient_id=ana.pk)
    browser = client_of(owner)
    with django_assert_num_queries(7):
        assert browser.get(reverse("workspace:access_log")).status_code == 200
