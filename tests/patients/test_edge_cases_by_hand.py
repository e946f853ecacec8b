"""Handbook 2.4, what a person decides by hand and what moves with it: a test each, named after the situation."""

import pytest

from clinic.refusals import Refused
from patients import adjustments, measures, proposals
from patients.follow_up import resolve
from patients.models import Decision, FlagEvent, PainFlag, Program, ProgramItem, Proposal
from patients.phases import sign_off_phase
from patients.sessions import SetDone
from patients.worklist import waiting
from tests.factories.programs import a_program
from tests.factories.story import Story


@pytest.fixture
def single_leg(ana, library, now) -> Story:
    """A squat to a bench, and the single-leg deadlift: six to eight on each leg."""
    return Story.of(a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now, side="both"))


def last_rule(story, ladder):
    return Decision.objects.filter(item=story.item(ladder), rule_id__startswith="R-").latest("sequence").rule_id


def legs(story, day, *, left, right):
    sets = [SetDone(side, reps=reps) for side, reps in (("left", left), ("right", right)) for _set in range(2)]
    story.trains(day, "SLD", sets=sets)


# E12 Sides differ


def test_e12_both_sides_share_the_level_and_the_weaker_side_decides(single_leg):
    """Six of six on the left and five on the right: nobody moves on."""
    legs(single_leg, 0, left=6, right=6)
    single_leg.answers(1, pain=1)
    legs(single_leg, 3, left=6, right=5)
    single_leg.answers(4, pain=1)

    assert last_rule(single_leg, "SLD") == "R-C04"
    assert single_leg.level("SLD") == "SLD-1"


def test_e12_the_whole_dose_on_both_sides_moves_both_on(single_leg):
    for day in (0, 3):
        legs(single_leg, day, left=6, right=6)
        single_leg.answers(day + 1, pain=1)

    assert single_leg.moves("SLD") == [(4, "SLD-1", "SLD-2")]


def test_e12_a_side_that_does_a_fifth_less_three_times_running_is_told_once(single_leg):
    for day in (0, 2, 4, 6):
        legs(single_leg, day, left=8, right=6)
        single_leg.night(day)

    told = FlagEvent.objects.filter(kind="finding", code="FL-SIDES")
    assert [row.at for row in told] == [single_leg.at(5, 0, 1)]
    assert PainFlag.objects.get(group="review").severity == 5


def test_e12_the_other_side_in_between_begins_anew(single_leg):
    for day, left in ((0, 8), (2, 8), (4, 4), (6, 8), (8, 8)):
        legs(single_leg, day, left=left, right=6)
        single_leg.night(day)

    assert not FlagEvent.objects.filter(code="FL-SIDES").exists()


# E17 Therapist sets a level


def test_e17_a_level_set_by_hand_starts_successes_and_days_anew(story, dana):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    assert story.item("BRG").state["memory"]["successes"] == 1
    with pytest.raises(Refused):
        adjustments.set_level(story.item("BRG"), "BRG-2", reason="", actor=dana, now=story.at(2, 9))
    adjustments.set_level(story.item("BRG"), "BRG-2", reason="Seen today", actor=dana, now=story.at(2, 9))

    item = story.item("BRG")
    assert (item.level.code, item.state["memory"]["successes"]) == ("BRG-2", 0)
    for day in (2, 3):  # two clean days, and not yet the three days that a level takes
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)
    assert (last_rule(story, "BRG"), story.level("BRG")) == ("R-A02", "BRG-2")


def test_e17_the_rules_may_still_step_back_from_it(story, dana):
    adjustments.set_level(story.item("BRG"), "BRG-3", reason="Strong", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_during=6)

    assert story.level("BRG") == "BRG-2"


def test_e17_a_locked_level_stays_comes_up_for_review_in_two_weeks_and_unlocks_for_nobody(story, dana, clinic):
    adjustments.set_level(story.item("BRG"), "BRG-3", reason="Hold it there", lock=True, actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_during=6)
    assert (last_rule(story, "BRG"), story.level("BRG")) == ("R-H03", "BRG-3")

    listed = [[one.kind for one in waiting(dana, clinic, now=story.at(day, 9))] for day in (13, 14, 40)]
    assert [kinds.count("lock") for kinds in listed] == [0, 1, 1]
    assert story.item("BRG").override == "lock"


def test_e17_a_lock_hides_no_flag_and_no_stop(story, dana):
    adjustments.lock(story.item("BRG"), reason="Form first", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_during=8)

    assert story.item("BRG").stopped_by is not None
    assert ("FL-PAIN7", 3) in story.flags()


# E18 Therapist releases a stop


@pytest.mark.parametrize(
    ("effect", "level", "rom"), [("lighter", "BRG-3", 75), ("step_back", "BRG-2", 100), ("resume", "BRG-3", 100)]
)
def test_e18_a_stop_lifted_by_a_therapist_goes_on_as_she_said(story, dana, effect, level, rom):
    adjustments.set_level(story.item("BRG"), "BRG-3", reason="Strong", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_during=8)
    hold = story.item("BRG").stopped_by
    adjustments.release(hold, effect=effect, actor=dana, now=story.at(1, 9))

    item = story.item("BRG")
    assert (item.stopped_by, item.level.code, item.dose["rom_pct"]) == (None, level, rom)
    assert (hold.patient.holds.get().effect, hold.patient.holds.get().released_by) == (effect, dana)


