"""People come to work in a clinic, change their roles, and leave."""

import pytest
from django.test import Client

from clinic import accounts
from clinic.models import AuditEntry, DeviceToken, Membership, User
from clinic.refusals import Refused
from tests.factories import people

NEW_PASSWORD = "a nerve glide waits for tomorrow"


def membership_of(user) -> Membership:
    return Membership.objects.get(user=user)


@pytest.fixture
def invited(clinic, owner, now):
    return accounts.invite_member(
        clinic, name="Ravi Nair", email="Ravi@people.example", roles=["desk"], actor=owner, now=now
    )


def test_an_invited_person_is_a_member_without_a_password(invited, clinic):
    assert (invited.clinic, invited.user.email, invited.roles) == (clinic, "ravi@people.example", {"desk"})
    assert not invited.user.has_usable_password()


def test_an_invitation_names_each_field_at_fault(clinic, owner, now):
    with pytest.raises(Refused) as refusal:
        accounts.invite_member(clinic, name=" ", email="ravi", roles=["cook"], actor=owner, now=now)
    assert refusal.value.errors == {
        "name": "Enter a name.",
        "email": "ravi is not an e-mail address.",
        "roles": "Choose one role or more.",
    }


def test_nobody_is_invited_twice(invited, clinic, owner, now):
    with pytest.raises(Refused) as refusal:
        accounts.invite_member(clinic, name="Ravi", email="ravi@people.example", roles=["desk"], actor=owner, now=now)
    assert refusal.value.errors == {"email": "ravi@people.example works here already."}


def test_a_person_of_another_clinic_keeps_password_and_place(clinic, olga, owner, now):
    membership = accounts.invite_member(
        clinic, name="Olga", email=olga.email, roles=["therapist"], actor=owner, now=now
    )
    assert membership.user == olga
    assert olga.memberships.count() == 2
    assert membership.user.has_usable_password()


def test_the_link_sets_the_first_password_once(invited):
    path = accounts.invitation_path(invited)
    browser = Client()

    assert browser.get(path).status_code == 200
    assert browser.post(path, {"password": NEW_PASSWORD}).headers["Location"] == "/sign-in/staff/"
    assert User.objects.get(pk=invited.user_id).check_password(NEW_PASSWORD)
    assert browser.post(path, {"password": "another long password"}).status_code == 404


def test_opening_the_link_changes_nothing(invited):
    before = User.objects.get(pk=invited.user_id).password
    Client().get(accounts.invitation_path(invited))
    assert User.objects.get(pk=invited.user_id).password == before


def test_a_link_for_somebody_else_opens_nothing(invited, dana):
    path = accounts.invitation_path(invited).replace(str(invited.pk), str(membership_of(dana).pk))
    assert Client().get(path).status_code == 404


def test_a_weak_password_is_refused_with_the_reason(invited):
    answer = Client().post(accounts.invitation_path(invited), {"password": "short"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["password"] == [
        "This password is too short. It must contain at least 12 characters."
    ]


def test_whose_roles_change_signs_in_anew_with_them(client_of, dana, owner, now):
    browser = client_of(dana)
    before = browser.get("/team/").status_code
    accounts.change_role(membership_of(dana), roles=["therapist", "owner"], licensed=True, actor=owner, now=now)
    assert (
        before,
        browser.get("/team/").status_code,
        client_of(User.objects.get(pk=dana.pk)).get("/team/").status_code,
    ) == (403, 302, 200)


def test_a_clinic_keeps_an_owner(owner, now):
    membership = membership_of(owner)
    with pytest.raises(Refused, match="A clinic needs an owner"):
        accounts.change_role(membership, roles=["desk"], licensed=False, actor=owner, now=now)
    with pytest.raises(Refused, match="A clinic needs an owner"):
        accounts.deactivate(membership, actor=owner, now=now)


def test_leaving_ends_every_session_and_device_at_once(client_of, dana, owner, now):
    browser = client_of(dana)
    DeviceToken.objects.create(user=dana, name="phone", digest="0" * 64, created_at=now)
    accounts.deactivate(membership_of(dana), actor=owner, now=now)

    assert browser.get("/account/").url == "/sign-in/?next=/account/"
    assert DeviceToken.objects.get().revoked_at == now


def test_leaving_twice_is_refused(dana, owner, now):
    accounts.deactivate(membership_of(dana), actor=owner, now=now)
    with pytest.raises(Refused, match="has left already"):
        accounts.deactivate(membership_of(dana), actor=owner, now=now)


def test_who_left_may_come_back_with_new_roles(dana, clinic, owner, now):
    accounts.deactivate(membership_of(dana), actor=owner, now=now)
    back = accounts.invite_member(clinic, name="Dana Reed", email=dana.email, roles=["desk"], actor=owner, now=now)
    assert (back.left_at, back.roles, back.licensed) == (None, {"desk"}, False)


def test_every_change_is_on_record(invited, owner, now):
    accounts.change_role(invited, roles=["trainer"], licensed=False, actor=owner, now=now)
    accounts.deactivate(invited, actor=owner, now=now)
    entries = AuditEntry.objects.filter(object_id=invited.pk).order_by("pk")
    assert [(entry.verb, entry.actor) for entry in entries] == [
        ("invite", owner),
        ("change_role", owner),
        ("deactivate", owner),
    ]


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client_of, dana):
    here, elsewhere = client_of(dana), client_of(dana)
    assert here.post("/account/", {"current": people.PASSWORD, "password": NEW_PASSWORD}).url == "/account/"
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_a_patient_has_no_password_to_set(client_of, ana):
    assert client_of(ana).post("/account/", {"password": NEW_PASSWORD}).status_code == 404
    assert people.PASSWORD not in client_of(ana).get("/account/").content.decode()


def test_a_new_password_needs_the_current_one(client_of, dana):
    answer = client_of(dana).post("/account/", {"current": "a wrong password", "password": NEW_PASSWORD})
    dana.refresh_from_db()
    assert (answer.status_code, dana.check_password(NEW_PASSWORD)) == (200, False)
    assert "That is not your password." in answer.content.decode()


def test_guesses_at_the_current_password_are_limited_before_hashing(client_of, dana, monkeypatch):
    browser = client_of(dana)
    for _try in range(10):
        browser.post("/account/", {"current": "a wrong password", "password": NEW_PASSWORD})
    monkeypatch.setattr(User, "check_password", lambda self, raw: pytest.fail("hashed"))
    answer = browser.post("/account/", {"current": people.PASSWORD, "password": NEW_PASSWORD})
    assert "Too many tries." in answer.content.decode()
