"""The situations of handbook 2.4, one by one, through the verbs: E1 to E16, what happens on a day and between days."""

from datetime import timedelta
from uuid import uuid4

import pytest

from patients import flagging, ledger
from patients.answers import answer_question
from patients.corrections import correct, take_back
from patients.models import Decision, ExerciseLog, FlagEvent, Hold, NextDayQuestion, PainFlag, Session
from patients.sessions import Entry, SetDone
from tests.factories.programs import a_program, a_session, as_planned
from tests.factories.story import Story


@pytest.fixture
def nerve(ana, library, now):
    """The nerve patient, on the working dose of the slider: three to five bouts a day."""
    given = {"gates": ("nerve_glide_cleared",), "slump": "eases_looking_up"}
    story = Story.of(a_program(ana, library["NERVE_FIRST_HINGE"], now=now, **given))
    level = story.item("NGL").ladder_version.levels.get(code="NGL-2")
    item = story.item("NGL")
    item.level, item.dose = level, {**item.dose, "sets": 3, "per_day_low": 3, "per_day_high": 5}
    item.save()
    return story


def memory(story, ladder="BRG"):
    return ledger.memory(story.item(ladder))


def told_later(story, *, day, told, ladder="BRG", hour=19, **given):
    """Done on `day`, entered on `told` (both days of the story, the second as day and hour)."""
    entry = as_planned(story.item(ladder), **given)
    made = a_session(story.program, entry, performed_at=story.at(day, hour), now=story.at(*told))
    flagging.assess_waiting_reports(now=story.at(*told))
    return made


def last(story, ladder="BRG"):
    return Decision.objects.filter(item=story.item(ladder)).latest("sequence")


def climbs(story):
    """Two clean days with their answers: from the first level to the second, on day 3."""
    for day in (0, 2):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)


# E1, E2: days off


