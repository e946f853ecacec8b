"""Who leaves, or stops treating, leaves no patient and no open flag without somebody."""

import pytest

from clinic.models import AuditEntry, Membership
from clinic.refusals import Refused
from patients import leaving
from patients.flagging import assess_waiting_reports
from patients.models import FlagEvent, PainFlag
from patients.reports import report_pain
from tests.factories import people
from tests.factories.library import published_library
from tests.factories.programs import a_program, item_of


@pytest.fixture
def membership(dana):
    return Membership.objects.get(user=dana)


@pytest.fixture
def flag(ana, clinic, dana, now):
    """A flag of Ana's that Dana has taken."""
    program = a_program(ana, published_library(clinic)["BALL_PROGRESSION"], now=now)
    report_pain(program.patient, item=item_of(program, "BRG"), pain=7, actor=ana.user, now=now)
    assess_waiting_reports(now=now)
    PainFlag.objects.update(owner=dana, state="acknowledged", acknowledged_at=now)
    return PainFlag.objects.get()


def owners_of(*patients):
    for patient in patients:
        patient.refresh_from_db()
    return [patient.owner for patient in patients]


def test_patients_and_open_flags_go_to_the_colleague_in_one_act(
    membership, flag, ana, other_patient, colleague, owner, now
):
    leaving.leave(membership, to=colleague, actor=owner, now=now)
    flag.refresh_from_db()
    membership.refresh_from_db()
    assert owners_of(ana, other_patient) == [colleague, colleague]
    assert (flag.owner, flag.state, membership.left_at) == (colleague, "acknowledged", now)


def test_it_is_on_record_for_each_patient_and_flag(membership, flag, ana, other_patient, colleague, owner, now):
    leaving.leave(membership, to=colleague, actor=owner, now=now)
    noted = AuditEntry.objects.filter(verb="hand_over", actor=owner)
    assert set(noted.values_list("label", "object_id")) == {
        ("patients.patient", ana.pk),
        ("patients.patient", other_patient.pk),
        ("patients.painflag", flag.pk),
    }
    assert FlagEvent.objects.get(kind="hand_over").data == {"to": str(colleague.pk)}


@pytest.mark.parametrize("who", ["nobody", "themselves", "ravi", "olga", "gone"])
def test_only_to_a_therapist_who_works_here(who, request, membership, ana, dana, owner, clinic, now):
    people.make_member(clinic, "Gone", "therapist", left_at=now)
    to = {"nobody": None, "themselves": dana}.get(who)
    if who in {"ravi", "olga"}:
        to = request.getfixturevalue(who)
    if who == "gone":
        to = Membership.objects.get(user__name="Gone").user
    with pytest.raises(Refused) as refusal:
        leaving.leave(membership, to=to, actor=owner, now=now)
    membership.refresh_from_db()
    assert (list(refusal.value.errors), owners_of(ana), membership.left_at) == (["to"], [dana], None)


def test_the_refusal_says_how_much_there_is(membership, flag, ana, other_patient, owner, now):
    with pytest.raises(Refused) as refusal:
        leaving.leave(membership, to=None, actor=owner, now=now)
    assert refusal.value.errors == {"to": "Choose who takes over (patients: 2, open flags: 1)."}


def test_closed_flags_and_closed_patients_stay_as_they_were(membership, flag, ana, dana, colleague, owner, now):
    PainFlag.objects.update(state="resolved", resolved_at=now, resolved_by=dana)
    gone = people.make_patient(ana.clinic, "Gone Patient", owner=dana)
    gone.closed_at = now
    gone.save()
    leaving.leave(membership, to=colleague, actor=owner, now=now)
    flag.refresh_from_db()
    assert (flag.owner, owners_of(ana, gone)) == (dana, [colleague, dana])


def test_patients_in_another_clinic_stay(membership, dana, other_clinic, colleague, owner, ana, now):
    people.join(other_clinic, dana, "therapist")
    theirs = people.make_patient(other_clinic, "Their Patient", owner=dana)
    leaving.leave(membership, to=colleague, actor=owner, now=now)
    assert owners_of(theirs) == [dana]


def test_if_the_leaving_is_refused_nothing_was_handed_over(clinic, ana, colleague, now):
    boss = people.make_member(clinic, "Boss", "owner", "therapist")
    mine = people.make_patient(clinic, "Mine", owner=boss)
    with pytest.raises(Refused, match="A clinic needs an owner"):
        leaving.leave(Membership.objects.get(user=boss), to=colleague, actor=boss, now=now)
    assert owners_of(mine) == [boss]


def test_who_has_nobody_just_leaves(ravi, owner, now):
    leaving.leave(Membership.objects.get(user=ravi), to=None, actor=owner, now=now)
    assert Membership.objects.get(user=ravi).left_at == now


def test_who_stops_treating_hands_over_too(membership, ana, dana, colleague, owner, now):
    with pytest.raises(Refused) as refusal:
        leaving.change_role(membership, roles=["desk"], licensed=False, actor=owner, now=now)
    assert list(refusal.value.errors) == ["to"]
    leaving.change_role(membership, roles=["desk"], licensed=False, to=colleague, actor=owner, now=now)
    membership.refresh_from_db()
    assert (membership.roles, owners_of(ana)) == ({"desk"}, [colleague])


def test_another_role_besides_treating_hands_nothing_over(membership, ana, dana, owner, now):
    leaving.change_role(membership, roles=["therapist", "owner"], licensed=True, actor=owner, now=now)
    assert owners_of(ana) == [dana]


def test_the_page_asks_who_takes_over(client_of, membership, ana, colleague, owner):
    browser, path = client_of(owner), f"/staff/team/{membership.pk}/leave/"
    assert "patients 1, open flags 0" in browser.get(path).content.decode()
    refused = browser.post(path, {"to": ""})
    assert (refused.status_code, "Choose who takes over" in refused.content.decode()) == (200, True)
    assert browser.post(path, {"to": str(colleague.pk)}).headers["Location"] == "/team/"
    assert owners_of(ana) == [colleague]


def test_the_page_of_the_roles_asks_too(client_of, membership, ana, dana, colleague, owner):
    browser, path = client_of(owner), f"/staff/team/{membership.pk}/"
    refused = browser.post(path, {"roles": ["trainer"]})
    assert (refused.status_code, owners_of(ana)) == (200, [dana])
    browser.post(path, {"roles": ["trainer"], "to": str(colleague.pk)})
    membership.refresh_from_db()
    assert (membership.roles, owners_of(ana)) == ({"trainer"}, [colleague])
