"""Dry runs as rows of work: asked for, done in parts, cancelled, taken over from a worker that died."""

from datetime import timedelta
from itertools import count

import pytest

from clinic.models import AuditEntry
from clinic.refusals import Refused
from patients import dry_runs
from patients.models import DryRun
from patients.simulation.attempt import Attempt
from tests.factories.library import published_library


@pytest.fixture
def ball(clinic):
    return published_library(clinic)["BALL_PROGRESSION"]


@pytest.fixture
def ask(clinic, ball, theo, now):
    def ask(**given):
        values = {"kind": "people", "version": ball, "numbers": {}, "weeks": 1, "each": 1}
        return dry_runs.ask(clinic, **(values | given), actor=theo, now=now)

    return ask


@pytest.fixture
def clock(now):
    """Each look at the clock is a second later."""
    ticking = count()
    return lambda: now + timedelta(seconds=next(ticking))


def test_a_run_is_worked_off_and_counts_everybody(ask, clock):
    run = ask()

    assert dry_runs.work(clock=clock) and not dry_runs.work(clock=clock)
    run.refresh_from_db()
    assert (run.state, run.done, run.total, run.counts["candidate"]["people"]) == ("done", 5, 5, 5)


def test_asking_leaves_a_row_in_the_audit(ask, theo):
    run = ask()

    assert AuditEntry.objects.get(verb="dry_run").object_id == run.pk


def test_a_long_run_lets_others_have_their_turn_and_goes_on_later(ask, clock, monkeypatch):
    monkeypatch.setattr(dry_runs, "TURN", timedelta(seconds=2))
    run = ask()
    dry_runs.work(clock=clock)
    run.refresh_from_db()
    part = (run.state, 0 < run.done < run.total)
    while dry_runs.work(clock=clock):
        pass
    run.refresh_from_db()

    assert (part, run.state) == (("running", True), "done")


def test_a_killed_worker_is_followed_by_one_that_comes_to_the_same_figures(ask, clock, now, monkeypatch):
    whole, cut = ask(), ask()
    dry_runs.work(clock=clock)
    whole.refresh_from_db()
    do_part, parts = Attempt.part, count()

    def dies(attempt, start):
        if next(parts) == 2:
            raise KeyboardInterrupt
        return do_part(attempt, start)

    monkeypatch.setattr(Attempt, "part", dies)
    with pytest.raises(KeyboardInterrupt):
        dry_runs.work(clock=clock)
    monkeypatch.setattr(Attempt, "part", do_part)
    too_early = dry_runs.work(clock=clock)
    later = now + timedelta(minutes=10)
    dry_runs.work(clock=lambda: later)
    cut.refresh_from_db()

    assert (too_early, cut.state, cut.counts) == (False, "done", whole.counts)


def test_a_cancelled_run_stops_at_its_next_part(ask, clock, theo, now, monkeypatch):
    run = ask()
    do_part = Attempt.part

    def cancelled_meanwhile(attempt, start):
        if start == 1:
            dry_runs.cancel(DryRun.objects.get(pk=run.pk), actor=theo, now=now)
        return do_part(attempt, start)

    monkeypatch.setattr(Attempt, "part", cancelled_meanwhile)
    dry_runs.work(clock=clock)
    run.refresh_from_db()

    assert (run.state, run.done) == ("cancelled", 1)


def test_a_worker_whose_lease_was_taken_over_adds_nothing(ask, clock, monkeypatch):
    run = ask()
    do_part = Attempt.part

    def taken_over(attempt, start):
        DryRun.objects.filter(pk=run.pk).update(lease="00000000-0000-0000-0000-000000000001")
        return do_part(attempt, start)

    monkeypatch.setattr(Attempt, "part", taken_over)
    dry_runs.work(clock=clock)
    run.refresh_from_db()

    assert (run.state, run.done, run.counts) == ("running", 0, {})


def test_what_fails_says_so_and_never_what_it_read(ask, clock, monkeypatch):
    run = ask()
    monkeypatch.setattr(Attempt, "part", lambda attempt, start: 1 / 0)
    dry_runs.work(clock=clock)
    run.refresh_from_db()

    assert (run.state, run.fault) == ("failed", "ZeroDivisionError")


def test_a_run_that_kills_its_worker_again_and_again_is_given_up(ask, now):
    run = ask()
    DryRun.objects.filter(pk=run.pk).update(tries=3, state="running", lease_until=now)
    dry_runs.work(clock=lambda: now)
    run.refresh_from_db()

    assert (run.state, run.fault) == ("failed", "Stopped")


def test_a_finished_run_cannot_be_cancelled(ask, clock, theo, now):
    run = ask()
    dry_runs.work(clock=clock)

    with pytest.raises(Refused, match="ended already: Done"):
        dry_runs.cancel(run, actor=theo, now=now)


def test_a_draft_edited_after_the_question_changes_no_answer(ask, clock, ball):
    run = ask()
    before = run.book
    ball.phases.get(position=1).items.get().ladder.levels.update(successes=9)
    run.refresh_from_db()

    assert run.book == before


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"numbers": {"stop_pain": 11}}, "stop_pain", "11: goes from 3 to 10."),
        ({"numbers": {"regress_pain": 8}}, "regress_pain", "8 is above “Pain that stops the exercise”, which is 7."),
        ({"numbers": {"bogus": 1}}, "bogus", "bogus is not a clinical number."),
        ({"weeks": 27}, "weeks", "27: goes from 1 to 26."),
        ({"each": 0}, "each", "0: goes from 1 to 20."),
        ({"version": None}, "version", "Choose the program"),
        ({"version": None, "kind": "histories"}, "version", "nothing to try"),
        ({"path": "nerve"}, "version", "no path “nerve”"),
    ],
)
def test_what_cannot_be_tried_is_refused_by_name(ask, given, field, words):
    with pytest.raises(Refused) as refusal:
        ask(**given)

    assert words in refusal.value.errors[field]


def test_a_fourth_run_has_to_wait_its_turn(ask):
    for _run in range(3):
        ask()

    with pytest.raises(Refused, match="Three dry runs are waiting"):
        ask()


def test_trainers_see_made_up_patients_and_never_histories(ask, dana, theo, olga, ravi):
    for kind in ("people", "histories"):
        ask(kind=kind)
    seen = {
        user: set(DryRun.objects.visible_to(user).values_list("kind", flat=True)) for user in (dana, theo, olga, ravi)
    }

    assert seen == {dana: {"people", "histories"}, theo: {"people"}, olga: set(), ravi: set()}


def test_a_run_is_forgotten_after_ninety_days(ask, clock, now):
    ask()
    dry_runs.work(clock=clock)

    assert dry_runs.forget_old(now=now + timedelta(days=89)) == 0
    assert dry_runs.forget_old(now=now + timedelta(days=91)) == 1
