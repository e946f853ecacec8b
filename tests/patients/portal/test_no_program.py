"""What stands in the place of a program: before the first one, after the last, and when the account is closed."""

from datetime import timedelta

import pytest

from patients.episodes import discharge
from patients.erasure import close_account
from patients.exercise_audits import book_audit
from tests.factories import people
from tests.factories.programs import a_session, as_planned, item_of
from tests.factories.trials import a_trial


def page_of(client, path="/today/"):
    return client.get(path).content.decode()


@pytest.fixture
def discharged(program, dana, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=3), now=now)
    discharge(program.episode, summary="Well again", actor=dana, now=now + timedelta(hours=1))


@pytest.mark.parametrize("path", ["/today/", "/program/", "/program/print/"])
def test_who_is_discharged_reads_that_the_program_has_ended(portal, discharged, path):
    page = page_of(portal, path)

    assert "Your program has ended" in page
    assert "The last day was 2 March 2026." in page
    assert "You can report pain here until 1 April. After that nobody reads it any more." in page


def test_progress_stays_after_the_end_and_counts_up_to_it(client_of, ana, discharged, now, the_clock):
    the_clock.move_to(now + timedelta(days=60))
    page = page_of(client_of(ana), "/progress/")

    assert "1 day logged · your program ended on 2 March 2026" in page
    assert "Worst pain of the first day 3" in page
    assert "Monday 2 March" in page


def test_once_reports_reach_nobody_the_pages_say_so_first(client_of, ana, discharged, now, the_clock):
    the_clock.move_to(now + timedelta(days=31))

    browser = client_of(ana)

    assert "Nobody reads pain reports here any more. Please call instead." in page_of(browser)
    assert "Nobody reads this any more" in page_of(browser, "/pain/")


def test_until_then_a_report_is_as_before(portal, discharged):
    assert "Nobody reads this any more" not in page_of(portal, "/pain/")


def test_before_the_first_program_nothing_has_ended(portal):
    page = page_of(portal)

    assert "You have no program yet" in page
    assert "ended" not in page


def test_who_waits_for_the_first_visit_reads_when_it_is(client_of, clinic, dana, now):
    trial = a_trial(clinic, dana, now=now)
    book_audit(trial, at=now + timedelta(days=2), by=dana, actor=dana, now=now)

    assert "Your first visit is on Wednesday 4 March, 09:00." in page_of(client_of(trial.patient))


def test_who_has_left_reads_whom_to_call(client_of, ana, dana, now):
    carer = people.make_user("Carer")
    people.make_proxy(ana, carer)
    close_account(ana, actor=dana, now=now)

    for person in (ana, carer):
        answer = client_of(person).get("/today/")
        assert answer.status_code == 403
        assert "This portal is closed" in answer.content.decode()
        assert 'href="tel:02079460100"' in answer.content.decode()
