"""The ledger asked again: what another rule set would have said on the same facts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.simulation.book import Book, plain_book
from patients.simulation.histories import Candidate, asked_again, with_history
from programs.publishing import draft_from
from programs.rulebook import current_rules
from tests.factories import people
from tests.factories.programs import a_program
from tests.factories.story import Story


@pytest.fixture
def ball(library):
    return library["BALL_PROGRESSION"]


def a_fortnight(patient, version, *, now):
    """Trains six times: pain 3 on the fourth day, 6 on the tenth."""
    story = Story.of(a_program(patient, version, now=now))
    for day, pain in ((0, 1), (2, 1), (4, 3), (7, 1), (10, 6), (12, 1)):
        story.trains(day, "BRG", pain_during=pain)
        story.answers(day + 1, pain=1)
        story.night(day)
    return story


def asked(patients, rules, *, since, book=None):
    ids = [patient.pk for patient in patients]
    return asked_again(ids, current_rules(), Candidate(rules, book), since=since)


def test_the_same_rules_and_program_say_the_same(ana, ball, now):
    a_fortnight(ana, ball, now=now)
    book = Book(plain_book(ball))
    counts = asked([ana], current_rules().with_params(), since=now.date(), book=book)

    assert counts["decisions"] >= 6
    assert (counts["changed"], counts["current"]) == (0, counts["candidate"])


def test_a_lower_stop_would_have_stopped_her_once_more(ana, ball, now):
    a_fortnight(ana, ball, now=now)
    counts = asked([ana], current_rules().with_params(stop_pain=6), since=now.date())
    case = counts["cases"][0]

    assert [case["said"], case["would"]] == [["regress", "R-P01"], ["stop_and_flag", "R-S07"]]
    assert (counts["changed"], counts["people_changed"]) == (1, 1)


def test_a_lower_stop_would_have_flagged_more(ana, ball, now):
    a_fortnight(ana, ball, now=now)
    counts = asked([ana], current_rules().with_params(stop_pain=3, regress_pain=3), since=now.date())
    worst = [min(counts[side]["flags"], default="9") for side in ("current", "candidate")]

    assert worst == ["4", "3"]


def test_another_idea_of_a_jump_counts_other_jumps(ana, ball, now):
    """Jumps are counted from log to log: the candidate's own count decides what the second one means."""
    story = Story.of(a_program(ana, ball, now=now))
    for day in (0, 2):
        story.trains(day, "BRG", pain_during=4)
        story.answers(day + 1, pain=1)
    counts = asked([ana], current_rules().with_params(jump=2), since=now.date())

    assert [case["would"][1] for case in counts["cases"]] == ["R-P03", "R-P02"]


def test_a_draft_that_asks_for_more_clean_days_would_have_kept_her_longer(ana, ball, now):
    a_fortnight(ana, ball, now=now)
    draft = draft_from(ball.template, actor=None, now=now)
    rungs = draft.phases.get(position=1).items.get().ladder.levels
    rungs.update(successes=9)
    counts = asked([ana], current_rules(), since=now.date(), book=Book(plain_book(draft)))

    assert {(case["said"][0], case["would"][0]) for case in counts["cases"]} == {("advance", "hold")}


def test_only_who_has_decisions_of_these_weeks_is_asked(clinic, ana, other_patient, ball, now):
    a_fortnight(ana, ball, now=now)

    assert with_history(clinic, since=now.date()) == [ana.pk]
    assert with_history(clinic, since=now.date() + timedelta(days=60)) == []
    assert with_history(clinic, since=now.date(), template_code="HINGE_REEDUCATION") == []


def test_three_patients_ask_the_database_no_more_than_one(clinic, dana, ball, now):
    patients = [people.make_patient(clinic, f"Patient {n}", owner=dana) for n in range(3)]
    for patient in patients:
        Story.of(a_program(patient, ball, now=now)).trains(0, "BRG")
    queries = []
    for some in (patients[:1], patients):
        with CaptureQueriesContext(connection) as captured:
            asked(some, current_rules(), since=now.date(), book=Book(plain_book(ball)))
        queries.append(len(captured))

    assert queries[0] == queries[1]
