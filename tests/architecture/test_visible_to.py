"""Every row that belongs to a clinic is seen by that clinic's people only, and no patient's row by a trainer."""

from copy import deepcopy

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction

from clinic.access import ScopedQuerySet
from clinic.models import Clinic, User
from patients.models import Identity, PainFlag, Patient
from tests.architecture.rows import one_of_everything, our_models
from tests.conftest import CANARY
from tests.factories import people

# Rows no page shows, with the reason.
UNSEEN = {
    "clinic.User": "people are seen through memberships and identities",
    "clinic.AuditSeal": "read by the sealing tick and by verify_audit only",
    "clinic.SignInCode": "read by the sign-in and the outbox only",
    "clinic.AccountEvent": "read by the outbox only",
    "clinic.MailedLink": "found by its token only",
    "clinic.DeviceToken": "each person's own",
    "reminders.Schedule": "read by the planner only",
    "reminders.Subscription": "found by its token only",
}


def leads_to_a_clinic(model: type[models.Model], seen: frozenset = frozenset()) -> bool:
    targets = {field.related_model for field in model._meta.concrete_fields if field.related_model}
    if Clinic in targets or model is Clinic:
        return True
    return any(leads_to_a_clinic(target, seen | {model}) for target in targets - seen - {model, User})


OWNED = [model for model in our_models() if leads_to_a_clinic(model) and model._meta.label not in UNSEEN]
# Of no patient: tests/patients/test_dry_runs.py says who sees dry runs, and words of consents are the clinic’s own.
OF_NOBODY = {"patients.DryRun", "patients.ConsentText"}
OF_PATIENTS = [
    model
    for model in OWNED
    if model._meta.app_label in {"patients", "reminders"} and model._meta.label not in OF_NOBODY
]


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker):
    """Ana's clinic with a row of everything: built once for all tests of this file, and never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        clinic = people.make_clinic("Riverside Physio", slug="riverside")
        dana = people.make_member(clinic, "Dana Reed", "therapist", licensed=True)
        yield one_of_everything(people.make_patient(clinic, "Ana Silva", owner=dana), dana, text="Ours")
        transaction.set_rollback(True)


@pytest.fixture
def rows(house, db):
    return deepcopy(house)


@pytest.fixture
def clinic(rows):
    return rows[Clinic]


@pytest.fixture
def ana(rows):
    return rows[Patient]


@pytest.fixture
def dana(ana):
    return ana.owner


def sees(user, model, row) -> bool:
    return bool(model.objects.visible_to(user).filter(pk=row.pk).exists())


def names(found):
    return [model._meta.label for model in found]


def test_every_model_with_a_way_to_a_clinic_says_who_may_see_it():
    bare = [model for model in OWNED if not isinstance(model._default_manager.get_queryset(), ScopedQuerySet)]
    assert names(bare) == []


def test_nothing_is_excused_that_does_not_exist():
    assert sorted(UNSEEN) == sorted(set(UNSEEN) & set(names(our_models())))


@pytest.mark.parametrize("person", ["dana", "colleague", "ravi", "owner"])
def test_who_cares_sees_every_row_of_their_clinic(person, rows, request):
    user = request.getfixturevalue(person)
    assert names(model for model in OF_PATIENTS if not sees(user, model, rows[model])) == []


def narrow(clinic) -> None:
    clinic.caseload_only = True
    clinic.save()


@pytest.mark.parametrize("person", ["dana", "ravi", "owner"])
def test_in_a_narrowed_clinic_the_own_therapist_desk_and_owner_see_every_row(person, rows, clinic, ana, request):
    narrow(clinic)
    user = request.getfixturevalue(person)
    unseen = names(model for model in OF_PATIENTS if not sees(user, model, rows[model]))
    assert unseen == []


def test_in_a_narrowed_clinic_another_therapist_sees_no_row_of_the_patient(rows, clinic, colleague, time_machine):
    narrow(clinic)
    PainFlag.objects.update(state="resolved", resolved_at=people.NOW)
    time_machine.move_to(people.NOW)  # later a decision would be overdue, and on duty's
    assert names(model for model in OF_PATIENTS if sees(colleague, model, rows[model])) == []


@pytest.mark.parametrize("person", ["theo"])
def test_a_trainer_sees_no_row_of_a_patient(person, rows, request):
    user = request.getfixturevalue(person)
    assert names(model for model in OF_PATIENTS if sees(user, model, rows[model])) == []


@pytest.fixture
def left(clinic, now):
    return people.make_member(clinic, "Left", "therapist", "owner", left_at=now)


@pytest.fixture
def disabled(clinic):
    user = people.make_member(clinic, "Disabled", "therapist", "owner")
    user.is_active = False
    user.save()
    return user


@pytest.fixture
def nobody(db):
    return people.make_user("Nobody")


@pytest.fixture
def anonymous():
    return AnonymousUser()


@pytest.mark.parametrize("person", ["olga", "left", "disabled", "nobody", "anonymous"])
def test_outsiders_see_no_row_at_all(person, rows, request):
    user = request.getfixturevalue(person)
    assert names(model for model in OWNED if sees(user, model, rows[model])) == []


@pytest.mark.parametrize("person", ["left", "disabled", "nobody", "anonymous", "erased", "blank"])
def test_nobody_is_the_person_of_a_row_that_has_none(person, rows, request):
    """Rows whose people are not said: nobody equals nobody nowhere."""
    for model in OWNED:
        people_of = [one.name for one in model._meta.concrete_fields if one.related_model is User and one.null]
        if (
            people_of and model._meta.label != "clinic.AuditEntry"
        ):  # append-only; its actor may be nobody from the start
            model._base_manager.filter(pk=rows[model].pk).update(**dict.fromkeys(people_of))
    Identity.objects.update(email="")
    user = request.getfixturevalue(person)
    assert names(model for model in OWNED if sees(user, model, rows[model])) == []


@pytest.fixture
def erased():
    """Deleted, yet still in the hands of a request: signed in, active, without an id."""
    return User(pk=None, email="gone@people.example")


@pytest.fixture
def blank(db):
    """Somebody without an address."""
    return User.objects.create(name="Blank", email="")


def test_another_patient_sees_none_of_anas_rows(rows, other_patient):
    assert names(model for model in OF_PATIENTS if sees(other_patient.user, model, rows[model])) == []


def test_the_other_clinic_is_not_seen_by_this_one(dana, owner, canary_patient, olga):
    theirs = one_of_everything(canary_patient, olga, text=CANARY)
    assert names(model for model in OWNED if sees(dana, model, theirs[model])) == []
    assert names(model for model in OWNED if sees(owner, model, theirs[model])) == []


def test_a_carer_sees_the_patient_until_it_is_revoked(rows, ana, now):
    carer = people.make_user("Carer")
    proxy = people.make_proxy(ana, carer)
    seen = [type(ana).objects.visible_to(carer).count()]
    proxy.revoked_at = now
    proxy.save()
    assert [*seen, type(ana).objects.visible_to(carer).count()] == [1, 0]
