"""The next-day question in the portal."""

import re

import pytest

from patients.models import NextDayQuestion, PainReport
from tests.factories.programs import a_session, as_planned, item_of, next_morning


@pytest.fixture
def question(program, now, the_clock):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    the_clock.move_to(next_morning(now))
    return NextDayQuestion.objects.get()


def test_an_answer_is_kept_and_its_effect_told(portal, question):
    answer = portal.post(f"/check/{question.pk}/", {"compared": "same", "pain": 1}, follow=True)

    question.refresh_from_db()
    assert (question.pain, question.compared) == (1, "same")
    assert "1 clean day to go" in portal.get("/program/").content.decode()
    assert "Thank you, your answer is saved" in answer.content.decode()


def test_an_answer_without_a_number_is_asked_for_it(portal, question):
    answer = portal.post(f"/check/{question.pk}/", {"compared": "worse"})

    assert list(answer.context["form"].errors) == ["pain"]
    assert answer.context["form"]["compared"].value() == "worse"


def test_a_warning_sign_is_passed_on_although_the_number_is_missing(portal, question):
    page = portal.post(f"/check/{question.pk}/", {"red_flags": ["chest_pain"]}).content.decode()

    assert "Call 999 now" in page
    assert PainReport.objects.get(kind="now").facts["red_flags"] == ["chest_pain"]


def test_what_was_chosen_comes_back_beside_the_missing_number(portal, question):
    form = portal.post(f"/check/{question.pk}/", {"compared": "worse", "neuro": ["weakness"]}).context["form"]

    assert (form["compared"].value(), form["neuro"].value()) == ("worse", ["weakness"])


def test_the_list_of_faults_leads_to_each_field(portal, question):
    page = portal.post(f"/check/{question.pk}/", {}).content.decode()

    places = re.findall(r'<li><a href="#(\w+)"', page)
    assert places == ["id_compared", "id_pain"]
    assert [page.count(f'id="{place}"') for place in places] == [1, 1]


def test_one_question_leads_to_the_next(portal, question, ana):
    other = NextDayQuestion.objects.get()
    other.pk, other.region = None, "lower_back"
    other.save(force_insert=True)
    assert portal.get("/today/").content.decode().count("How is it since you exercised?") == 1

    page = portal.post(f"/check/{question.pk}/", {"compared": "same", "pain": 1}, follow=True).content.decode()

    assert f'href="/check/{other.pk}/"' in page


def test_new_weakness_stops_everything(portal, question):
    given = {"compared": "worse", "pain": 3, "neuro": ["weakness"]}
    page = portal.post(f"/check/{question.pk}/", given, follow=True).content.decode()

    assert "Stop all your exercises" in page


def test_an_answered_question_leaves_today(portal, question):
    assert "How is it since you exercised?" in portal.get("/today/").content.decode()
    portal.post(f"/check/{question.pk}/", {"compared": "same", "pain": 1})

    assert "How is it since you exercised?" not in portal.get("/today/").content.decode()


def test_another_patients_question_is_not_found(client_of, other_patient, question):
    assert client_of(other_patient).post(f"/check/{question.pk}/", {"compared": "same", "pain": 1}).status_code == 404
