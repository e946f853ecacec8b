"""One test for every kind of dose: what makes it lighter, what brings it back, and what makes it more."""

import pytest

from clinic.refusals import Refused
from patients import adjustments
from patients.models import Decision, Proposal
from patients.plan import unlock_words
from patients.proposals import approve
from patients.sessions import SetDone
from programs.dose import dose_of, from_json, heavier_dose
from programs.models import Ladder
from tests.factories.programs import a_program, a_session, as_planned, item_of
from tests.factories.story import Story
from tests.factories.versions import a_newer_version

# level → its template, and the numbers of the dose after one, two and three steps lighter
KINDS = {
    "repetitions": ("BALL_PROGRESSION", "BRG-1", [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50, "sets": 1}]),
    "until tired, with a hold": (
        "HOME_HAMSTRING_FOUNDATION",
        "HRS-2",
        [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50, "sets": 2}],
    ),
    "seconds": ("MOBILITY_TO_LOADED_HINGE", "STW-1", [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50}]),
    "several bouts a day": (
        "DESK_SITTER_PROXIMAL",
        "BHE-1",
        [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50, "sets": 1}],
    ),
    "a band": (
        "DESK_SITTER_PROXIMAL",
        "BHE-3",
        [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50, "band_step": 0}],
    ),
    "a weight": (
        "SQUAT_AND_SINGLE_LEG",
        "SQT-5",
        [{"rom_pct": 75}, {"rom_pct": 50}, {"rom_pct": 50, "load_grams": 3750}],
    ),
}


def on_level(ana, library, template, level, now) -> Story:
    story = Story.of(a_program(ana, library[template], now=now))
    item = item_of(story.program, level.split("-")[0])
    item.cap = None
    item.save()
    adjustments.set_level(item, level, reason="Strong.", actor=ana.owner, now=now)
    return story


def test_until_tired_every_set_at_the_low_end_counts_and_the_high_end_moves_on(ana, library, now):
    """Handbook 1B: target met at the low end of each set; the high end is the trigger to step up."""
    story = on_level(ana, library, "HOME_HAMSTRING_FOUNDATION", "HRS-1", now)
    for day in (0, 2, 4):
        story.trains(day, "HRS")
        story.answers(day + 1, pain=1)
    last = Decision.objects.filter(item=story.item("HRS")).latest("sequence")
    assert (last.rule_id, last.reason) == ("R-A08", "That went well. Reach 20 in each set to move on.")
    assert unlock_words(story.item("HRS")) == "Next level: 20 in a set: last time 5."

    planned = as_planned(story.item("HRS"), low=False)
    a_session(story.program, planned, now=story.at(6, 19))
    story.answers(7, pain=1)
    assert story.item("HRS").level.code == "HRS-2"


@pytest.mark.parametrize(("template", "level", "expected"), KINDS.values(), ids=KINDS)
def test_range_goes_first_then_what_the_level_gives(ana, library, now, template, level, expected):
    ladder = level.split("-")[0]
    story = on_level(ana, library, template, level, now)
    full = dict(story.item(ladder).dose)
    seen = []
    for day in range(3):
        story.trains(day, ladder, bouts=full["per_day_low"], form="lost")
        seen.append(story.item(ladder).dose)

    assert seen == [full | numbers for numbers in expected]


@pytest.mark.parametrize(("template", "level", "_expected"), KINDS.values(), ids=KINDS)
def test_the_first_success_brings_the_full_dose_back(ana, library, now, template, level, _expected):
    ladder = level.split("-")[0]
    story = on_level(ana, library, template, level, now)
    full = story.item(ladder).dose
    for day in range(2):
        story.trains(day, ladder, bouts=full["per_day_low"], form="lost")
    story.answers(2, pain=1)
    story.trains(2, ladder, bouts=full["per_day_low"])
    story.answers(3, pain=1)

    item = story.item(ladder)
    assert (item.dose, item.level.code) == (full, level)
    assert item.state["memory"]["successes"] == 0


def test_the_order_is_the_levels_own(ana, library, now):
    """A trainer who wants fewer sets before a shorter range gets just that."""
    Ladder.objects.update(lighter=["minus_one_set", "shorten_rom"])
    story = on_level(ana, {"B": a_newer_version(library["BALL_PROGRESSION"])}, "B", "BRG-1", now)
    story.trains(0, "BRG", form="lost")

    dose = story.item("BRG").dose
    assert (dose["sets"], dose["rom_pct"]) == (1, 100)


# Double progression (E22)


def squats(story, day, reps, last=None) -> None:
    sets = [SetDone("both", reps=reps), SetDone("both", reps=reps), SetDone("both", reps=last or reps)]
    story.trains(day, "SQT", sets=sets)
    story.answers(day + 1, pain=1)


