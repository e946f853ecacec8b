"""What the next level of an exercise still asks for, as staff read it."""

from datetime import timedelta

from clinic.zones import local_date
from patients.adjustments import lock
from patients.models import ProgramItem
from patients.next_level import ways_up
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning


def way(program, now):
    found = ProgramItem.objects.select_related("level", "cap", "episode", "ladder_version", "program__patient")
    item = found.get(program=program, ladder_version__code="BRG")
    return ways_up(program, [item], now=now)[item.pk]


def missing(program, now):
    return [one.text for one in way(program, now).missing]


def test_before_the_first_day_a_faultless_one_is_assumed(program, now):
    found = way(program, now)
    assert (found.above.code, found.like) == ("BRG-2", None)
    assert [one.text for one in found.missing] == ["Clean days: 1 of 2 with this one", "Days at this level: 0 of 3"]


def test_a_day_that_waits_for_its_answer_says_until_when(program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    assert missing(program, now)[0] == "The next-day answer is in: open until Thu 5 Mar, 05:00"


def test_four_of_ten_afterwards_is_said_beside_the_most_allowed(program, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_after=4), now=now)
    assert "Pain during and after at most 2: 4" in missing(program, now)


def test_a_clean_day_counts_and_the_next_like_it_makes_two(program, ana, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    tomorrow = next_morning(now)
    an_answer(ana, now=tomorrow)
    found = way(program, tomorrow)
    assert found.like == local_date(now, ana.zone)
    assert [one.text for one in found.missing] == ["Days at this level: 1 of 3"]
    assert "Clean days: 2 of 2 with this one" in [one.text for one in found.met]


def test_a_lock_stands_in_the_way_whatever_the_day(program, dana, now):
    item = item_of(program, "BRG")
    lock(item, reason="Until the scan", actor=dana, now=now)
    assert "Level not locked by a therapist" in missing(program, now)


def test_nothing_missing_is_what_the_next_such_day_proves(program, ana, now):
    days = [now, now + timedelta(days=3)]
    a_session(program, as_planned(item_of(program, "BRG")), now=days[0])
    an_answer(ana, now=next_morning(days[0]))
    assert missing(program, days[1]) == []
    a_session(program, as_planned(item_of(program, "BRG")), now=days[1])
    an_answer(ana, now=next_morning(days[1]))
    assert item_of(program, "BRG").level.code == "BRG-2"


def test_a_gate_is_named_and_so_is_the_cap(ana, library, now):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    item = item_of(program, "BRG")
    cap = item.level
    ProgramItem.objects.filter(pk=item.pk).update(cap=cap)
    assert "A level above, below the cap BRG-1" in missing(program, now)


def test_what_is_asked_of_the_database_does_not_grow(ana, library, now, django_assert_num_queries):
    program = a_program(ana, library["BALL_PROGRESSION"], now=now)
    found = ProgramItem.objects.select_related("level", "cap", "episode", "ladder_version", "program__patient")
    items = list(found.filter(program=program, ended_on=None))
    for some in (items[:1], items):
        with django_assert_num_queries(4):
            ways_up(program, some, now=now)
