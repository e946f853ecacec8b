"""Made-up patients go through the real judging, in memory."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.simulation.book import Book, plain_book
from patients.simulation.counts import last_words
from patients.simulation.life import Life
from patients.simulation.people import Character, Person, crowd
from patients.simulation.rehearse import Setting, compared, lived
from programs.publishing import draft_from
from programs.rulebook import current_rules

STEADY, FLARING = Person(Character.STEADY, 0, 1), Person(Character.FLARING, 0, 1)


def rules_of(person, book, *, weeks=8):
    return [row.rule_id for row in last_words(Life(person, Book(book)).live(weeks * 7).decisions)]


def test_a_whole_life_asks_the_database_nothing(squats):
    with CaptureQueriesContext(connection) as asked:
        Life(FLARING, Book(squats)).live(40)

    assert len(asked) == 0


def test_the_same_seed_is_the_same_life(squats):
    assert rules_of(FLARING, squats) == rules_of(FLARING, squats)


def test_another_seed_is_another_life(squats):
    assert rules_of(FLARING, squats) != rules_of(Person(Character.FLARING, 0, 2), squats)


@pytest.mark.parametrize("person", crowd(3, 1), ids=lambda person: person.character.value)
def test_the_same_rules_make_no_difference(squats, person):
    setting = Setting(current_rules(), squats)
    same = Setting(current_rules().with_params(), dict(squats))

    assert lived(person, setting, weeks=6) == lived(person, same, weeks=6)


@pytest.mark.parametrize("number", range(3))
def test_a_stricter_stop_never_stops_a_flaring_patient_less_often(squats, number):
    counts = compared(
        Person(Character.FLARING, number, 5),
        Setting(current_rules(), squats),
        Setting(current_rules().with_params(stop_pain=4, regress_pain=4), squats),
        weeks=8,
    )
    stops = [counts[side]["outcomes"].get("stop_and_flag", 0) for side in ("current", "candidate")]

    assert stops[0] <= stops[1] > 0


def test_the_steady_one_climbs_and_is_never_stopped(squats):
    told = Life(STEADY, Book(squats)).live(70)

    assert {"SQT-4", "SLD-3"} <= set(told.reached)
    assert not [row for row in told.decisions if row.outcome == "stop_and_flag"]


def test_the_forgetful_one_meets_the_gap_rules(squats):
    assert {"R-G02", "R-G03"} & set(rules_of(Person(Character.FORGETFUL, 0, 1), squats, weeks=10))


def test_the_eager_one_earns_nothing_with_too_much(squats):
    assert "R-C01" in rules_of(Person(Character.EAGER, 0, 1), squats)


def test_the_weaker_leg_decides_for_the_one_sided(squats):
    assert "R-C04" in rules_of(Person(Character.ONE_SIDED, 0, 1), squats)


def test_what_was_stopped_goes_on_lighter_some_days_later(squats):
    told = Life(FLARING, Book(squats)).live(120)
    words = list(last_words(told.decisions))
    stopped = next(row for row in words if row.outcome == "stop_and_flag")
    later = [row for row in words if row.item_id == stopped.item_id and row.local_date > stopped.local_date]

    assert later and later[0].rule_id != "R-H01"


def test_a_draft_is_tried_with_its_ladders_as_they_are_now(library, now):
    draft = draft_from(library["BALL_PROGRESSION"].template, actor=None, now=now)
    rung = draft.phases.get(position=1).items.get().ladder.levels.get(code="BRG-1")
    rung.successes = 5
    rung.save()
    days = [
        Life(STEADY, Book(plain_book(one))).live(60).reached["BRG-2"] for one in (library["BALL_PROGRESSION"], draft)
    ]

    assert days[0] < days[1]


@pytest.mark.parametrize("code", ["NERVE_FIRST_HINGE", "TRIAL_STARTER_14D", "DESK_SITTER_PROXIMAL"])
def test_every_kind_of_program_can_be_tried(library, code):
    book = plain_book(library[code])

    assert all(Life(person, Book(book)).live(21).logs for person in crowd(1, 1))


def test_the_other_path_has_other_exercises(library):
    book = plain_book(library["TRIAL_STARTER_14D"])

    assert "NGL-1" in Life(STEADY, Book(book, "nerve")).live(7).reached
    assert "NGL-1" not in Life(STEADY, Book(book, "muscle")).live(7).reached
