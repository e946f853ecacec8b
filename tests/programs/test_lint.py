"""Lint, a test per finding: the shipped program in one way broken, and what is said about it."""

import pytest

from programs.lint import Rule, Weight, lint
from programs.lint.reading import reading_age
from programs.models import Gate, Ladder, Level, PhaseItem, ProgramVersion
from tests.factories.library import loaded_library
from tests.programs.admin_pages import page


@pytest.fixture
def library(clinic, now):
    loaded_library(clinic, now)


@pytest.fixture
def ball(library) -> ProgramVersion:
    return ProgramVersion.objects.get(template__code="BALL_PROGRESSION")


def said(version: ProgramVersion, rule: Rule) -> list[tuple[str, str]]:
    return [(str(found.weight), str(found)) for found in lint(version) if found.rule == rule]


def error(text: str) -> list[tuple[str, str]]:
    return [(str(Weight.ERROR), text)]


def warning(text: str) -> list[tuple[str, str]]:
    return [(str(Weight.WARNING), text)]


def set_level(code: str, **values) -> None:
    Level.objects.filter(code=code).update(**values)


def set_ladder(code: str, **values) -> None:
    Ladder.objects.filter(code=code).update(**values)


def test_a_gate_that_nothing_sets_and_nobody_may_record(ball, clinic):
    Gate.objects.create(clinic=clinic, code="moon", text="Full moon", recorded_by="log")
    set_level("BRG-3", requires_gates=["moon"])

    assert said(ball, Rule.GATE_SOURCE) == error(
        "BRG-3: gate “moon” can never be recorded: no level sets it, and no person may record it."
    )


def test_sides_go_their_own_way_only_where_every_level_has_two(ball):
    set_ladder("BRG", details={**Ladder.objects.get(code="BRG").details, "independent_sides": True})

    assert (
        "error",
        "BRG-1: Its sides are “Both together”: only levels of each side let left and right go their own way.",
    ) in said(ball, Rule.SIDES)


def test_a_gate_that_a_person_may_record_has_a_source(ball, clinic):
    Gate.objects.create(clinic=clinic, code="moon", text="Full moon", recorded_by="therapist_or_self")
    set_level("BRG-3", requires_gates=["moon"])

    assert said(ball, Rule.GATE_SOURCE) == []


def test_a_level_that_waits_for_a_gate_set_above_it_goes_in_a_circle(ball):
    set_level("CRL-2", requires_gates=["curl_30_both_legs"])

    assert said(ball, Rule.CYCLE) == error(
        "CRL-2: Each waits for the other: CRL-2 → gate “curl_30_both_legs” → CRL-4 → CRL-3 → CRL-2."
    )


def test_two_ladders_that_wait_for_each_other_go_in_a_circle(ball):
    set_ladder("BRG", requires={"ladder_level": "CRL-1"})
    set_ladder("CRL", requires={"ladder_level": "BRG-4"})

    assert said(ball, Rule.CYCLE) == error(
        "BRG-1: Each waits for the other: BRG-1 → CRL-1 → BRG-4 → BRG-3 → BRG-2 → BRG-1."
    )


def test_one_of_two_ways_is_enough(ball):
    set_ladder("BRG", requires={"any_of": [{"ladder_level": "CRL-1"}, {"ladder_level": "HNG-1"}]})
    set_ladder("CRL", requires={"ladder_level": "BRG-4"})

    assert said(ball, Rule.CYCLE) == said(ball, Rule.UNREACHABLE) == []


def test_a_level_behind_what_cannot_be_reached_is_unreachable(ball, clinic):
    Gate.objects.create(clinic=clinic, code="moon", text="Full moon", recorded_by="log")
    set_level("SQT-1", requires_gates=["moon"])
    set_ladder("BRG", requires={"ladder_level": "SQT-3"})

    found = said(ball, Rule.UNREACHABLE)
    assert found[0] == error("BRG-1: Nobody gets here: it waits for SQT-3, which cannot be reached.")[0]
    assert [text.partition(":")[0] for _weight, text in found] == ["BRG-1", "CRL-1", "CRL-5", "CRL-5"]


def test_a_top_with_levels_above_it(ball):
    set_level("BRG-3", terminal=True)

    assert said(ball, Rule.UNREACHABLE) == error("BRG-3: It is marked as the top, so nobody gets to BRG-4.")


def test_an_exit_above_the_cap_is_not_led_to(ball):
    phase = ball.phases.get(position=1)
    phase.exit = {"all": [{"level": "BRG-7"}]}
    phase.save()

    assert said(ball, Rule.UNREACHABLE) == warning(
        "bridge: The exit waits for BRG-7, and no exercise of this phase leads there."
    )


def test_an_exit_whose_gate_no_exercise_of_the_phase_sets(ball):
    phase = ball.phases.get(position=1)
    phase.exit = {"all": [{"gate": "curl_full_range"}]}
    phase.save()

    assert said(ball, Rule.GATE_SOURCE) == warning(
        "bridge: The exit waits for gate “curl_full_range”, and no exercise of this phase sets it."
    )


