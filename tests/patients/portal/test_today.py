"""Ana's day, as the first page of the portal shows it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.reports import report_pain
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning

MOST_QUERIES, MOST_BYTES = 8, 20_000


def page_of(client):
    return client.get("/today/").content.decode()


def test_ana_is_greeted_on_the_first_morning(portal, program):
    page = page_of(portal)

    assert "Good morning, Ana" in page
    assert "Week 1 of 3" in page
    assert "Floor bridge" in page
    assert "0/1" in page
    assert "Start session" in page


def test_the_greeting_follows_the_patients_own_clock(portal, program, ana):
    ana.zone = "Asia/Tokyo"  # six in the evening there
    ana.save()

    assert "Good evening, Ana" in page_of(portal)


def test_what_is_logged_is_counted(portal, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)

    page = page_of(portal)
    assert "1/1" in page
    assert "All done for today" in page
    assert "Start session" not in page


def test_the_next_day_question_stands_on_top_when_it_is_due(portal, program, now, the_clock):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    assert "How is it since you exercised?" not in page_of(portal)

    the_clock.move_to(next_morning(now))

    page = page_of(portal)
    assert page.index("How is it since you exercised?") < page.index("Your exercises")


def test_the_question_is_answered_in_one_go_on_today(portal, program, now, the_clock):
    """Also with a number missing: the browser sends a warning sign all the same."""
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    the_clock.move_to(next_morning(now))

    form = re.search(r'<form class="ask".*?</form>', page_of(portal), re.DOTALL).group()
    assert sorted(set(re.findall(r'name="(\w+)"', form))) == [
        "compared",
        "csrfmiddlewaretoken",
        "neuro",
        "pain",
        "red_flags",
    ]
    assert "novalidate" in form


def test_a_held_exercise_says_why_and_by_when(portal, program, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=7), now=now)

    page = page_of(portal)
    assert "On hold until someone from the clinic has spoken with you." in page
    assert "What happens next: we aim to contact you by" in page
    assert "Start session" not in page


def test_a_held_program_shows_the_number_and_no_exercise(portal, program, ana, now):
    report_pain(ana, pain=2, red_flags=["new_weakness"], actor=ana.user, now=now)

    page = page_of(portal)
    assert "Stop all your exercises" in page
    assert 'href="tel:02079460100"' in page
    assert "Floor bridge" not in page


def test_an_emergency_shows_the_emergency_number(portal, program, ana, now):
    report_pain(ana, pain=2, red_flags=["chest_pain"], actor=ana.user, now=now)

    assert 'href="tel:999"' in page_of(portal)


def test_without_a_program_the_page_says_what_to_do(portal):
    assert "You have no program yet" in page_of(portal)


def test_reporting_pain_is_always_in_reach(portal, program):
    assert 'href="/pain/"' in page_of(portal)


# A template for each problem: two exercises, one, and two.
FIVE = ("HOME_HAMSTRING_FOUNDATION", "DESK_SITTER_PROXIMAL", "HINGE_REEDUCATION")


@pytest.fixture
def today_of(client_of, library, now, the_clock):
    """`today_of(patient, *templates)`: the statements and the answer of Today, on the day after a first logged one."""

    def page(patient, *templates):
        the_clock.move_to(now)
        programs = [a_program(patient, library[code], now=now) for code in templates]
        items = programs[0].items.filter(ended_on=None).select_related("level", "program__patient")
        a_session(programs[0], *[as_planned(item) for item in items], now=now)
        the_clock.move_to(now + timedelta(days=1, hours=4))
        browser = client_of(patient)
        with CaptureQueriesContext(connection) as queries:
            answer = browser.get("/today/")
        return [statement(query["sql"]) for query in queries], answer

    return page


def statement(sql):
    """Without its values, and without how many stand in a list."""
    return re.sub(r"\((?:[\s?,]|::uuid)*\)", "(?)", re.sub(r"'[^']*'|\b\d+\b", "?", sql))


def test_today_asks_the_same_questions_for_five_exercises_as_for_one(today_of, ana, other_patient):
    one, first = today_of(ana, "BALL_PROGRESSION")
    five, answer = today_of(other_patient, *FIVE)

    assert [len(page.context["plan"].items) for page in (first, answer)] == [1, 5]
    assert [len(page.context["plan"].questions) for page in (first, answer)] == [1, 1]
    assert five == one
    assert len(five) <= MOST_QUERIES
    assert len(answer.content) <= MOST_BYTES


def test_what_wants_advice_today_says_so_on_top_and_once(portal, program, ana, now, the_clock):
    """A next-day answer can hold an area: coming back to Today must not lose the advice that stood with the result."""
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    the_clock.move_to(next_morning(now))
    an_answer(ana, compared="worse", pain=8, now=next_morning(now))

    page = page_of(portal)
    assert page.index("Get medical advice today") < page.index("Your exercises")
    assert page.count("What happens next") == 0
    assert "Rest day" not in page


def test_nothing_is_asked_about_yesterday_in_an_emergency(portal, program, ana, now, the_clock):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    the_clock.move_to(next_morning(now))
    assert "How is it since you exercised?" in page_of(portal)

    report_pain(ana, pain=2, red_flags=["chest_pain"], actor=ana.user, now=next_morning(now))

    page = page_of(portal)
    assert "Call 999 now" in page
    assert "How is it since you exercised?" not in page


def test_a_band_is_named_by_the_colour_the_clinic_gave_it(portal, program, clinic, now):
    clinic.band_colours = ["tan", "yellow"]
    clinic.save()
    item = item_of(program, "BRG")
    item.dose |= {"band_step": 1}
    item.save()

    assert "band: second lightest (yellow)" in portal.get("/today/").content.decode()


def test_a_tempo_and_a_hold_of_ones_own_are_what_the_program_says(portal, program):
    item = item_of(program, "BRG")
    item.dose |= {"hold_s": 5, "tempo": "4-1-2"}
    item.save()
    text = portal.get("/program/").content.decode()

    assert "hold 5 s" in text
    assert "Speed: down 4 s, pause 1 s, up 2 s." in text
