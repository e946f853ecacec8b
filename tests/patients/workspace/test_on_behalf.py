"""What a patient says by phone or sends on paper: entered by staff, marked so, judged as if typed at home."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from patients.models import NextDayQuestion, PainReport, Session
from tests.factories.programs import a_session, as_planned, item_of, next_morning


@pytest.fixture
def item(program):
    return item_of(program, "BRG")


@pytest.fixture
def typed(item):
    """The ball bridge as planned, with pain 1 before, during and after."""
    sets = {f"{item.pk}-both-{number}": str(item.dose["reps_low"]) for number in range(1, item.dose["sets"] + 1)}
    pains = {f"{item.pk}-pain_{when}": "1" for when in ("before", "during", "after")}
    return {"client_id": str(uuid4()), "source": "phone"} | sets | pains


@pytest.fixture
def url(ana):
    return reverse("workspace:log", args=[ana.pk])


def test_a_phoned_session_is_marked_and_judged(client_of, ravi, ana, url, typed):
    client_of(ravi).post(url, typed)
    session = Session.objects.get(patient=ana)
    assert (session.source, session.logged_by) == ("phone", ravi)
    assert session.decisions.count() == 1


def test_the_same_sheet_twice_is_one_session(client_of, dana, url, typed):
    for _time in range(2):
        client_of(dana).post(url, typed)
    assert Session.objects.count() == 1


def test_a_paper_of_yesterday_keeps_its_day(client_of, dana, ana, library, now, clock, url, typed, program):
    clock(now + timedelta(days=1))
    client_of(dana).post(url, typed | {"source": "paper", "performed_at": "2026-03-02T18:30"})
    assert Session.objects.get().local_date == now.date()


def test_absurd_numbers_are_said_and_the_rest_stays(client_of, dana, url, typed, item):
    answer = client_of(dana).post(url, typed | {f"{item.pk}-both-1": "4000", "note": "Felt fine"})
    text = answer.content.decode()
    assert "4000 is more than one session can hold (300)" in text
    assert "Felt fine" in text
    assert not Session.objects.exists()


def test_an_empty_sheet_is_not_a_session(client_of, dana, program, url):
    text = client_of(dana).post(url, {"client_id": str(uuid4()), "source": "paper"}).content.decode()
    assert "Say for at least one exercise what you did." in text


def test_pain_eight_by_phone_shows_what_to_read_out(client_of, ravi, ana, url, typed, item, flashes):
    answer = client_of(ravi).post(url, typed | {f"{item.pk}-pain_during": "8"})
    assert ana.holds.filter(released_at=None).count() == 1
    assert any("Stop" in words for words in flashes(answer))


def test_a_phoned_warning_sign_needs_no_other_field(client_of, ravi, ana, program, flashes):
    answer = client_of(ravi).post(reverse("workspace:pain", args=[ana.pk]), {"red_flags": ["saddle_numbness"]})
    assert PainReport.objects.get().reported_by == ravi
    assert any("Call 999 now" in words for words in flashes(answer))


def test_a_pain_report_without_a_number_is_asked_for_it(client_of, ravi, ana, program):
    text = client_of(ravi).post(reverse("workspace:pain", args=[ana.pk]), {"note": "Hurts"}).content.decode()
    assert "Choose a number from 0 to 10." in text
    assert "Hurts" in text


def test_the_next_day_answer_is_entered_for_her(client_of, dana, ana, program, item, now, clock):
    a_session(program, as_planned(item), now=now)
    clock(next_morning(now))
    question = NextDayQuestion.objects.get(patient=ana)
    page = client_of(dana).get(reverse("workspace:patient", args=[ana.pk])).content.decode()
    url = reverse("workspace:answer", args=[ana.pk, question.pk])
    assert url in page
    client_of(dana).post(url, {"compared": "same", "pain": "1"})
    question.refresh_from_db()
    assert (question.pain, question.source, question.answered_by) == (1, "phone", dana)
