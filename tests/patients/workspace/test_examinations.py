"""Dana examines again: what she finds counts from then on, and what was found before stays on the page."""

import pytest
from django.urls import reverse

from patients.models import Examination
from tests.factories.programs import a_program
from tests.factories.stretches import stretch_program


@pytest.fixture
def program(ana, library, clinic, now):
    return a_program(ana, stretch_program(clinic), now=now)


@pytest.fixture
def url(ana, program):
    return reverse("workspace:examine", args=[ana.pk, program.episode_id])


def test_a_positive_screen_is_recorded_and_the_page_says_what_it_rules_out(client_of, dana, ana, url, program):
    page = client_of(dana)
    answer = page.post(url, {"slump": "eases_looking_up", "leg_tingling": "no", "note": "Seated"}, follow=True)
    text = answer.content.decode()

    assert "Static hamstring stretch (optional) is ruled out now" in text
    assert "Ruled out" in text
    assert Examination.objects.filter(recorded_by=dana, note="Seated", slump="eases_looking_up").exists()


def test_what_was_found_before_stays_and_fills_the_form(client_of, dana, url, program):
    client_of(dana).post(url, {"slump": "unchanged", "leg_tingling": "no", "contraindications": ["cannot_kneel"]})
    text = client_of(dana).get(url).content.decode()

    assert text.count("Dana Reed") >= 2
    assert 'value="cannot_kneel" id="id_contraindications_' in text
    assert "Cannot kneel" in text.partition("What was found before")[2]


def test_the_page_costs_as_much_for_three_examinations_as_for_one(client_of, dana, url, program, queries_of):
    one = queries_of(client_of(dana), url)
    for note in ("Second", "Third"):
        client_of(dana).post(url, {"slump": "unchanged", "leg_tingling": "no", "note": note})

    assert queries_of(client_of(dana), url) == one
