"""Logging a session: what is kept, decided, held and asked the next day."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.flagging import assess_waiting_reports
from patients.models import Decision, Hold, NextDayQuestion, PainFlag, PainReport, Session
from patients.sessions import Clash, Entry, NothingSaved, SetDone, log_session
from tests.factories.programs import a_program, a_session, an_answer, as_planned, item_of, next_morning


def test_two_clean_days_with_answers_lead_to_the_next_level(ana, program, now):
    for day in (0, 2):
        at = now + timedelta(days=day)
        a_session(program, as_planned(item_of(program, "BRG")), now=at)
        an_answer(ana, now=next_morning(at))

    assert item_of(program, "BRG").level.code == "BRG-2"


def test_a_log_alone_waits_for_the_next_day(program, now):
    logged = a_session(program, as_planned(item_of(program, "BRG")), now=now)

    assert [(result.outcome, result.rule_id, result.provisional) for result in logged.results] == [
        ("hold", "R-X01", True)
    ]


def test_pain_seven_holds_the_exercise_at_once(program, now):
    logged = a_session(program, as_planned(item_of(program, "BRG"), pain_during=7), now=now)

    assert logged.safety.kind == "item"
    assert item_of(program, "BRG").stopped_by == Hold.objects.get()


def test_the_flag_follows_from_the_report(ana, program, now):
    a_session(program, as_planned(item_of(program, "BRG"), pain_during=7), now=now)
    assert not PainFlag.objects.exists()

    assess_waiting_reports(now=now)

    assert PainFlag.objects.get(group="pain").severity == 3


def test_the_same_request_twice_is_one_session(program, now):
    entry = as_planned(item_of(program, "BRG"))
    client_id = uuid4()
    first = log_session(program, client_id=client_id, entries=[entry], actor=None, now=now)
    again = log_session(program, client_id=client_id, entries=[entry], actor=None, now=now + timedelta(seconds=5))

    assert (first.is_new, again.is_new) == (True, False)
    assert [one.rule_id for one in again.results] == [one.rule_id for one in first.results]
    assert Session.objects.count() == Decision.objects.count() == PainReport.objects.count() == 1


def test_another_content_under_the_same_id_is_a_clash(program, now):
    client_id = uuid4()
    log_session(program, client_id=client_id, entries=[as_planned(item_of(program, "BRG"))], actor=None, now=now)

    with pytest.raises(Clash):
        other = as_planned(item_of(program, "BRG"), pain_during=4)
        log_session(program, client_id=client_id, entries=[other], actor=None, now=now)


def test_four_thousand_reps_are_refused_by_field_and_nothing_is_saved(program, now):
    item = item_of(program, "BRG")
    entry = as_planned(item, sets=[SetDone("both", reps=4000)], pain_after=11)

    with pytest.raises(NothingSaved) as refused:
        a_session(program, entry, now=now)

    assert set(refused.value.errors) == {f"{item.pk}-sets-both", f"{item.pk}-pain_after"}
    assert not Session.objects.exists()


def test_a_red_flag_holds_the_whole_plan(program, now):
    logged = a_session(program, as_planned(item_of(program, "BRG")), red_flags=["saddle_numbness"], now=now)

    assert (logged.safety.kind, logged.safety.call) == ("emergency", "999")
    assert Hold.objects.get().scope == "plan"


def test_a_red_flag_is_one_finding_on_one_flag(program, now):
    a_session(program, as_planned(item_of(program, "BRG")), red_flags=["saddle_numbness"], now=now)
    assess_waiting_reports(now=now)

    flag = PainFlag.objects.get()
    assert (flag.severity, flag.group, flag.events.filter(kind="finding").count()) == (1, "safety", 1)


def test_a_skip_that_hurts_is_judged_as_a_pain_report(program, now):
    item = item_of(program, "BRG")
    logged = a_session(program, Entry(item_id=item.pk, skipped="hurts", pain_during=8), now=now)

    assert not Decision.objects.exists()
    assert logged.safety.kind == "item"


def test_the_next_day_question_opens_at_five_or_after_twelve_hours(program, now):
    a_session(program, as_planned(item_of(program, "BRG")), now=now)

    question = NextDayQuestion.objects.get()
    assert question.opens_at.isoformat() == "2026-03-03T05:00:00+00:00"
    assert question.closes_at - question.opens_at == timedelta(hours=48)


def test_logging_fifteen_sets_takes_at_most_twelve_queries(ana, clinic, library, now):
    program = a_program(
        ana, library["NERVE_FIRST_HINGE"], now=now, gates=("nerve_glide_cleared",), slump="eases_looking_up"
    )
    entries = [as_planned(item_of(program, "NGL"), sets=[SetDone("left", reps=15)] * 15)]
    program = type(program).objects.select_related("patient__clinic", "patient__user").get(pk=program.pk)

    with CaptureQueriesContext(
        connection,
    ) as captured:
        a_session(program, *entries, now=now)

    real = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    lock = connection.features.has_select_for_update  # a row lock is a query of its own
    assert len(real) <= 8 + lock, "\n".join(real)


def test_the_id_of_another_patients_session_is_a_clash_and_shows_nothing(ana, other_patient, library, program, now):
    entry = as_planned(item_of(program, "BRG"))
    client_id = a_session(program, entry, now=now).session.pk
    foreign = a_program(other_patient, library["BALL_PROGRESSION"], now=now)

    with pytest.raises(Clash):
        log_session(foreign, client_id=client_id, entries=[entry], actor=None, now=now)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"skipped": "hurts"}, "pain_during"),
        ({"skipped": "hurts", "pain_during": 11}, "pain_during"),
        ({"skipped": "no_time", "words": ["bang"]}, "words"),
        ({"skipped": "no_time", "cramp": "bad"}, "cramp"),
    ],
)
def test_a_skipped_exercise_is_checked_like_any_other(program, now, given, field):
    item = item_of(program, "BRG")

    with pytest.raises(NothingSaved) as refused:
        a_session(program, Entry(item_id=item.pk, **given), now=now)

    assert set(refused.value.errors) == {f"{item.pk}-{field}"}


def test_lost_strength_with_a_pop_counts_though_the_exercise_was_skipped(program, now):
    item = item_of(program, "BRG")
    entry = Entry(item_id=item.pk, skipped="hurts", pain_during=1, words=["pop"], strength_loss=True)

    assert a_session(program, entry, now=now).safety.severity == 2


def test_a_zero_on_one_side_is_not_a_finished_side(ana, library, now):
    program = a_program(ana, library["DESK_SITTER_PROXIMAL"], now=now)
    item = item_of(program, "BHE")
    sets = [SetDone("left", reps=10), SetDone("left", reps=10), SetDone("right", reps=0), SetDone("right", reps=0)]
    a_session(program, as_planned(item, sets=sets), now=now)

    assert Decision.objects.get().facts["completion_r"] == 0
