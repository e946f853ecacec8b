"""What staff do about equipment and swaps on a patient's pages."""

import pytest
from django.urls import reverse

from patients.equipment import set_equipment
from tests.factories.programs import a_program, item_of


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["HINGE_REEDUCATION"], now=now)


def test_the_desk_keeps_the_list_too(client_of, ravi, ana, program):
    url = reverse("workspace:equipment", args=[ana.pk])
    client_of(ravi).post(url, {"things": ["broom"]})

    ana.refresh_from_db()
    assert ana.equipment == ["broom"]
    assert "broom" in client_of(ravi).get(reverse("workspace:patient", args=[ana.pk])).content.decode()


def test_equal_exercises_stand_first_and_say_what_is_missing(client_of, dana, ana, program, now):
    set_equipment(ana, ["mobility_band"], actor=dana, now=now)
    url = reverse("workspace:exercise_swap", args=[ana.pk, item_of(program, "DYN").pk])
    page = client_of(dana).get(url)

    words = [words for _code, words in page.context["form"].fields["substitute"].choices]
    assert words[0] == "Banded hip distraction with knee-and-foot pump: BDS-1, equal; not at home: anchor point"


def test_a_swap_needs_a_reason_and_shows_both_on_one_line(client_of, dana, ana, program):
    url = reverse("workspace:exercise_swap", args=[ana.pk, item_of(program, "DYN").pk])
    page = client_of(dana)
    assert "This cannot stay empty" in page.post(url, {"substitute": "BDS", "reason": ""}).content.decode()

    page.post(url, {"substitute": "BDS", "reason": "Prefers the band"})
    new = item_of(program, "BDS")
    text = page.get(reverse("workspace:exercise_decisions", args=[ana.pk, new.pk])).content.decode()
    assert "One line with what stands for the same exercise:" in text
    assert "Active knee straightening – small range (DYN-1, until" in text
    assert "Prefers the band" in text


def test_what_is_ruled_out_is_refused_at_its_field(client_of, dana, ana, program):
    url = reverse("workspace:exercise_swap", args=[ana.pk, item_of(program, "DYN").pk])
    text = client_of(dana).post(url, {"substitute": "NGL", "reason": "x"}).content.decode()

    assert "is ruled out: not recorded yet" in text
    assert item_of(program, "DYN").ended_on is None
