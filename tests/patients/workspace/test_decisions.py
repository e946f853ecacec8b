"""The page of one exercise's decisions: what is missing, why not, and who may read it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from patients import adjustments
from patients.models import Decision
from programs.models import LevelVersion
from tests.factories.programs import a_session, an_answer, as_planned, item_of, next_morning


@pytest.fixture
def item(program):
    return item_of(program, "BRG")


@pytest.fixture
def read_page(client_of, dana, ana, item):
    url = reverse("workspace:exercise_decisions", args=[ana.pk, item.pk])

    def read(person=dana, **query):
        return client_of(person).get(url, query)

    return read


def test_dana_reads_what_the_next_level_needs_with_its_figures(read_page):
    text = read_page().content.decode()
    assert "The way to BRG-2" in text
    assert "Clean days: 1 of 2 with this one" in text
    assert "R-A01" in text


def test_every_reason_against_a_day_is_there_not_only_the_first(read_page, program, item, now):
    a_session(program, as_planned(item, pain_after=4, form="partly"), now=now - timedelta(minutes=5))
    text = read_page().content.decode()
    assert "All that stood in the way" in text
    assert "<li>Pain during and after at most 2: 4</li>" in text
    assert "<li>Good form throughout</li>" in text


def test_the_limits_of_the_day_stand_beside_its_facts(read_page, program, item, now):
    a_session(program, as_planned(item), now=now - timedelta(minutes=5))
    text = read_page().content.decode()
    assert "<dt>Step back from pain</dt><dd>6</dd>" in text


def test_what_older_rules_decided_is_not_read_by_todays(read_page, program, item, now):
    a_session(program, as_planned(item, pain_after=4), now=now - timedelta(minutes=5))
    Decision.objects.update(ruleset="1-older")
    text = read_page().content.decode()
    assert "1-older, not today’s" in text
    assert "All that stood in the way" not in text


@pytest.mark.parametrize(("show", "shown"), [("", 2), ("hold", 1), ("person", 1), ("regress", 0), ("nonsense", 2)])
def test_decisions_are_shown_by_kind(read_page, program, item, dana, now, show, shown):
    a_session(program, as_planned(item), now=now - timedelta(minutes=5))
    level = LevelVersion.objects.get(ladder_version=item.ladder_version, position=2)
    adjustments.set_level(item_of(program, "BRG"), level.code, reason="Easy", lock=False, actor=dana, now=now)
    assert len(read_page(show=show).context["ledger"]) == shown


def test_an_ended_exercise_keeps_its_decisions_and_has_no_way_up(read_page, item, now):
    item.ended_on = now.date()
    item.save()
    assert read_page().context["way"] is None


def test_a_patient_of_another_clinic_is_not_found(read_page, olga):
    assert read_page(olga).status_code == 404


def test_the_desk_works_with_names_and_phones(read_page, ravi):
    assert read_page(ravi).status_code == 403


def test_the_page_costs_the_same_with_one_decision_and_three(client_of, dana, ana, program, item, now, queries_of):
    url = reverse("workspace:exercise_decisions", args=[ana.pk, item.pk])
    a_session(program, as_planned(item), now=now)
    one = queries_of(client_of(dana), url)
    an_answer(ana, now=next_morning(now))
    a_session(program, as_planned(item_of(program, "BRG")), now=next_morning(now))
    assert Decision.objects.filter(item=item).count() >= 3
    assert queries_of(client_of(dana), url) == one
