"""How a day is judged: several bouts, late and out-of-order logs, people acting in between, sides, loads and doses."""

from datetime import timedelta

import pytest

from patients import adjustments, flagging
from patients.answers import answer_question
from patients.models import Decision, FlagEvent, Hold, NextDayQuestion, PainFlag
from patients.sessions import SetDone
from patients.work_done import done_in
from programs.rules import Dose
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of
from tests.factories.story import Story


@pytest.fixture
def program(ana, library, now):
    return a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now)


def ready(story, *ladders) -> None:
    """One clean day behind them and three days at their level: the next clean day advances."""
    story.trains(0, *ladders)
    story.answers(1, pain=1)


# Several bouts


def test_a_pop_of_one_bout_and_the_pain_of_another_are_no_injury(story):
    story.trains(0, "BRG", words=("pop",))
    story.trains(0, "BRG", pain_before=4, pain_during=4, pain_after=4)

    assert not Hold.objects.exists()


def test_a_stop_of_one_bout_is_not_lost_in_a_worse_but_usual_bout(story):
    story.trains(0, "BRG", pain_before=1, pain_during=4, words=("sharp",))
    logged = story.trains(0, "BRG", pain_before=5, pain_during=5, pain_after=5)

    assert logged.results[0].rule_id == "R-S06", "the day says what is held"
    assert item_of(story.program, "BRG").stopped_by is not None


def test_whatever_is_held_has_a_flag(story):
    for words in (("sharp",), ()):
        story.trains(0, "BRG", pain_before=3, pain_during=3 if words else 5, words=words)

    assert Hold.objects.exists() == FlagEvent.objects.filter(code__in=("FL-SHARP", "FL-POP")).exists()


# The next-day question


def test_an_earlier_bout_entered_later_does_not_move_the_question_back(program, now):
    evening = now + timedelta(hours=11)
    a_session(program, as_planned(item_of(program, "BRG")), now=evening)
    a_session(program, as_planned(item_of(program, "BRG")), performed_at=now, now=evening + timedelta(hours=1))

    assert NextDayQuestion.objects.get().opens_at == evening + timedelta(hours=12)


def test_a_strength_bout_does_not_shorten_the_wait_of_a_nerve_glide(ana, library, now):
    program = a_program(
        ana, library["NERVE_FIRST_HINGE"], now=now, gates=("nerve_glide_cleared",), slump="eases_looking_up"
    )
    a_session(program, as_planned(item_of(program, "NGL")), now=now + timedelta(hours=9))
    a_session(program, as_planned(item_of(program, "HNG")), now=now + timedelta(hours=10))

    assert NextDayQuestion.objects.get().opens_at == now + timedelta(hours=27)


@pytest.mark.parametrize(
    ("zone", "day", "opens"),
    [
        ("Europe/London", "2026-03-28", "2026-03-29T04:00:00+00:00"),  # five in the morning of summer time
        ("Europe/London", "2026-10-24", "2026-10-25T05:00:00+00:00"),
        ("Pacific/Auckland", "2026-04-04", "2026-04-04T17:00:00+00:00"),
    ],
)
def test_five_in_the_morning_is_the_patients_own_on_the_days_the_clocks_change(ana, library, now, zone, day, opens):
    ana.zone = zone
    ana.save()
    at = now.fromisoformat(f"{day}T10:00:00+00:00") - timedelta(hours=10 if zone == "Pacific/Auckland" else 0)
    program = a_program(ana, library["BALL_PROGRESSION"], now=at)
    a_session(program, as_planned(item_of(program, "BRG")), now=at)

    question = NextDayQuestion.objects.get()
    assert (question.local_date.isoformat(), question.opens_at.isoformat()) == (day, opens)
    assert question.closes_at - question.opens_at == timedelta(hours=48)


