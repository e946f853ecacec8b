"""Who looked, as the patient reads it."""

from datetime import timedelta

import pytest

from clinic import audit
from patients.looked import looks_at
from tests.factories import people


@pytest.fixture
def seen(ana, clinic, now):
    """`seen(verb, subject, actor)`: it was done to Ana's record."""

    def note(verb, subject, actor, *, days=0):
        audit.note(verb, subject, clinic=clinic, actor=actor, now=now - timedelta(days=days), patient_id=ana.pk)

    return note


def words(ana):
    return [(look.who, look.what_for) for look in looks_at(ana)]


def test_a_day_says_what_it_was_for(ana, dana, seen):
    seen("read", ana, dana)
    seen("change_contact", ana, dana)
    seen("read", ana, dana, days=1)
    assert words(ana) == [
        ("Dana Reed, Therapist", "opened your record and wrote down how to reach you"),
        ("Dana Reed, Therapist", "opened your record"),
    ]


def test_the_patient_and_the_machine_are_no_lookers(ana, seen):
    seen("log", ana, ana.user)
    seen("open", ana, None)
    assert words(ana) == []


def test_a_clinic_may_show_roles_instead_of_names(ana, clinic, dana, colleague, seen):
    clinic.looks_name_staff = False
    clinic.save()
    seen("read", ana, dana)
    seen("read", ana, colleague)
    ana.refresh_from_db()
    assert words(ana) == [("Therapist", "opened your record")]


def test_who_has_left_and_who_looks_after_one_is_said(ana, clinic, now, seen):
    left = people.make_member(clinic, "Lena Left", "therapist", left_at=now)
    carer = people.make_user("Carla Carer")
    people.make_proxy(ana, carer)
    seen("read", ana, left)
    seen("log", ana, carer, days=1)
    assert [who for who, _what in words(ana)] == ["Lena Left, no longer works here", "Carla Carer, daughter"]


def test_it_takes_two_queries(ana, dana, seen, django_assert_num_queries):
    for days in range(3):
        seen("read", ana, dana, days=days)
    with django_assert_num_queries(2):
        looks_at(ana)
