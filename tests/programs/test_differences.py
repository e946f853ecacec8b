"""Two versions side by side, in words."""

import pytest

from programs.differences import Part, Row, differences
from programs.models import Ladder, PhaseItem, ProgramVersion
from programs.publishing import draft_from
from tests.factories.library import published_library
from tests.factories.versions import a_newer_version


@pytest.fixture
def ball(clinic, now) -> ProgramVersion:
    return published_library(clinic, now)["BALL_PROGRESSION"]


def changed(before: ProgramVersion, after: ProgramVersion) -> dict[str, tuple[str, list[Row]]]:
    """Title of a part that differs → whether it came or went, and its rows that differ."""
    found: list[Part] = [part for part in differences(before, after) if part.differs]
    return {part.title: (part.fate, [row for row in part.rows if row.differs]) for part in found}


def test_a_version_beside_itself_says_the_same(ball):
    assert changed(ball, ball) == {}


def test_a_fresh_draft_says_the_same(ball, theo, now):
    assert changed(ball, draft_from(ball, actor=theo, now=now)) == {}


def test_other_numbers_stand_at_their_level(ball):
    newer = a_newer_version(ball, levels={"BRG-1": {"reps_low": 5, "reps_high": 8}})

    assert changed(ball, newer) == {
        "BRG-1 floor bridge": (
            "both",
            [
                Row(
                    "Dose",
                    ("2 × 8–15", "down 3 s, pause 1 s, up 2 s", "60 s rest", "once a day, 3 days a week"),
                    ("2 × 5–8", "down 3 s, pause 1 s, up 2 s", "60 s rest", "once a day, 3 days a week"),
                )
            ],
        )
    }


def test_another_cap_stands_at_its_phase(ball):
    newer = a_newer_version(ball, caps={"BRG": "BRG-4"})

    assert changed(ball, newer)["Bridge"] == (
        "both",
        [
            Row(
                "Exercises",
                ("Bridge, floor to ball to single leg: from BRG-1 to BRG-5",),
                ("Bridge, floor to ball to single leg: from BRG-1 to BRG-4",),
            )
        ],
    )


def test_an_exercise_that_comes_brings_its_ladder_and_its_levels(ball):
    found = changed(ball, a_newer_version(ball, adds=("DYN",)))

    assert {title: fate for title, (fate, _rows) in found.items()} == {
        "Bridge": "both",
        "Dynamic hamstring mobility": "new",
        "DYN-1 active knee straightening – small range": "new",
        "DYN-2 active knee straightening – full comfortable range": "new",
    }


def test_a_phase_that_goes_is_said_where_it_stood(ball, theo, now):
    draft = draft_from(ball, actor=theo, now=now)
    draft.phases.get(name="curl").delete()

    titles = [part.title for part in differences(ball, draft) if part.kind == "phase"]

    assert (titles, changed(ball, draft)["Curl"][0]) == (["Bridge", "Curl", "One leg"], "gone")


def test_a_draft_is_taken_with_the_ladders_of_today(ball, theo, now):
    draft = draft_from(ball, actor=theo, now=now)
    Ladder.objects.filter(code="BRG").update(cues=["Push the floor away"])

    [row] = changed(ball, draft)["Bridge, floor to ball to single leg"][1]
    assert (row.label, row.after) == ("Cues", ("Push the floor away",))


def test_as_many_queries_for_one_exercise_as_for_three(ball, theo, now, django_assert_num_queries):
    draft = draft_from(ball, actor=theo, now=now)
    with django_assert_num_queries(10):
        differences(ball, draft)
    for place, code in enumerate(("DYN", "HNG"), start=5):
        PhaseItem.objects.create(
            phase=draft.phases.get(position=1),
            ladder=Ladder.objects.get(code=code),
            position=place,
            start_code=f"{code}-1",
        )
    with django_assert_num_queries(10):
        differences(ball, draft)
