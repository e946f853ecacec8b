"""A session corrected or taken back: the old version stays, pain acts at once, and nothing gets harder backwards."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic.refusals import Refused
from patients import adjustments, corrections, flagging, ledger
from patients.corrections import ChangedMeanwhile, TooLate, correct, take_back
from patients.models import Decision, ExerciseLog, FlagEvent, Hold, NextDayQuestion, PainFlag, PainReport, Session
from patients.sessions import Clash, Entry, SetDone
from tests.factories.programs import a_program, a_session, an_answer, as_planned
from tests.factories.story import Story


@pytest.fixture
def two(ana, library, now):
    """A program in which HRS and BRG both run."""
    return Story.of(a_program(ana, library["HOME_HAMSTRING_FOUNDATION"], now=now))


def changed(story, session, *, at, ladder="BRG", client_id=None, **given):
    """The same session with other figures."""
    logged = session.exercises.get(item__ladder_version__code=ladder)
    planned = {"pain_before": 1, "pain_during": 1, "pain_after": 1, "sets": _sets(logged)}
    entry = Entry(item_id=logged.item_id, **(planned | given))
    made = correct(session, client_id=client_id or uuid4(), entries=[entry], actor=None, now=at)
    flagging.assess_waiting_reports(now=at)
    return made


def _sets(log):
    return [SetDone(**one) for one in log.sets]


def memory(story, ladder="BRG"):
    return ledger.memory(story.item(ladder)).to_mapping()


# Versions


def test_the_old_version_stays_and_only_the_new_one_counts(story):
    first = story.trains(0, "BRG").session
    made = changed(story, first, at=story.at(0, 20), pain_during=2)

    assert list(Session.objects.current()) == [made.session]
    assert made.session.corrects == first
    assert set(ExerciseLog.objects.values_list("pain_during", flat=True)) == {1, 2}


def test_the_same_correction_sent_twice_is_one(story):
    first, key = story.trains(0, "BRG").session, uuid4()
    for _time in range(2):
        made = changed(story, first, at=story.at(0, 20), client_id=key, pain_during=2)

    assert not made.is_new
    assert Session.objects.count() == 2


def test_a_correction_under_the_id_of_another_session_is_a_clash(story):
    first = story.trains(0, "BRG").session
    with pytest.raises(Clash):
        changed(story, first, at=story.at(0, 20), client_id=first.pk, pain_during=2)


def test_who_corrects_what_was_corrected_meanwhile_is_told(story):
    first = story.trains(0, "BRG").session
    changed(story, first, at=story.at(0, 20), pain_during=2)

    with pytest.raises(ChangedMeanwhile):
        changed(story, first, at=story.at(0, 21), pain_during=3)


def test_the_patients_day_is_counted_from_the_first_saving(story):
    first = story.trains(0, "BRG").session
    second = changed(story, first, at=story.at(1, 18), pain_during=2).session

    assert corrections.may_change(second, by_staff=False, now=story.at(1, 19))
    with pytest.raises(TooLate):
        changed(story, second, at=story.at(1, 20), pain_during=1)


def test_staff_may_correct_later_and_say_why(story, dana):
    first = story.trains(0, "BRG").session
    entry = as_planned(story.item("BRG"), pain_during=2)
    with pytest.raises(Refused) as refused:
        correct(first, client_id=uuid4(), entries=[entry], by_staff=True, actor=dana, now=story.at(9, 9))
    assert "reason" in refused.value.errors

    made = correct(
        first, client_id=uuid4(), entries=[entry], reason="Misread.", by_staff=True, actor=dana, now=story.at(9, 9)
    )
    assert (made.session.change_reason, made.session.logged_by) == ("Misread.", dana)


def test_a_correction_after_three_days_does_not_make_the_session_late(story, dana):
    first = story.trains(0, "BRG").session
    story.answers(1, pain=1)
    entry = as_planned(story.item("BRG"), note="On the mat.")
    correct(
        first, client_id=uuid4(), entries=[entry], reason="Told later.", by_staff=True, actor=dana, now=story.at(6, 9)
    )

    assert memory(story)["successes"] == 1


# Pain raised


def test_pain_raised_to_eight_holds_and_flags_at_once(story):
    first = story.trains(0, "BRG").session
    made = changed(story, first, at=story.at(0, 20), pain_during=8)

    assert made.safety.kind == "item"
    assert story.item("BRG").stopped_by is not None
    assert PainFlag.objects.get(group="pain").severity == 3


def test_a_red_flag_added_later_holds_the_plan(story):
    first = story.trains(0, "BRG").session
    entry = as_planned(story.item("BRG"))
    made = correct(
        first, client_id=uuid4(), entries=[entry], red_flags=["saddle_numbness"], actor=None, now=story.at(0, 20)
    )

    assert made.safety.kind == "emergency"


def test_pain_raised_takes_the_banked_success_of_that_day_away(story):
    first = story.trains(0, "BRG").session
    story.answers(1, pain=1)
    assert memory(story)["successes"] == 1

    changed(story, first, at=story.at(1, 15), pain_during=4)
    assert memory(story)["successes"] == 0


def test_the_same_pain_again_is_no_second_report(story):
    first = story.trains(0, "BRG", pain_during=8).session
    reports = PainReport.objects.count()
    changed(story, first, at=story.at(0, 20), pain_during=8, note="Left side.")

    assert PainReport.objects.exclude(kind="text").count() == reports
    assert Hold.objects.count() == 1


# Pain lowered


def test_pain_lowered_closes_no_flag_and_lifts_no_hold(story):
    first = story.trains(0, "BRG", pain_during=8).session
    changed(story, first, at=story.at(0, 20), pain_during=1)

    assert PainFlag.objects.get(group="pain").state == PainFlag.State.OPEN
    assert story.item("BRG").stopped_by is not None


def test_the_open_flag_says_that_it_was_edited(story):
    first = story.trains(0, "BRG", pain_during=8).session
    changed(story, first, at=story.at(0, 20), pain_during=1)

    assert FlagEvent.objects.filter(kind="edited", flag__group="pain").count() == 1


def test_a_flag_raised_after_the_correction_says_so_too(story):
    entry = as_planned(story.item("BRG"), pain_during=8)
    first = a_session(story.program, entry, now=story.at(0, 19)).session
    changed(story, first, at=story.at(0, 19, 1), pain_during=1)

    assert FlagEvent.objects.filter(kind="edited", flag__group="pain").exists()


def test_pain_lowered_does_not_give_the_dose_back(story):
    first = story.trains(0, "BRG", pain_during=6).session
    assert story.item("BRG").dose["rom_pct"] == 75
    changed(story, first, at=story.at(0, 20), pain_during=1)
    assert story.item("BRG").dose["rom_pct"] == 75

    story.answers(1, pain=1)
    assert story.item("BRG").dose["rom_pct"] == 75, "nor does the answer about that day"


def test_after_pain_lowered_the_next_clean_day_counts(story):
    first = story.trains(0, "BRG", pain_during=6).session
    changed(story, first, at=story.at(0, 20), pain_during=1)
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    story.answers(3, pain=1)

    assert story.item("BRG").dose["rom_pct"] == 100


def test_a_released_hold_does_not_come_back_with_a_correction_that_says_no_more(story, dana):
    first = story.trains(0, "BRG", pain_during=8).session
    adjustments.release(Hold.objects.get(), effect="resume", actor=dana, now=story.at(0, 20))
    changed(story, first, at=story.at(0, 21), pain_during=8, note="It was the left.")

    assert story.item("BRG").stopped_by is None


def test_repetitions_put_right_before_the_answer_count(story):
    few = list(as_planned(story.item("BRG")).sets)
    short = story.trains(0, "BRG", sets=few[:1]).session
    changed(story, short, at=story.at(0, 20), sets=few)
    story.answers(1, pain=1)

    assert memory(story)["successes"] == 1


def test_repetitions_put_right_after_the_step_do_not_step_backwards_but_count_next_time(story, dana):
    full = as_planned(story.item("BRG")).sets
    short = story.trains(0, "BRG", sets=full[:1]).session
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    story.answers(3, pain=1)
    assert story.level("BRG") == "BRG-1"

    entry = as_planned(story.item("BRG"), sets=full)
    correct(short, client_id=uuid4(), entries=[entry], reason="Typo.", by_staff=True, actor=dana, now=story.at(3, 15))
    assert (story.level("BRG"), memory(story)["successes"]) == ("BRG-1", 2)

    story.trains(4, "BRG")
    story.answers(5, pain=1)
    assert story.level("BRG") == "BRG-2"


# A stricter past


def test_a_step_that_the_correction_does_not_bear_out_is_taken_back_while_untrained(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    last = story.trains(2, "BRG").session
    story.answers(3, pain=1)
    assert story.level("BRG") == "BRG-2"

    changed(story, last, at=story.at(3, 15), pain_during=4)
    assert story.level("BRG") == "BRG-1"


def test_a_level_trained_meanwhile_is_kept_and_its_streak_begins_again(story, dana):
    first = story.trains(0, "BRG").session
    story.answers(1, pain=1)
    story.trains(2, "BRG")
    story.answers(3, pain=1)
    story.trains(4, "BRG")
    story.answers(5, pain=1)
    assert (story.level("BRG"), memory(story)["successes"]) == ("BRG-2", 1)

    entry = Entry(
        item_id=story.item("BRG").pk, sets=_sets(first.exercises.get()), pain_before=1, pain_during=4, pain_after=4
    )
    correct(
        first, client_id=uuid4(), entries=[entry], reason="Told now.", by_staff=True, actor=dana, now=story.at(5, 15)
    )

    assert story.level("BRG") == "BRG-2"
    assert story.program.events.filter(kind="level_kept", to_state="BRG-2").count() == 1


# Taking back


def test_a_session_taken_back_is_kept_and_counts_no_more(story):
    session = story.trains(0, "BRG").session
    story.answers(1, pain=1)
    take_back(session, actor=None, now=story.at(1, 14))

    assert not Session.objects.current().exists()
    assert Session.objects.get().taken_back_at == story.at(1, 14)
    assert ExerciseLog.objects.count() == 1
    assert (memory(story)["successes"], story.item("BRG").last_performed_on) == (0, None)


def test_taking_back_twice_is_once(story):
    session = story.trains(0, "BRG").session
    for hour in (20, 21):
        take_back(session, actor=None, now=story.at(0, hour))

    assert Session.objects.get().taken_back_at == story.at(0, 20)
    assert Decision.objects.filter(outcome="withdrawn").count() == 1


def test_flags_and_holds_of_a_session_taken_back_stay(story):
    session = story.trains(0, "BRG", pain_during=8).session
    take_back(session, actor=None, now=story.at(0, 20))

    assert PainFlag.objects.get(group="pain").state == PainFlag.State.OPEN
    assert story.item("BRG").stopped_by is not None
    assert FlagEvent.objects.filter(kind="edited").exists()


def test_what_a_session_taken_back_made_easier_stays_easier(story):
    session = story.trains(0, "BRG", pain_during=6).session
    take_back(session, actor=None, now=story.at(0, 20))

    assert story.item("BRG").dose["rom_pct"] == 75


def test_the_question_about_a_day_without_sessions_goes(two):
    session = two.trains(0, "BRG").session
    take_back(session, actor=None, now=two.at(0, 20))
    assert not NextDayQuestion.objects.exists()


def test_the_question_stays_while_another_session_of_the_day_is_left(story):
    story.trains(0, "BRG")
    session = story.trains(0, "BRG").session
    take_back(session, actor=None, now=story.at(0, 20))

    assert NextDayQuestion.objects.filter(answered_at=None).count() == 1


def test_after_taking_back_the_same_day_can_be_logged_again(story):
    session = story.trains(0, "BRG").session
    take_back(session, actor=None, now=story.at(0, 20))
    story.trains(0, "BRG")
    story.answers(1, pain=1)

    assert memory(story)["successes"] == 1


def test_what_a_session_taken_back_made_easier_outlasts_another_session_of_that_day(story, ana):
    story.trains(0, "BRG")
    hurt = story.trains(1, "BRG", pain_during=6).session
    take_back(hurt, actor=None, now=story.at(1, 20))
    a_session(story.program, as_planned(story.item("BRG"), pain_during=2), now=story.at(1, 21))
    eased = story.item("BRG").dose

    an_answer(ana, now=story.at(1, 22))
    assert (story.item("BRG").dose, eased["rom_pct"]) == (eased, 75)


def test_a_day_in_the_middle_taken_back_is_as_if_never_trained(story):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    middle = story.trains(2, "BRG").session
    story.answers(3, pain=1)
    assert story.level("BRG") == "BRG-2"

    take_back(middle, actor=None, now=story.at(3, 14))
    assert (story.level("BRG"), memory(story)["successes"]) == ("BRG-1", 1)


def test_staff_take_back_after_the_patients_day_with_a_reason(story, dana):
    session = story.trains(0, "BRG").session
    with pytest.raises(TooLate):
        take_back(session, actor=None, now=story.at(2, 9))
    with pytest.raises(Refused):
        take_back(session, by_staff=True, actor=dana, now=story.at(2, 9))
    take_back(session, reason="Another patient's.", by_staff=True, actor=dana, now=story.at(2, 9))

    session.refresh_from_db()
    assert (session.change_reason, session.taken_back_by) == ("Another patient's.", dana)


def test_an_exercise_left_out_of_a_correction_counts_no_more(two):
    session = two.trains(0, "HRS", "BRG").session
    entry = as_planned(two.item("HRS"))
    correct(session, client_id=uuid4(), entries=[entry], actor=None, now=two.at(0, 20))
    two.answers(1, pain=1)

    assert (memory(two, "HRS")["successes"], two.item("BRG").last_performed_on) == (1, None)


def test_a_session_moved_to_the_day_it_was_done_counts_there(story):
    session = story.trains(1, "BRG").session
    entry = as_planned(story.item("BRG"))
    correct(session, client_id=uuid4(), entries=[entry], performed_at=story.at(0, 19), actor=None, now=story.at(1, 20))

    assert story.item("BRG").last_performed_on == story.started
    assert NextDayQuestion.objects.get().local_date == story.started


def test_days_off_that_only_show_once_a_session_is_taken_back_ease_the_exercise(story, dana):
    story.trains(0, "BRG")
    story.answers(1, pain=1)
    middle = story.trains(5, "BRG").session
    for day in range(5, 9):
        story.night(day)
    story.trains(9, "BRG")
    assert story.item("BRG").dose["rom_pct"] == 100

    take_back(middle, reason="Never done.", by_staff=True, actor=dana, now=story.at(9, 20))
    assert story.item("BRG").dose["rom_pct"] == 75
    assert Decision.objects.filter(rule_id="R-G03").count() == 1


def test_a_late_correction_of_an_exercise_that_has_left_the_program_still_acts_on_pain(two):
    session = two.trains(0, "HRS", "BRG").session
    item = two.item("BRG")
    item.ended_on, item.ended_reason = two.started + timedelta(days=1), "phase_over"
    item.save()
    entries = [as_planned(two.item("HRS")), as_planned(item, pain_during=9)]
    made = correct(session, client_id=uuid4(), entries=entries, actor=None, now=two.at(1, 9))

    assert made.safety is not None