def loaded(ana, library, now, grams) -> Story:
    story = on_level(ana, library, "SQUAT_AND_SINGLE_LEG", "SQT-5", now)
    adjustments.adjust_dose(
        story.item("SQT"), changes={"load_grams": grams}, reason="Tested.", actor=ana.owner, now=now
    )
    return story


def test_the_range_is_climbed_at_one_weight_and_then_the_weight_rises(ana, library, now):
    """20 kg x 1.05 is 21 kg, in plates of 1.25 kg 21.25: six per cent, and the top of the range is enough."""
    story = loaded(ana, library, now, 20_000)
    for day, reps in ((0, 8), (3, 10), (6, 11)):
        squats(story, day, reps)
    assert story.item("SQT").dose["load_grams"] == 20_000
    squats(story, 9, 12)

    dose = story.item("SQT").dose
    assert (dose["load_grams"], dose["reps_low"], dose["reps_high"]) == (21_250, 8, 12)


def test_a_big_step_asks_for_two_over_the_top_in_two_sessions_in_a_row(ana, library, now):
    """From 5 kg the next plate is 25 % more."""
    story = loaded(ana, library, now, 5000)
    squats(story, 0, 12)
    squats(story, 3, 12, last=14)
    assert story.item("SQT").dose["load_grams"] == 5000, "once is not twice"
    squats(story, 6, 12, last=14)

    assert story.item("SQT").dose["load_grams"] == 6250
    assert Decision.objects.filter(rule_id="R-A06").exists()


def test_a_session_below_the_top_in_between_starts_the_two_anew(ana, library, now):
    story = loaded(ana, library, now, 5000)
    for day, last in ((0, 14), (3, 12), (6, 14)):
        squats(story, day, 12, last=last)

    assert story.item("SQT").dose["load_grams"] == 5000


@pytest.mark.parametrize(
    ("grams", "min_step", "small", "big"),
    [
        (40_000, 2500, 42_500, 42_500),
        (20_000, 1250, 21_250, 21_250),
        (12_500, 1250, 13_750, 13_750),
        (10_000, 1250, None, 11_250),
        (5000, 1250, None, 6250),
    ],
)
def test_the_next_weight_is_as_the_handbook_works_it_out(ana, library, now, grams, min_step, small, big):
    story = loaded(ana, library, now, grams)
    item = story.item("SQT")
    item.level.content["load_min_step"] = min_step
    found = [heavier_dose(from_json(item.dose), item.level, two_for_two_met=met) for met in (False, True)]

    assert [dose and dose.load_grams for dose in found] == [small, big]


def test_a_band_step_is_always_a_big_one_and_body_weight_has_none(ana, library, now):
    band = on_level(ana, library, "DESK_SITTER_PROXIMAL", "BHE-3", now).item("BHE")
    assert heavier_dose(from_json(band.dose), band.level, two_for_two_met=False) is None
    assert heavier_dose(from_json(band.dose), band.level, two_for_two_met=True).band_step == 2

    bridge = next(level for level in band.ladder_version.levels.all() if level.code == "BHE-1")
    bridge.content.update(load_unit="bodyweight", load_start=None)
    assert heavier_dose(dose_of(bridge), bridge, two_for_two_met=True) is None


def test_a_weight_that_waits_for_a_therapist_rises_when_she_agrees(ana, library, now, dana):
    story = loaded(ana, library, now, 20_000)
    squats(story, 0, 12)
    item = story.item("SQT")
    item.approval = "therapist"
    item.save()
    squats(story, 3, 12)
    assert story.item("SQT").dose["load_grams"] == 20_000
    approve(Proposal.objects.get(kind="advance"), actor=dana, now=story.at(5, 9))

    item = story.item("SQT")
    assert (item.dose["load_grams"], item.level.code) == (21_250, "SQT-5")


# This person's own hold and tempo


def test_a_hold_and_a_tempo_of_ones_own_are_read_and_bounded(ana, library, now, dana):
    story = on_level(ana, library, "HOME_HAMSTRING_FOUNDATION", "HRS-2", now)
    changes = {"hold_s": 5, "tempo": "4-1-2"}
    adjustments.adjust_dose(story.item("HRS"), changes=changes, reason="Slower.", actor=dana, now=now)
    assert {name: story.item("HRS").dose[name] for name in changes} == changes

    with pytest.raises(Refused) as refused:
        adjustments.adjust_dose(story.item("HRS"), changes={"tempo": "slow"}, reason="x", actor=dana, now=now)
    assert refused.value.errors["dose"] == "tempo slow: three numbers of seconds, as in 3-1-2."