def test_who_moves_to_another_zone_keeps_the_question_of_the_day_it_is_about(ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    ana.zone = "Pacific/Auckland"
    ana.save()
    answered = an_answer(ana, now=now + timedelta(hours=21))

    assert (answered.question.local_date, answered.is_new) == (now.date(), True)


def test_severe_pain_in_a_late_answer_still_stops(ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_before=8, pain_during=6, pain_after=6), now=now)
    question = NextDayQuestion.objects.get()
    answered = answer(question, pain=9, now=question.closes_at + timedelta(hours=1))

    assert answered.safety.kind == "region"
    flagging.assess_waiting_reports(now=now + timedelta(days=4))
    assert PainFlag.objects.filter(severity=2).exists()


def test_a_warning_sign_in_a_late_answer_holds_the_plan(ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)
    question = NextDayQuestion.objects.get()
    late = question.closes_at + timedelta(hours=1)

    assert answer(question, pain=1, red_flags=["saddle_numbness"], now=late).safety.kind == "emergency"


def test_a_good_answer_after_closing_never_advances(story):
    ready(story, "BRG")
    story.trains(3, "BRG")
    question = NextDayQuestion.objects.get(answered_at=None)
    answered = answer(question, pain=0, now=question.closes_at + timedelta(hours=1))

    assert [one.rule_id for one in answered.results] == ["R-X02"]
    assert story.level("BRG") == "BRG-1"


def test_an_answer_after_the_exercise_left_the_program_still_counts_for_safety(story, dana):
    story.trains(0, "BRG")
    story.program.items.update(ended_on=story.started, ended_reason="phase_over")
    question = NextDayQuestion.objects.get()
    answered = answer(question, pain=3, red_flags=["chest_pain"], now=question.opens_at)

    assert answered.safety.kind == "emergency"
    flagging.assess_waiting_reports(now=question.opens_at)
    assert PainFlag.objects.get(group="safety").episode == story.program.episode


def test_the_report_of_an_answer_tells_of_the_exercise_it_is_worst_for(story):
    story.trains(0, "HRS", pain_before=5, pain_during=5, pain_after=5)
    story.trains(0, "BRG")
    story.answers(1, pain=4)

    assert PainFlag.objects.get(group="pain").events.filter(code="FL-24H").exists()


def answer(question, *, pain, now, compared="same", **given):
    return answer_question(question, pain=pain, compared=compared, actor=None, now=now, **given)


# Two a day (E23)


def test_a_corrected_answer_does_not_take_back_the_two_advances_of_the_day(story):
    ready(story, "HRS", "BRG")
    story.trains(3, "HRS", "BRG", low=False)
    story.answers(4, pain=1)
    assert (story.level("HRS"), story.level("BRG")) == ("HRS-2", "BRG-2")

    question = NextDayQuestion.objects.latest("local_date")
    answer(question, pain=0, now=story.at(4, 15))
    assert (story.level("HRS"), story.level("BRG")) == ("HRS-2", "BRG-2")


# People in between


