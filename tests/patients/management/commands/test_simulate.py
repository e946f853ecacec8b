"""manage.py simulate: what it prints, and what it refuses."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from programs.publishing import draft_from
from tests.factories.library import published_library
from tests.factories.programs import a_program
from tests.factories.story import Story


@pytest.fixture
def ball(clinic):
    return published_library(clinic)["BALL_PROGRESSION"]


@pytest.fixture
def simulate(clinic, capsys):
    def simulate(*words: object) -> str:
        call_command("simulate", "--clinic", clinic.slug, *map(str, words))
        return capsys.readouterr().out

    return simulate


PEOPLE = ("--template", "BALL_PROGRESSION", "--weeks", 2, "--patients", 1)


def test_it_prints_the_same_twice(ball, simulate):
    assert simulate(*PEOPLE, "--json") == simulate(*PEOPLE, "--json")


def test_made_up_patients_in_figures(ball, simulate):
    found = json.loads(simulate(*PEOPLE, "--json"))

    assert (found["people"], found["template"], found["seed"], found["numbers"]) == (5, "BALL_PROGRESSION", 1, {})
    assert found["current"] == found["candidate"]
    assert found["levels"][0]["level"] == "BRG-1"


def test_changed_numbers_come_from_a_file(ball, simulate, tmp_path):
    file = tmp_path / "rules.yaml"
    file.write_text("params: {advance_pain_max: 0}")
    found = json.loads(simulate(*PEOPLE, "--json", "--rules", file))

    assert found["numbers"] == {"advance_pain_max": 0}
    assert found["current"]["outcomes"] != found["candidate"]["outcomes"]


def test_a_draft_is_compared_with_what_is_published(ball, simulate, now):
    draft = draft_from(ball.template, actor=None, now=now)
    draft.phases.get(position=1).items.get().ladder.levels.update(min_days=12)
    found = json.loads(simulate("--template", "BALL_PROGRESSION@draft", *PEOPLE[2:], "--json"))
    second = next(line for line in found["levels"] if line["level"] == "BRG-2")

    assert second["reached"][0] > second["reached"][1]


def test_histories_are_counts_and_name_patients_only_when_asked(ball, simulate, ana):
    Story.of(a_program(ana, ball, now=timezone.now())).trains(0, "BRG", pain_during=6)
    words = ("--histories", "--template", "BALL_PROGRESSION", "--json")

    assert str(ana.pk) not in simulate(*words)
    assert json.loads(simulate(*words))["people"] == 1


def test_people_read_a_table(ball, simulate):
    assert "Moved on" in simulate(*PEOPLE)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--template", "NONE"), "No program of this clinic has the code NONE."),
        (("--template", "BALL_PROGRESSION@draft"), "BALL_PROGRESSION has no version “draft”"),
        (("--template", "BALL_PROGRESSION", "--weeks", 99), "weeks: 99: goes from 1 to 26."),
        ((), "version: Choose the program that the made-up patients get."),
        (("--histories",), "version: Change a number or choose a program"),
        (("--template", "BALL_PROGRESSION", "--rules", "/no/such.yaml"), "/no/such.yaml cannot be read"),
    ],
)
def test_what_cannot_be_tried_ends_with_status_two(ball, simulate, words, text):
    with pytest.raises(CommandError) as refusal:
        simulate(*words)

    assert text in str(refusal.value)
    assert refusal.value.returncode == 2