def test_e1_seven_missed_days_keep_the_level_and_the_success(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    for day in range(1, 7):
        story.night(day)

    assert (story.level("BRG"), memory(story).successes) == ("BRG-1", 1)


def test_e1_the_eighth_missed_day_starts_the_successes_again(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    for day in range(1, 8):
        story.night(day)

    assert memory(story).successes == 0


@pytest.mark.parametrize(
    ("days_off", "level", "lighter"), [(7, "BRG-2", False), (8, "BRG-2", True), (15, "BRG-1", False)]
)
def test_e2_days_off_ease_the_next_session_once_a_gap(story, days_off, level, lighter):
    climbs(story)
    for day in range(3, 2 + days_off):
        story.night(day)

    assert (story.level("BRG"), story.item("BRG").dose["rom_pct"] < 100) == (level, lighter)
    assert Decision.objects.filter(rule_id__startswith="R-G").count() == (days_off >= 8) + (days_off >= 15)


def test_e2_a_month_off_starts_at_the_first_level_and_somebody_looks(story):
    climbs(story)
    for day in range(3, 31):
        story.night(day)

    assert story.level("BRG") == "BRG-1"
    assert FlagEvent.objects.filter(code="FL-GAP").count() == 1


def test_e2_the_session_that_ends_the_gap_carries_none(story):
    story.trains(0, "BRG")
    for day in range(1, 9):
        story.night(day)
    story.trains(9, "BRG")

    assert last(story).facts["gap"] == 0


# E3 to E7: late and out of order


def test_e3_sessions_that_arrive_out_of_order_are_judged_in_the_order_they_were_done(story):
    told_later(story, day=1, told=(2, 9))
    told_later(story, day=0, told=(2, 10), pain_during=4)
    story.answers(2, pain=1)

    assert memory(story).successes == 1, "the painful day came first and the clean one after it"


def test_e3_a_late_session_is_logged_at_the_level_of_its_day(story):
    climbs(story)
    told_later(story, day=2, hour=12, told=(3, 15))

    log = ExerciseLog.objects.latest("pk")
    assert (log.level.code, story.level("BRG")) == ("BRG-1", "BRG-2")


def test_e4_a_stricter_past_counts_now_while_the_new_level_is_untrained(story):
    climbs(story)
    told_later(story, day=1, told=(3, 15), pain_during=4)

    assert (story.level("BRG"), memory(story).successes) == ("BRG-1", 1)


def test_e4_a_level_already_trained_is_kept_and_only_its_streak_begins_again(story):
    climbs(story)
    story.trains(3, "BRG")
    story.answers(4, pain=1)
    assert (story.level("BRG"), memory(story).successes) == ("BRG-2", 1)

    told_later(story, day=2, hour=12, told=(4, 15), pain_during=4)
    assert (story.level("BRG"), memory(story).successes) == ("BRG-2", 1), "day 3 is banked on a streak that began there"
    assert story.program.events.filter(kind="level_kept").count() == 1


def test_e5_a_milder_past_never_steps_forward_backwards_but_counts_from_the_next_session(story, dana):
    full = as_planned(story.item("BRG")).sets
    short = story.trains(0, "BRG", sets=full[:1]).session
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    story.answers(3, pain=1)
    given = {"reason": "Read wrongly.", "by_staff": True, "actor": dana, "now": story.at(3, 15)}
    correct(short, client_id=uuid4(), entries=[as_planned(story.item("BRG"), sets=full)], **given)
    assert story.level("BRG") == "BRG-1"

    story.trains(4, "BRG")
    story.answers(5, pain=1)
    assert story.level("BRG") == "BRG-2"


def test_e6_more_than_three_days_late_counts_as_done_and_never_as_a_success(story):
    told_later(story, day=0, told=(3, 20))
    story.night(4)

    assert (last(story).rule_id, memory(story).successes) == ("R-D01", 0)
    assert story.item("BRG").last_performed_on == story.started


def test_e6_more_than_three_days_late_still_holds_and_flags(story):
    made = told_later(story, day=0, told=(4, 20), pain_during=8)

    assert made.safety.kind == "item"
    assert PainFlag.objects.filter(group="pain").exists()


def test_e7_more_than_fourteen_days_late_is_kept_as_a_note(story):
    made = told_later(story, day=0, told=(15, 9), pain_during=8)

    assert (made.results, made.safety) == ((), None)
    log = made.session.exercises.get()
    assert (log.skipped, len(log.sets), log.pain_during) == ("too_late", 2, 8)
    assert not Decision.objects.exists()
    assert not NextDayQuestion.objects.exists()
    assert story.item("BRG").last_performed_on is None


def test_e7_a_warning_sign_told_after_fourteen_days_still_holds_everything(story):
    entry = as_planned(story.item("BRG"))
    late = {"performed_at": story.at(0, 19), "now": story.at(20, 9)}
    made = a_session(story.program, entry, red_flags=["saddle_numbness"], **late)

    assert made.safety.kind == "emergency"


# E8, E9: edited and deleted


def test_e8_pain_raised_by_a_correction_acts_at_once_and_pain_lowered_closes_nothing(story):
    first = story.trains(0, "BRG").session
    second = correct(
        first,
        client_id=uuid4(),
        entries=[as_planned(story.item("BRG"), pain_during=8)],
        actor=None,
        now=story.at(0, 20),
    ).session
    flagging.assess_waiting_reports(now=story.at(0, 20))
    assert story.item("BRG").stopped_by is not None

    entries = [as_planned(story.item("BRG"))]
    correct(second, client_id=uuid4(), entries=entries, actor=None, now=story.at(0, 21))
    flag = PainFlag.objects.get(group="pain")
    assert (flag.state, flag.events.filter(kind="edited").count()) == ("open", 1)
    assert story.item("BRG").stopped_by is not None


def test_e9_a_session_taken_back_leaves_its_flags_and_its_record(story):
    session = story.trains(0, "BRG", pain_during=8).session
    take_back(session, actor=None, now=story.at(0, 20))

    assert (Session.objects.count(), Session.objects.current().count()) == (1, 0)
    assert PainFlag.objects.get(group="pain").state == "open"


# E10, E11: several times a day


def test_e10_two_sessions_of_a_once_daily_exercise_are_one_day(story):
    story.trains(0, "BRG", pain_before=1, pain_during=2)
    story.trains(0, "BRG", sets=[SetDone("both", reps=2)])
    story.answers(1, pain=1)

    facts = last(story).facts
    assert (facts["pain_during"], facts["completion_l"], memory(story).successes) == (2, 1.0, 1)


def test_e10_the_work_of_all_sessions_counts_against_too_much(story):
    twice = [SetDone("both", reps=15)] * 2
    for _time in range(2):
        story.trains(0, "BRG", sets=twice)
    story.answers(1, pain=1)

    assert (last(story).rule_id, memory(story).successes) == ("R-C01", 0)


def test_e11_bouts_below_the_low_end_do_not_finish_the_day(nerve):
    nerve.trains(1, "NGL", bouts=2)
    nerve.answers(2, pain=1)

    assert last(nerve, "NGL").facts["completion_l"] == pytest.approx(2 / 3)


def test_e11_three_bouts_are_one_success(nerve):
    nerve.trains(1, "NGL", bouts=3)
    nerve.answers(2, pain=1)

    assert memory(nerve, "NGL").successes == 1


def test_e11_any_painful_bout_counts_at_once(nerve):
    nerve.trains(1, "NGL")
    made = nerve.trains(1, "NGL", pain_before=1, pain_during=4)

    assert made.safety.kind == "item"


# E13 to E16


def test_e13_far_too_much_earns_no_credit(story):
    story.trains(0, "BRG", sets=[SetDone("both", reps=30)] * 2)
    story.answers(1, pain=1)

    assert (last(story).rule_id, memory(story).successes) == ("R-C01", 0)
    assert not PainFlag.objects.exists()


def test_e13_three_days_running_are_flagged_as_a_matter_of_coaching(story):
    for day in (0, 2, 4):
        assert not FlagEvent.objects.filter(code="FL-OVER").exists()
        story.trains(day, "BRG", sets=[SetDone("both", reps=30)] * 2)
        story.answers(day + 1, pain=1)

    assert PainFlag.objects.get().severity == 5


def test_e14_a_cramp_that_settled_is_no_success_and_changes_nothing(story):
    story.trains(0, "BRG", cramp="resolved")
    story.answers(1, pain=1)

    assert (last(story).rule_id, memory(story).successes, memory(story).cramps) == ("R-K03", 0, 1)


def test_e14_a_cramp_that_did_not_settle_makes_it_lighter(story):
    story.trains(0, "BRG", cramp="unresolved")

    assert (last(story).rule_id, story.item("BRG").dose["rom_pct"]) == ("R-K02", 75)


def test_e14_the_third_cramp_session_steps_back(story):
    climbs(story)
    for day in (4, 6, 8):
        story.trains(day, "BRG", cramp="resolved")
        story.answers(day + 1, pain=1)

    assert (last(story).rule_id, story.level("BRG")) == ("R-K01", "BRG-1")


def test_e15_there_is_one_question_a_day_and_region(story):
    for _time in range(2):
        story.trains(0, "BRG")

    question = NextDayQuestion.objects.get()
    assert question.opens_at == story.at(1, 7), "twelve hours after the last bout"
    assert question.closes_at - question.opens_at == timedelta(hours=48)


def test_e15_of_two_answers_the_last_counts_for_the_dose_and_the_worst_stays_flagged(story):
    story.trains(0, "BRG")
    story.answers(1, pain=5, compared="worse")
    assert story.item("BRG").dose["rom_pct"] == 75
    question = NextDayQuestion.objects.get()
    answer_question(question, pain=1, compared="same", actor=None, now=story.at(1, 15))

    assert (story.item("BRG").dose["rom_pct"], memory(story).successes) == (100, 1)
    assert FlagEvent.objects.filter(code="FL-24H").exists()


def test_e15_a_late_answer_may_restrict_and_never_advances(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    story.trains(3, "BRG")
    question = NextDayQuestion.objects.get(answered_at=None)
    answer_question(question, pain=1, compared="better", actor=None, now=question.closes_at + timedelta(hours=1))
    assert story.level("BRG") == "BRG-1"

    late = question.closes_at + timedelta(hours=2)
    answer_question(question, pain=6, compared="worse", actor=None, now=late)
    assert story.item("BRG").dose["rom_pct"] == 75


def test_e16_without_an_answer_the_dose_does_not_rise(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    for day in range(2, 6):
        story.night(day)

    assert (last(story).rule_id, story.level("BRG")) == ("R-X02", "BRG-1")


def test_e16_for_strength_the_next_pain_before_a_session_stands_in(story):
    climbs_without_answers = (0, 2, 4)
    for day in climbs_without_answers:
        story.trains(day, "BRG")
        story.night(day)
    for day in range(5, 7):
        story.night(day)

    assert set(NextDayQuestion.objects.exclude(pain=None).values_list("source", flat=True)) == {"proxy"}
    assert story.level("BRG") == "BRG-2"


def test_e16_a_nerve_exercise_needs_a_real_answer(nerve):
    for day in (1, 2):
        nerve.trains(day, "NGL", bouts=3)
    for day in range(2, 6):
        nerve.night(day)

    assert not NextDayQuestion.objects.exclude(pain=None).exists()


# What is skipped is no decision (E30)


def test_e30_an_exercise_skipped_is_not_judged_and_keeps_its_reason(story):
    a_session(story.program, Entry(item_id=story.item("BRG").pk, skipped="no_time"), now=story.at(0, 19))

    assert ExerciseLog.objects.get().skipped == "no_time"
    assert not Decision.objects.exists()
    assert story.item("BRG").last_performed_on is None


def test_e30_skipped_because_it_hurts_is_judged_as_a_report_of_pain(story):
    entry = Entry(item_id=story.item("BRG").pk, skipped="hurts", pain_during=8)
    made = a_session(story.program, entry, now=story.at(0, 19))
    flagging.assess_waiting_reports(now=story.at(0, 19))

    assert not Decision.objects.exists()
    assert (made.safety.kind, Hold.objects.count(), PainFlag.objects.get().group) == ("item", 1, "pain")