def test_a_ladder_that_waits_for_a_level_that_is_not_there(ball):
    set_ladder("BRG", requires={"any_of": [{"ladder_level": "MOON-1"}]})

    assert said(ball, Rule.NOT_THERE) == error("BRG: It waits for level MOON-1, which is not there.")


def test_a_ladder_without_a_stop_rule(ball):
    set_ladder("CRL", details={})

    assert said(ball, Rule.STOP_RULE) == error("CRL: Nothing says when to stop: it needs a stop rule.")


def test_a_chosen_drawing_without_words(ball):
    set_level("BRG-2", details={"drawing": "brg-4"})

    assert said(ball, Rule.PICTURE) == error("BRG-2: Its picture has no words for those who cannot see it.")


def test_a_chosen_drawing_with_words_or_none_at_all(ball):
    set_level("BRG-2", details={"drawing": "brg-4", "picture_text": "Feet on the ball, hips up"})
    set_level("BRG-3", details={"drawing": "none"})

    assert said(ball, Rule.PICTURE) == []


def test_a_drawing_that_is_not_there(ball):
    set_level("BRG-2", details={"drawing": "moon"})

    assert said(ball, Rule.NOT_THERE) == error("BRG-2: Drawing “moon” is not there.")


def with_a_held_stretch(version: ProgramVersion, entry: dict) -> ProgramVersion:
    ladder = Ladder.objects.get(code="STA")
    PhaseItem.objects.create(phase=version.phases.get(position=1), ladder=ladder, position=2, start_code="STA-1")
    version.entry = entry
    version.save()
    return version


@pytest.mark.parametrize("slump", ["eases_looking_up", "not_reproduced", "unchanged_or_not_done_and_no_leg_tingling"])
def test_a_held_stretch_for_nerve_signs_or_nobody_knows(ball, slump):
    with_a_held_stretch(ball, {"screen": {"SLUMP": slump}})

    assert said(ball, Rule.NERVE) == error(
        "bridge, STA: A held stretch is not for people with nerve signs, or whose nerve nobody has looked at: let the "
        "program begin only with a slump screen that says “unchanged”."
    )


def test_a_held_stretch_without_any_screen(ball):
    assert len(said(with_a_held_stretch(ball, {}), Rule.NERVE)) == 1


def test_a_held_stretch_for_a_quiet_nerve(ball):
    assert said(with_a_held_stretch(ball, {"screen": {"SLUMP": "unchanged"}}), Rule.NERVE) == []


def test_the_path_of_a_phase_says_whom_it_lets_in(ball):
    with_a_held_stretch(ball, {})
    ball.paths = {"muscle": {"when": {"screen": {"SLUMP": "unchanged"}}, "auto_advance": "within_cap"}}
    ball.save()
    ball.phases.filter(position=1).update(path="muscle")

    assert said(ball, Rule.NERVE) == []


def test_ladders_that_exclude_each_other(ball):
    set_ladder("BRG", blocks=["CRL"])

    assert said(ball, Rule.PAIR) == [
        *error("curl: BRG and CRL must not be combined."),
        *error("one leg: BRG and CRL must not be combined."),
    ]


def test_more_than_half_an_hour_a_day(ball):
    set_level("BRG-5", sets=10, reps_low=30, reps_high=30)

    assert said(ball, Rule.MINUTES)[0] == (
        "warning",
        "bridge: Up to 34 minutes a day. 30 at most is better.",
    )


def test_long_words_and_sentences(ball):
    long = "Maintaining neuromuscular coordination throughout, progressively decelerate the eccentric descent component"
    set_ladder("BRG", how=[long, long, long, long])

    [(weight, text)] = said(ball, Rule.READING_AGE)
    assert (weight, text.startswith("BRG: Its words are for readers of about ")) == ("warning", True)


def test_the_reading_age_of_a_text_by_the_published_formula():
    """Letters 4.71 x 120/30, words 0.5 x 30/3, minus 21.43: grade 2.41, so a reader of eight."""
    assert reading_age(["four four four four four four four four four four"] * 3) == 8


def test_a_few_words_have_no_reading_age():
    assert reading_age(["Electromyographical decompensation"]) is None


def test_a_ladder_says_on_its_own_page_what_is_wrong(client_of, theo, ball):
    set_ladder("BRG", details={})

    assert (
        "BRG: Nothing says when to stop" in client_of(theo).get(page(Ladder.objects.get(code="BRG"))).content.decode()
    )
    assert "speaks against" not in client_of(theo).get(page(Ladder.objects.get(code="CRL"))).content.decode()


def test_the_draft_and_its_preview_say_what_was_found(client_of, theo, ball):
    set_ladder("BRG", details={})

    texts = [client_of(theo).get(page(ball, name)).content.decode() for name in ("change", "preview", "publish")]

    assert ["Stop rule" in text and "BRG: Nothing says when to stop" in text for text in texts] == [True] * 3
