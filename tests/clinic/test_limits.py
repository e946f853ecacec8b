"""Limits hold over machines and without a cache."""

from datetime import timedelta

from clinic.limits import Limit, spend
from clinic.models import Spent

THREE = Limit("three", 3, timedelta(minutes=10))


def test_the_fourth_try_is_refused(db, now):
    assert [spend(THREE, "a", now=now) for _try in range(4)] == [True, True, True, False]


def test_subjects_and_limits_are_counted_apart(db, now):
    one = Limit("one", 1, timedelta(minutes=10))
    assert [spend(one, "a", now=now), spend(one, "b", now=now), spend(THREE, "a", now=now)] == [True] * 3


def test_refused_tries_do_not_make_the_wait_longer(db, now):
    for minute in range(10):
        spend(THREE, "a", now=now + timedelta(minutes=minute))
    assert spend(THREE, "a", now=now + timedelta(minutes=10)) is True


def test_no_address_is_kept(db, now):
    spend(THREE, "ana@people.example", now=now)
    assert "ana" not in Spent.objects.get().key


def test_what_is_older_than_a_day_is_forgotten(db, now):
    spend(THREE, "a", now=now)
    spend(THREE, "b", now=now + timedelta(days=1, seconds=1))
    assert Spent.objects.count() == 1
