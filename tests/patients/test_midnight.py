"""A midnight that no worker has worked: what days off should ease is eased before the next session all the same."""

from datetime import date

import pytest

from patients import flagging, midnight, plan
from patients.court import Court
from patients.midnight import work_if_missed
from patients.models import Decision, PainFlag, Program, ProgramItem
from patients.program_items import locked_items
from patients.replays import judge_days
from tests.factories.programs import a_program
from tests.factories.story import Story


@pytest.fixture
def story(ana, library, now):
    """Two good days on the bridge's first level; the last midnight a worker has worked is the one after them."""
    story = Story.of(a_program(ana, library["BALL_PROGRESSION"], now=now))
    for day in (0, 2):
        story.trains(day, "BRG")
        story.answers(day + 1, pain=1)
    story.night(3)
    return story


def stands_at(item: ProgramItem) -> tuple[str, object, object, date]:
    return item.level.code, item.dose, item.state, item.level_since


def test_today_shows_the_lighter_dose_though_the_worker_was_away(story):
    row = next(row for row in plan.today(story.program, now=story.at(10, 8)).items if row.level_code == "BRG-2")

    assert row.dose.rom_pct == 75
    assert Decision.objects.get(rule_id="R-G03").local_date == story.at(10, 0).date()


def test_who_trains_before_the_worker_is_back_trains_on_the_lighter_dose(story):
    story.trains(10, "BRG")

    rules = list(story.item("BRG").decisions.order_by("sequence").values_list("rule_id", flat=True))
    assert rules[-2:] == ["R-G03", "R-X01"]  # eased first, then the session
    log = story.item("BRG").logs.get(session__local_date=story.at(10, 0).date())
    assert log.prescribed["rom_pct"] == 75
    story.night(10)
    assert Decision.objects.filter(rule_id="R-G03").count() == 1


def test_days_judged_again_find_the_same(story):
    story.trains(10, "BRG")
    story.answers(11, pain=1)
    program = Program.objects.select_related("patient__clinic").get(pk=story.program.pk)
    items = locked_items(program)
    item = next(one for one in items if one.pk == story.item("BRG").pk)
    before = stands_at(item)

    court = Court(program=program, items=items, actor=None, now=story.at(11, 20))
    court.rises = False
    court.read_history(since=story.started)
    judge_days(court, item, since=story.started, trigger=Decision.Trigger.LOG)

    assert stands_at(item) == before


def test_after_four_weeks_off_somebody_is_told_and_the_ladder_begins_again(story):
    story.trains(31, "BRG")

    assert story.level("BRG") == "BRG-1"
    flagging.assess_waiting_reports(now=story.at(31, 20))
    assert PainFlag.objects.get(group="adherence").events.filter(code="FL-GAP").exists()


def test_a_midnight_that_eases_nothing_waits_for_the_worker(story, django_assert_num_queries):
    items = list(ProgramItem.objects.filter(program=story.program).select_related("stopped_by"))
    with django_assert_num_queries(0):
        assert not work_if_missed(story.program, items, now=story.at(9, 8))


def test_a_midnight_is_worked_once_whoever_comes_first(story):
    story.night(9)
    plan.today(story.program, now=story.at(10, 8))  # read before the worker was back
    story.trains(10, "BRG")

    assert Decision.objects.filter(rule_id="R-G03").count() == 1


def test_a_midnight_that_fails_keeps_nobody_from_today_or_from_saving(story, monkeypatch):
    def fails(*_args, **_given):
        raise ValueError

    monkeypatch.setattr(midnight, "judge_gap", fails)
    assert plan.today(story.program, now=story.at(10, 8)).items
    assert story.trains(10, "BRG").is_new
    assert not Decision.objects.filter(rule_id="R-G03").exists()
