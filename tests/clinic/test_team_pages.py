"""Owners run their team and their clinic's settings; nobody else opens these pages."""

import pytest

from clinic.models import Clinic, Membership
from tests.factories import people

PAGES = ["/team/", "/team/clinic/"]


@pytest.mark.parametrize("page", PAGES)
def test_only_an_owner_opens_them(page, client_of, owner, dana, theo, ravi, ana, olga):
    statuses = [client_of(person).get(page).status_code for person in (owner, dana, theo, ravi, ana, olga)]
    assert statuses == [200, 403, 403, 403, 403, 403]


def test_a_member_of_another_clinic_is_not_there(client_of, owner, olga):
    pk = Membership.objects.get(user=olga).pk
    browser = client_of(owner)
    assert browser.get(f"/staff/team/{pk}/").status_code == 404
    assert browser.post(f"/staff/team/{pk}/leave/").status_code == 404


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_one_and_three(more, client_of, owner, clinic, django_assert_num_queries):
    for number in range(more):
        people.make_member(clinic, f"Colleague {number}", "desk")
    browser = client_of(owner)
    with django_assert_num_queries(3):  # user, memberships, the list
        browser.get("/team/")


def test_an_owner_invites(client_of, owner):
    given = {"name": "Theo Marsh", "email": "theo@people.example", "roles": ["trainer"]}
    assert client_of(owner).post("/team/", given).url == "/team/"
    assert Membership.objects.get(user__email="theo@people.example").roles == {"trainer"}


def test_what_was_typed_stays_when_an_invitation_is_refused(client_of, owner, dana):
    answer = client_of(owner).post("/team/", {"name": "Dana", "email": dana.email, "roles": ["desk"]})
    assert answer.status_code == 200
    assert f"{dana.email} works here already." in answer.content.decode()
    assert answer.context["form"]["name"].value() == "Dana"


def test_an_owner_changes_roles_and_the_licence(client_of, owner, ravi):
    pk = Membership.objects.get(user=ravi).pk
    client_of(owner).post(f"/staff/team/{pk}/", {"roles": ["desk", "therapist"], "licensed": "on"})
    changed = Membership.objects.get(pk=pk)
    assert (changed.roles, changed.licensed) == ({"desk", "therapist"}, True)


def test_ending_somebodys_work_asks_first(client_of, owner, ravi):
    pk = Membership.objects.get(user=ravi).pk
    browser = client_of(owner)
    browser.get(f"/staff/team/{pk}/leave/")
    asked = Membership.objects.get(pk=pk).left_at
    browser.post(f"/staff/team/{pk}/leave/")
    assert asked is None
    assert Membership.objects.get(pk=pk).left_at is not None


def settings_of(clinic, **changes):
    given = {
        "name": clinic.name,
        "short_name": clinic.short_name,
        "phone": clinic.phone,
        "emergency_number": clinic.emergency_number,
        "retention_years": clinic.retention_years,
        "zone": clinic.zone,
        "from_0": "09:00",
        "to_0": "17:30",
    }
    return given | changes


def test_settings_are_saved(client_of, owner, clinic):
    given = settings_of(clinic, name="Riverside Practice", zone="Europe/Berlin")
    assert client_of(owner).post("/team/clinic/", given).url == "/team/clinic/"
    clinic.refresh_from_db()
    assert (clinic.name, clinic.zone, clinic.staffed_hours) == (
        "Riverside Practice",
        "Europe/Berlin",
        {"0": ["09:00", "17:30"]},
    )


@pytest.mark.parametrize(
    ("field", "value"), [("phone", ""), ("emergency_number", " "), ("zone", "CET"), ("to_0", "08:00"), ("to_0", "")]
)
def test_settings_that_would_harm_are_refused(field, value, client_of, owner, clinic):
    answer = client_of(owner).post("/team/clinic/", settings_of(clinic, **{field: value}))
    assert answer.status_code == 200
    assert Clinic.objects.get(pk=clinic.pk).staffed_hours == clinic.staffed_hours


def test_the_saved_hours_are_shown(client_of, owner, clinic):
    form = client_of(owner).get("/team/clinic/").context["form"]
    assert [form["from_0"].value(), form["to_6"].value()] == ["08:00", None]


def test_the_trial_is_opened_for_an_area(client_of, owner, clinic):
    client_of(owner).post("/team/clinic/", settings_of(clinic, trial_open="on", service_area=" M1, M2 ,"))
    clinic.refresh_from_db()
    assert (clinic.trial_open, clinic.service_area) == (True, ["M1", "M2"])


def test_the_area_stands_in_the_form_as_it_was_typed(client_of, owner, clinic):
    clinic.service_area = ["M1", "M2"]
    clinic.save()
    assert 'value="M1, M2"' in client_of(owner).get("/team/clinic/").content.decode()


def test_the_band_colours_are_a_list_with_the_lightest_first(client_of, owner, clinic):
    client_of(owner).post("/team/clinic/", settings_of(clinic, band_colours="tan, yellow ,red"))

    clinic.refresh_from_db()
    assert clinic.band_colours == ["tan", "yellow", "red"]