def test_e18_a_flag_that_stops_is_closed_with_a_code_and_lifts_its_stop(story, dana):
    story.trains(0, "BRG", pain_during=8)
    flag = PainFlag.objects.get(code="FL-PAIN7")
    with pytest.raises(Refused) as refused:
        resolve(flag, code="", note="Spoke to Ana", effect="lighter", actor=dana, now=story.at(1, 9))
    assert set(refused.value.errors) == {"code"}
    resolve(flag, code="dose_reduced", note="Spoke to Ana", effect="lighter", actor=dana, now=story.at(1, 9))

    assert (story.item("BRG").stopped_by, story.item("BRG").dose["rom_pct"]) == (None, 75)


# E19 Personal limits


def test_e19_own_limits_are_read_by_decisions_and_flags_alike(story, dana):
    limits = {"advance_max": 4, "regress_at": 8, "stop_at": 9}
    adjustments.set_limits(story.item("BRG"), limits, reason="Lives with six", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_before=4, pain_during=7, pain_after=4)

    assert last_rule(story, "BRG") == "R-P03", "no stop at 7, no step back: only the jump over the baseline"
    assert "FL-PAIN7" not in {code for code, _severity in story.flags()}
    assert story.item("BRG").stopped_by is None


def test_e19_a_stricter_stop_stops_and_flags_at_the_same_pain(story, dana):
    adjustments.set_limits(story.item("BRG"), {"stop_at": 4}, reason="Fresh tear", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", pain_during=4)

    assert story.item("BRG").stopped_by.rule_id == "R-S07"
    assert ("FL-PAIN7", 3) in story.flags()


def test_e19_limits_keep_their_reason_and_their_bounds(story, dana):
    for wrong in ({"advance_max": 6}, {"regress_at": 10}, {"stop_at": 10}):
        with pytest.raises(Refused):
            adjustments.set_limits(story.item("BRG"), wrong, reason="x", actor=dana, now=story.at(0, 9))
    adjustments.set_limits(story.item("BRG"), {"stop_at": 8}, reason="Lives with six", actor=dana, now=story.at(0, 9))

    row = Decision.objects.get(outcome="limits")
    assert (row.reason, row.actor, story.item("BRG").limits) == ("Lives with six", dana, {"stop_at": 8})


# E20 Creeping baseline


def test_e20_a_baseline_may_not_creep_more_than_one_above_the_usual_pain(story):
    """Usual 2 and scores of 5 before every session: pain 6 is still three above the 3 that counts."""
    for day in (0, 1, 2):
        story.trains(day, "BRG", pain_before=5, pain_during=5, pain_after=5)
    story.trains(3, "BRG", pain_before=5, pain_during=5, pain_after=5)
    assert Decision.objects.latest("sequence").facts["baseline"] == 3


def test_e20_once_a_person_has_set_the_usual_pain_anew_the_baseline_follows(story, dana):
    for day in (0, 1, 2):
        story.trains(day, "BRG", pain_before=5, pain_during=5, pain_after=5)
    episode = story.program.episode
    measures.set_usual_pain(episode, 5, reason="So since the winter", actor=dana, now=story.at(3, 9))
    story.trains(3, "BRG", pain_before=5, pain_during=5, pain_after=5)

    facts = Decision.objects.filter(trigger="log").latest("sequence").facts
    assert (facts["usual"], facts["baseline"]) == (5, 5)


def test_e20_pain_before_sessions_up_by_two_is_flagged(story):
    for day in range(15):
        if day in (0, 2, 4, 7, 9, 11):
            pain = 1 if day < 7 else 3
            story.trains(day, "BRG", pain_before=pain, pain_during=pain, pain_after=pain)
        story.night(day)

    assert FlagEvent.objects.filter(kind="finding", code="FL-BASE-UP").count() == 1


# E22 Load rounding


@pytest.mark.parametrize(
    ("grams", "reps_over", "expected"),
    [
        (20_000, 0, 21_250),
        (12_500, 0, 13_750),
        (10_000, 0, 10_000),  # 12.5 % more: 2-for-2 first
        (10_000, 2, 11_250),
        (5000, 2, 6250),
    ],
)
def test_e22_the_next_weight_is_five_per_cent_more_in_plates_that_exist(single_leg, dana, grams, reps_over, expected):
    ProgramItem.objects.filter(program=single_leg.program).update(cap=None)
    adjustments.set_level(single_leg.item("SQT"), "SQT-5", reason="Audit", actor=dana, now=single_leg.at(0, 8))
    changes = {"load_grams": grams}
    adjustments.adjust_dose(single_leg.item("SQT"), changes=changes, reason="x", actor=dana, now=single_leg.at(0, 9))
    for day in (0, 3):
        reps = [12, 12, 12 + reps_over]
        single_leg.trains(day, "SQT", sets=[SetDone("both", reps=one) for one in reps])
        single_leg.answers(day + 1, pain=1)

    assert single_leg.item("SQT").dose["load_grams"] == expected


# E29 Dose made lighter


def test_e29_a_lighter_dose_stays_until_the_first_success_which_restores_it(story):
    story.trains(0, "BRG", form="lost")
    assert story.item("BRG").dose["rom_pct"] == 75
    story.answers(1, pain=1)
    story.trains(2, "BRG", form="partly")
    story.answers(3, pain=1)
    assert story.item("BRG").dose["rom_pct"] == 75, "no success yet"
    story.trains(4, "BRG")
    story.answers(5, pain=1)

    item = story.item("BRG")
    assert (last_rule(story, "BRG"), item.dose["rom_pct"], item.state["memory"]["successes"]) == ("R-L01", 100, 0)


def test_e29_a_shortened_range_counts_as_the_full_one(story):
    story.trains(0, "BRG", form="lost")
    story.answers(1, pain=1)
    story.trains(2, "BRG", full_rom=True)
    story.answers(3, pain=1)

    assert last_rule(story, "BRG") == "R-L01"


def test_e29_every_step_lighter_takes_the_successes(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    assert story.item("BRG").state["memory"]["successes"] == 1
    story.trains(2, "BRG", form="lost")

    assert story.item("BRG").state["memory"]["successes"] == 0


# E31 Proposals


def nerve(ana, library, now) -> Story:
    """On the trial's nerve path every step up waits for a therapist."""
    given = {"path": "nerve", "gates": ("nerve_glide_cleared",), "slump": "eases_looking_up"}
    return Story.of(a_program(ana, library["TRIAL_STARTER_14D"], now=now, **given))


def test_e31_an_exercise_has_one_open_proposal_whatever_happens_meanwhile(ana, library, now):
    story = nerve(ana, library, now)
    for day in range(4):
        story.trains(day, "NGL")
        story.answers(day + 1, pain=1)

    assert [one.item.level.code for one in Proposal.objects.open()] == ["NGL-1"]


def test_e31_what_is_overdue_goes_to_the_substitute_and_lapses_into_nothing(ana, library, now, clinic, colleague):
    story = nerve(ana, library, now)
    story.trains(0, "NGL")
    story.answers(1, pain=1)
    before = [one for one in waiting(colleague, clinic, now=story.at(5, 9)) if one.proposal]
    for day in (5, 10, 15):
        story.trains(day, "NGL")
        story.night(day)
    after = [one for one in waiting(colleague, clinic, now=story.at(20, 9)) if one.proposal]

    assert [(one.is_passed_on, one.is_overdue) for one in (*before, *after)] == [(False, False), (True, True)]
    assert (Proposal.objects.get().state, story.level("NGL")) == ("open", "NGL-1")


def test_e31_a_declined_one_says_why_and_the_next_clean_day_may_ask_again(ana, library, now, dana):
    story = nerve(ana, library, now)
    story.trains(0, "NGL")
    story.answers(1, pain=1)
    proposals.decline(Proposal.objects.get(), note="After the holiday", actor=dana, now=story.at(1, 15))
    story.trains(2, "NGL")
    story.answers(3, pain=1)

    states = list(Proposal.objects.order_by("opened_at").values_list("state", "note"))
    assert states == [("declined", "After the holiday"), ("open", "")]


# E32 Level reached, new phase


def test_e32_a_level_reached_carries_over_into_the_next_phase(story, dana):
    adjustments.set_level(story.item("BRG"), "BRG-5", reason="Audit", actor=dana, now=story.at(0, 9))
    sign_off_phase(program := Program.objects.get(), actor=dana, now=story.at(1, 9))

    assert (program.phase.name, story.level("BRG"), story.level("CRL")) == ("curl", "BRG-5", "CRL-1")


def test_e32_a_lower_cap_never_demotes_and_only_ends_the_climb(ana, library, now, dana):
    """Hinge re-education: the second phase ends at HNG-3, and who is on HNG-4 stays there."""
    story = Story.of(a_program(ana, library["HINGE_REEDUCATION"], now=now))
    adjustments.set_level(story.item("HNG"), "HNG-4", reason="Audit", actor=dana, now=story.at(0, 9))
    sign_off_phase(Program.objects.get(), actor=dana, now=story.at(0, 10))
    for day in (1, 5):
        story.trains(day, "HNG")
        story.answers(day + 1, pain=1)

    item = story.item("HNG")
    assert (item.cap.code, item.level.code) == ("HNG-3", "HNG-4")
    assert last_rule(story, "HNG") == "R-A04"


def test_e32_start_counts_only_without_history(ana, library, now, dana):
    """Band hip extension starts at its first level again in the second phase, unless one was reached."""
    story = Story.of(a_program(ana, library["DESK_SITTER_PROXIMAL"], now=now))
    adjustments.set_level(story.item("BHE"), "BHE-3", reason="Audit", actor=dana, now=story.at(0, 9))
    sign_off_phase(Program.objects.get(), actor=dana, now=story.at(1, 9))

    assert (story.level("BHE"), story.level("BRG")) == ("BHE-3", "BRG-1")
