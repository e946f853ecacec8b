"""The pages on which somebody asks for a dry run, watches it, and reads what came of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from patients import dry_runs
from patients.models import DryRun
from patients.simulation.attempt import Attempt
from programs.publishing import draft_from
from tests.factories.people import make_patient
from tests.factories.programs import a_program, a_session, as_planned, item_of

NEW = reverse("workspace:dry_run_new")
ALL = reverse("workspace:dry_runs")


@pytest.fixture
def ball(library):
    return library["BALL_PROGRESSION"]


@pytest.fixture
def ask(clinic, ball, theo, now):
    def ask(**given):
        values = {"kind": "people", "version": ball, "numbers": {}, "weeks": 1, "each": 1}
        return dry_runs.ask(clinic, **(values | given), actor=theo, now=now)

    return ask


@pytest.fixture
def done(ask, now):
    """`done(**given)`: a run that has been worked off."""

    def done(**given):
        run = ask(**given)
        dry_runs.work(clock=lambda: now)
        return run

    return done


@pytest.fixture
def hurting(program, now):
    """Ana, whose ball bridge is stopped for a pain of 7."""
    item = item_of(program, "BRG")
    a_session(program, as_planned(item, pain_during=7, pain_after=6), now=now)
    return program


def page_of(client, run):
    return client.get(reverse("workspace:dry_run", args=[run.pk])).content.decode()


def form(version=None, **given):
    return {"kind": "people", "version": str(version.pk) if version else "", "weeks": "1", "each": "1"} | given


def test_theo_asks_and_the_answer_is_a_comparison(client_of, theo, ball, now):
    answer = client_of(theo).post(NEW, form(ball, advance_pain_max="0"))
    run = DryRun.objects.get()
    waiting = page_of(client_of(theo), run)
    dry_runs.work(clock=lambda: now)
    result = page_of(client_of(theo), run)

    assert answer.url == reverse("workspace:dry_run", args=[run.pk])
    assert run.numbers == {"advance_pain_max": 0}
    assert "0 of 5 people" in waiting and "every 2s" in waiting
    assert "every 2s" not in result
    assert "Most pain to move on with" in result and "0, today 2" in result
    assert "Moved up at least once:" in result
    assert all(words in result for words in ("Steady", "Flaring", "Forgetful", "Eager", "One-sided", "Everybody"))


def test_a_number_as_it_is_is_no_change(client_of, theo, ball):
    client_of(theo).post(NEW, form(ball, stop_pain="7"))
    assert DryRun.objects.get().numbers == {}


def test_a_published_program_alone_is_shown_without_a_comparison(client_of, theo, done):
    result = page_of(client_of(theo), done())
    assert "As tried" in result
    assert "→" not in result and "rules and program" not in result


def test_a_broken_number_is_refused_at_its_field_and_the_others_stay(client_of, theo, ball):
    text = client_of(theo).post(NEW, form(ball, stop_pain="11", jump="4")).content.decode()

    assert "11: goes from 3 to 10." in text
    assert 'name="jump" value="4"' in text
    assert '<details class="sheet" open>' in text
    assert not DryRun.objects.exists()


def test_a_made_up_run_without_a_program_is_refused_at_the_program(client_of, theo, ball):
    text = client_of(theo).post(NEW, form(jump="4")).content.decode()
    assert "Choose the program that the made-up patients get." in text


def test_the_way_from_the_library_has_the_draft_chosen(client_of, theo, ball, now):
    draft = draft_from(ball, actor=theo, now=now)
    text = client_of(theo).get(NEW, {"version": str(draft.pk)}).content.decode()

    assert f'<option value="{draft.pk}" selected>' in text
    published = client_of(theo).get(reverse("admin:programs_programversion_publish", args=[draft.pk]))
    assert f"{NEW}?version={draft.pk}" in published.content.decode()


def test_a_program_with_ways_is_offered_once_for_each(client_of, theo, library):
    nerve = next(one for one in library.values() if one.paths)
    text = client_of(theo).get(NEW, {"version": str(nerve.pk)}).content.decode()

    assert [path for path in nerve.paths if f'value="{nerve.pk}:{path}"' not in text] == []
    assert f'value="{nerve.pk}:{next(iter(nerve.paths))}" selected' in text


def test_a_way_through_a_program_is_tried(client_of, theo, library):
    nerve = next(one for one in library.values() if one.paths)
    path = list(nerve.paths)[-1]
    client_of(theo).post(NEW, form(nerve) | {"version": f"{nerve.pk}:{path}"})
    assert DryRun.objects.get().path == path


def test_a_trainer_is_not_offered_histories_and_cannot_ask_for_them(client_of, theo, dana, ball):
    shown = client_of(theo).get(NEW).content.decode()
    answer = client_of(theo).post(NEW, form(ball, kind="histories", jump="4"))

    assert "own histories" not in shown
    assert "own histories" in client_of(dana).get(NEW).content.decode()
    assert "“histories” is not one of the choices" in answer.content.decode()


def test_a_trainer_meets_no_link_to_a_patient_page(client_of, theo, ball):
    text = client_of(theo).get(ALL).content.decode()
    assert "/staff/banners/" not in text and "/staff/find/" not in text


def test_histories_name_who_would_have_been_held_and_lead_to_them(client_of, dana, ana, hurting, done):
    run = done(kind="histories", version=None, numbers={"stop_pain": 8, "severe_pain": 9, "stop_pain_cap": 9})
    text = page_of(client_of(dana), run)

    assert "Ana Silva" in text and reverse("workspace:patient", args=[ana.pk]) in text
    words = " ".join(text.split())
    assert "Stepped back instead: 1 patient" in words
    assert "BRG-1" in words and "more level" not in words
    assert AuditEntry.objects.filter(verb="read", object_id=run.pk, actor=dana).exists()


def test_a_trainer_gets_no_page_of_histories(client_of, theo, hurting, done):
    run = done(kind="histories", version=None, numbers={"stop_pain": 8})
    assert client_of(theo).get(reverse("workspace:dry_run", args=[run.pk])).status_code == 404


def test_who_is_no_longer_seen_is_counted_and_not_named(client_of, dana, ana, hurting, done, other_clinic):
    run = done(kind="histories", version=None, numbers={"stop_pain": 8, "severe_pain": 9, "stop_pain_cap": 9})
    ana.__class__.objects.filter(pk=ana.pk).update(clinic=other_clinic)
    text = page_of(client_of(dana), run)

    assert "Ana Silva" not in text
    assert "would have been another, for 1 of 1 people." in text


def test_a_run_is_cancelled_by_its_button(client_of, theo, ask):
    run = ask()
    client_of(theo).post(reverse("workspace:dry_run_cancel", args=[run.pk]))
    assert "0 of 5" in page_of(client_of(theo), run)
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_what_has_ended_is_not_cancelled_again(client_of, theo, done, flashes):
    answer = client_of(theo).post(reverse("workspace:dry_run_cancel", args=[done().pk]))
    assert flashes(answer) == ["This dry run has ended already: Done."]


def test_a_failure_is_said_plainly(client_of, theo, ask, now, monkeypatch):
    run = ask()
    monkeypatch.setattr(Attempt, "part", lambda attempt, start: 1 / 0)
    dry_runs.work(clock=lambda: now)
    text = page_of(client_of(theo), run)

    assert "This dry run failed" in text and "ZeroDivisionError" in text
    assert "Nothing has changed for any patient." in text


def test_a_run_nobody_takes_says_so_after_a_minute(client_of, theo, ask, clock, now):
    run = ask()
    soon = page_of(client_of(theo), run)
    clock(now + timedelta(seconds=61))

    assert "No worker has taken it" not in soon
    assert "No worker has taken it for more than a minute." in page_of(client_of(theo), run)


def test_the_list_says_what_was_tried_and_looks_again_while_one_runs(client_of, theo, done, ask):
    done(numbers={"jump": 4})
    ended = client_of(theo).get(ALL).content.decode()
    ask()

    assert "1 number changed" in ended and "every 5s" not in ended
    assert "every 5s" in client_of(theo).get(ALL).content.decode()


def test_an_empty_list_says_what_to_do(client_of, dana):
    assert "No dry run yet" in client_of(dana).get(ALL).content.decode()


def test_three_runs_cost_what_one_costs(client_of, dana, ask, queries_of):
    ask()
    first = queries_of(client_of(dana), ALL)
    ask()
    ask()
    assert queries_of(client_of(dana), ALL) == first


def test_a_result_costs_the_same_for_three_patients(client_of, dana, clinic, library, done, queries_of, now):
    costs = []
    for names in (["Bo"], ["Cy", "Di"]):
        for name in names:
            program = a_program(make_patient(clinic, name, owner=dana), library["BALL_PROGRESSION"], now=now)
            a_session(program, as_planned(item_of(program, "BRG"), pain_during=7, pain_after=6), now=now)
        run = done(kind="histories", version=None, numbers={"stop_pain": 8, "severe_pain": 9, "stop_pain_cap": 9})
        costs.append(queries_of(client_of(dana), reverse("workspace:dry_run", args=[run.pk])))
    assert costs[0] == costs[1]
