"""Ladders and templates out of use and back, and how many programs run on what."""

import pytest

from clinic.models import AuditEntry
from programs.models import Ladder, ProgramTemplate, ProgramVersion
from programs.publishing import draft_from
from programs.retiring import bring_back, take_out_of_use
from tests.factories.library import published_library
from tests.factories.programs import a_program
from tests.factories.versions import a_newer_version
from tests.programs.admin_pages import listing, page


@pytest.fixture
def ball(clinic, now) -> ProgramVersion:
    return published_library(clinic, now)["BALL_PROGRESSION"]


@pytest.fixture
def theos(client_of, theo):
    return client_of(theo)


def test_retiring_twice_is_once(ball, theo, now):
    ladder = Ladder.objects.get(code="BRG")

    take_out_of_use(take_out_of_use(ladder, actor=theo, now=now), actor=theo, now=now)

    assert ladder.retired_at == now
    assert AuditEntry.objects.filter(verb="retire_ladder", object_id=ladder.pk, actor=theo).count() == 1


def test_what_was_retired_comes_back(ball, theo, now):
    template = take_out_of_use(ball.template, actor=theo, now=now)

    bring_back(template, actor=theo, now=now)

    assert ProgramTemplate.objects.get(pk=template.pk).retired_at is None
    assert AuditEntry.objects.filter(verb="bring_back_programtemplate", object_id=template.pk).count() == 1


def test_the_page_says_what_then_happens_to_a_template(theos, ana, ball, now):
    a_program(ana, ball, now=now)

    answer = theos.get(page(ball.template, "retire")).content.decode()
    assert "1 program runs on it and goes on as it is." in answer
    theos.post(page(ball.template, "retire"))

    assert ProgramTemplate.objects.get(pk=ball.template_id).retired_at is not None
    assert "This template is retired" in theos.get(page(ball.template)).content.decode()


def test_the_page_names_the_drafts_that_use_a_ladder(theos, theo, ball, now):
    draft_from(ball, actor=theo, now=now)
    ladder = Ladder.objects.get(code="CRL")

    answer = theos.get(page(ladder, "retire")).content.decode()
    assert "These drafts use it and must do without: Ball progression, version 2." in answer

    theos.post(page(ladder, "retire"))
    assert "This ladder is retired" in theos.get(page(ladder)).content.decode()
    theos.post(page(ladder, "retire"))
    assert Ladder.objects.get(code="CRL").retired_at is None


def test_theo_sees_how_many_run_on_which_version_and_no_name(theos, ana, ball, now):
    a_program(ana, ball, now=now)
    newer = a_newer_version(ball)

    counts = dict(ProgramVersion.objects.filter(template=ball.template).with_running().values_list("number", "running"))
    assert counts == {1: 1, 2: 0}
    for address in (page(ball), page(ball, "retire"), page(newer.template), listing("programversion")):
        text = theos.get(address).content.decode()
        assert ana.identity.name not in text
    assert "1 program runs on it." in theos.get(page(ball, "retire")).content.decode()


def test_an_ended_program_runs_on_nothing(ana, ball, now):
    program = a_program(ana, ball, now=now)
    type(program).objects.filter(pk=program.pk).update(ended_on=now.date())

    found = ProgramVersion.objects.filter(pk=ball.pk).with_running()
    assert list(found.values("number", "running")) == [{"number": 1, "running": 0}]


def test_the_list_of_versions_takes_as_many_queries_for_one_as_for_three(theos, ball, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        theos.get(listing("programversion"))
    a_newer_version(a_newer_version(ball))
    with django_assert_max_num_queries(12):
        theos.get(listing("programversion"))


def test_two_versions_stand_side_by_side(theos, ball):
    newer = a_newer_version(ball, levels={"BRG-1": {"reps_low": 5, "reps_high": 8}})

    text = theos.get(page(newer, "compare")).content.decode()
    assert ("<del>2 × 8–15</del>" in text, "<ins>2 × 5–8</ins>" in text, "Pain policy" in text) == (True, True, False)
    assert "Pain policy" in theos.get(page(newer, "compare") + "?all=1").content.decode()
    older = theos.get(page(ball, "compare"), {"with": newer.pk}).content.decode()
    assert "<ins>2 × 8–15</ins>" in older


def test_an_only_version_has_nothing_beside_it(theos, ball):
    assert "no other version" in theos.get(page(ball, "compare")).content.decode()