def test_a_day_trained_on_the_level_a_person_set_that_morning_counts(story, dana):
    adjustments.set_level(item_of(story.program, "BRG"), "BRG-2", reason="Strong.", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG")
    story.answers(1, pain=1)

    assert item_of(story.program, "BRG").state["memory"]["successes"] == 1


def test_a_bad_night_after_a_day_on_a_level_a_person_set_that_morning_eases(story, dana):
    adjustments.set_level(item_of(story.program, "BRG"), "BRG-2", reason="Strong.", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG")
    story.answers(1, pain=5, compared="worse")

    assert item_of(story.program, "BRG").dose["rom_pct"] == 75


def test_what_a_person_set_after_the_day_is_left_alone(story, dana):
    story.trains(0, "BRG")
    adjustments.set_level(item_of(story.program, "BRG"), "BRG-2", reason="Strong.", actor=dana, now=story.at(1, 9))
    story.answers(1, pain=5, compared="worse")

    item = item_of(story.program, "BRG")
    assert (item.level.code, item.dose["rom_pct"]) == ("BRG-2", 100)


# Late and out of order


def test_a_level_already_trained_is_not_taken_back_by_a_late_log(story):
    ready(story, "BRG")
    story.trains(3, "BRG")
    story.answers(4, pain=1)
    story.trains(5, "BRG")
    assert story.level("BRG") == "BRG-2"

    entry = as_planned(item_of(story.program, "BRG"), pain_during=4)
    a_session(story.program, entry, performed_at=story.at(2, 19), now=story.at(5, 20))

    item = item_of(story.program, "BRG")
    assert (item.level.code, item.state["memory"]["successes"]) == ("BRG-2", 0)


def test_days_off_still_ease_after_a_late_answer_about_the_day_before_them(story):
    story.trains(0, "BRG")
    question = NextDayQuestion.objects.get()
    for day in range(9):
        story.night(day)
    assert story.item("BRG").dose["rom_pct"] == 75

    answer(question, pain=2, now=story.at(9, 10))
    assert story.item("BRG").dose["rom_pct"] == 75


def test_a_jump_told_late_makes_the_later_one_the_second(story):
    """FL-JUMP2 follows the streak as the days were, not as they came in."""
    story.trains(2, "BRG", pain_before=1, pain_during=5)
    assert story.flags() == [("FL-JUMP", 5)]

    early = as_planned(story.item("BRG"), pain_before=1, pain_during=5, pain_after=1)
    a_session(story.program, early, performed_at=story.at(1, 9), now=story.at(2, 20))
    flagging.assess_waiting_reports(now=story.at(2, 20, 1))
    assert story.flags() == [("FL-JUMP2", 4)]


def test_a_session_told_during_a_pause_is_judged_as_its_day_was(story, dana):
    """The pause has a from and an until: the day before it is not paused."""
    ready(story, "BRG")
    item, paused = story.item("BRG"), story.at(3, 20)
    adjustments.pause(story.program, until=None, reason="Holiday", actor=dana, now=paused)
    a_session(story.program, as_planned(item), performed_at=story.at(3, 18), now=story.at(3, 21))
    assert Decision.objects.filter(item=item).latest("sequence").rule_id == "R-X01"

    story.answers(4, pain=1)
    assert Decision.objects.filter(item=item).latest("sequence").rule_id == "R-H02"


def test_days_of_a_past_pause_are_no_gap_when_days_are_judged_again(story, dana):
    ready(story, "BRG")
    adjustments.pause(story.program, until=None, reason="Holiday", actor=dana, now=story.at(2, 9))
    for day in range(2, 20):
        story.night(day)
    adjustments.unpause(story.program, actor=dana, now=story.at(20, 9))
    story.trains(20, "BRG")
    early = as_planned(story.item("BRG"), pain_before=1, pain_during=1, pain_after=1)
    a_session(story.program, early, performed_at=story.at(1, 20), now=story.at(20, 21))

    rows = Decision.objects.filter(item=story.item("BRG"), trigger="tick")
    assert [row.rule_id for row in rows if row.facts["gap"] < 15] == []
    assert story.level("BRG") == "BRG-1"


def test_a_log_more_than_three_days_late_never_advances(story):
    ready(story, "BRG")
    entry = as_planned(item_of(story.program, "BRG"))
    a_session(story.program, entry, performed_at=story.at(3, 19), now=story.at(6, 20))
    story.night(7)

    assert story.level("BRG") == "BRG-1"


# Doses


def test_a_success_restores_the_dose_a_person_prescribed_and_no_more(story, dana):
    item = item_of(story.program, "BRG")
    adjustments.adjust_dose(item, changes={"sets": 1}, reason="Frail.", actor=dana, now=story.at(0, 9))
    story.trains(0, "BRG", cramp="unresolved")
    assert story.item("BRG").dose["rom_pct"] == 75
    for day in (1, 3):
        story.answers(day, pain=1)
        story.trains(day, "BRG")
    story.answers(4, pain=1)

    dose = story.item("BRG").dose
    assert (dose["sets"], dose["rom_pct"]) == (1, 100)


def test_a_dose_a_person_sets_while_it_is_lighter_is_not_restored_away(story, dana):
    story.trains(0, "BRG", cramp="unresolved")
    item = item_of(story.program, "BRG")
    adjustments.adjust_dose(item, changes={"sets": 1}, reason="Frail.", actor=dana, now=story.at(0, 21))
    story.trains(2, "BRG")
    story.answers(3, pain=1)

    assert story.item("BRG").dose["sets"] == 1


def test_a_step_back_from_the_lowest_level_is_restored_by_the_first_success(story):
    story.trains(0, "BRG", pain_during=6)
    assert story.item("BRG").dose["rom_pct"] == 75
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    story.answers(3, pain=1)

    assert story.item("BRG").dose["rom_pct"] == 100
    assert Decision.objects.filter(rule_id="R-L01").exists()


def test_an_easier_band_does_not_finish_the_dose():
    dose = Dose(sets=1, reps_low=10, reps_high=15, band_step=2)
    done = done_in([[{"side": "both", "reps": 10, "load": 0}]], dose, asked_sides=("both",), to_fatigue=False)

    assert done.left < 0.5


@pytest.mark.parametrize(("reps", "rule"), [(12, "R-A04"), (14, "R-A06")])
def test_a_weight_step_of_more_than_a_tenth_asks_for_two_repetitions_more(ana, library, dana, now, reps, rule):
    """From 5 kg the next plate is 25 % more (E22)."""
    story = Story.of(a_program(ana, library["SQUAT_AND_SINGLE_LEG"], now=now))
    item = item_of(story.program, "SQT")
    item.cap = None
    item.save()
    adjustments.set_level(item, "SQT-5", reason="Strong.", actor=dana, now=now)
    for day in (0, 3):
        story.trains(day, "SQT", sets=[SetDone("both", reps=reps)] * 3)
        story.answers(day + 1, pain=1)

    assert Decision.objects.latest("sequence", "decided_at").rule_id == rule
    assert story.item("SQT").dose["load_grams"] == (6250 if rule == "R-A06" else 5000)


def test_both_sides_of_an_affected_level_count_and_the_weaker_governs():
    dose = Dose(sets=2, reps_low=10, reps_high=12)
    sets = [{"side": side, "reps": reps} for side, reps in [("left", 10), ("left", 10), ("right", 10), ("right", 0)]]
    done = done_in([sets], dose, asked_sides=("left", "right"), to_fatigue=False)

    assert (done.left, done.right, done.weaker) == (1.0, 0.5, "right")


def test_seconds_count_where_seconds_are_asked():
    dose = Dose(sets=1, seconds_low=45, seconds_high=60)
    done = done_in([[{"side": "both", "seconds": 45}]], dose, asked_sides=("both",), to_fatigue=False)

    assert (done.left, done.ratio) == (1.0, 0.75)


# A bad night after several exercises (E28)


def test_a_bad_night_steps_back_the_exercise_that_changed_last_and_the_other_holds(story, dana):
    for ladder, hour in (("HRS", 9), ("BRG", 8)):
        adjustments.set_level(
            item_of(story.program, ladder), f"{ladder}-2", reason="Fit.", actor=dana, now=story.at(0, hour)
        )
    story.trains(0, "HRS", "BRG")
    story.answers(1, pain=5, compared="worse")

    assert (story.item("HRS").dose["rom_pct"], story.item("BRG").dose["rom_pct"]) == (75, 100)
    assert Decision.objects.filter(item=item_of(story.program, "BRG")).latest("sequence").rule_id == "R-X04"


def test_judging_the_day_again_spares_the_same_exercise(story):
    story.trains(0, "HRS", "BRG")
    story.answers(1, pain=5, compared="worse")
    doses = [story.item(ladder).dose["rom_pct"] for ladder in ("HRS", "BRG")]
    assert sorted(doses) == [75, 100]

    story.trains(1, "HRS", "BRG")
    entry = as_planned(story.item("BRG"))
    a_session(story.program, entry, performed_at=story.at(0, 12), now=story.at(1, 20))
    assert [story.item(ladder).dose["rom_pct"] for ladder in ("HRS", "BRG")] == doses


def test_a_night_that_must_stop_an_exercise_stops_it_whichever_changed_last(story):
    story.trains(0, "HRS", "BRG")
    story.answers(1, pain=9, compared="worse")

    assert all(story.item(ladder).stopped_by for ladder in ("HRS", "BRG"))
