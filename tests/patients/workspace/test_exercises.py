"""Adjusting a running program: every change with its reason, every refusal at its field."""

from datetime import timedelta

import pytest
from django.urls import reverse

from patients.models import Decision, Hold
from tests.factories.programs import item_of


@pytest.fixture
def item(program):
    return item_of(program, "BRG")


@pytest.fixture
def post(client_of, dana, ana, item):
    def send(name, **data):
        return client_of(dana).post(reverse(f"workspace:exercise_{name}", args=[ana.pk, item.pk]), data)

    return send


def test_a_level_set_by_dana_is_a_row_with_her_reason(post, item, dana):
    post("level", level="BRG-3", reason="Did it in the clinic")
    item.refresh_from_db()
    row = Decision.objects.get()
    assert item.level.code == "BRG-3"
    assert (row.actor, row.reason, row.level_from, row.level_to) == (dana, "Did it in the clinic", "BRG-1", "BRG-3")


def test_a_level_without_a_reason_is_not_set(post, item):
    text = post("level", level="BRG-3", reason="").content.decode()
    item.refresh_from_db()
    assert "Please look at this again" in text
    assert item.level.code == "BRG-1"


def test_a_level_may_be_locked_and_unlocked(post, item, now):
    post("level", level="BRG-2", reason="Keep it easy", lock="on")
    item.refresh_from_db()
    assert (item.override, item.override_review_on) == ("lock", (now + timedelta(days=14)).date())
    post("unlock")
    item.refresh_from_db()
    assert item.override == ""


def test_only_the_numbers_that_differ_are_changed(post, item):
    numbers = {name: value for name, value in item.dose.items() if value is not None and name != "load_grams"}
    post("dose", **(numbers | {"sets": 4}), reason="Strong enough")
    changed = {name: value for name, value in numbers.items() if name != "sets"}
    item.refresh_from_db()
    assert item.dose["sets"] == 4
    assert {name: item.dose[name] for name in changed} == changed


def test_twenty_one_sets_are_refused_with_the_bound(post, item):
    numbers = {name: value for name, value in item.dose.items() if value is not None}
    text = post("dose", **(numbers | {"sets": 21}), reason="More").content.decode()
    assert "“Sets” 21: goes from 1 to 20." in text


def test_the_side_and_the_limits_are_the_patients_own(post, item):
    post("side", side="right")
    post("limits", stop_at="8", reason="Lives with 6")
    item.refresh_from_db()
    assert (item.side, item.limits) == ("right", {"stop_at": 8})


def test_a_limit_out_of_bounds_is_said_at_its_field(post):
    assert "this limit goes from 0 to 5" in post("limits", advance_max="7", reason="x").content.decode()


def test_a_hold_by_hand_is_lifted_with_an_effect(client_of, dana, ana, post, item):
    post("hold", scope="item", reason="Waits for the scan")
    hold = Hold.objects.get()
    client_of(dana).post(reverse("workspace:hold_release", args=[ana.pk, hold.pk]), {"effect": "resume"})
    item.refresh_from_db()
    assert item.stopped_by is None


def test_a_pause_and_its_end(client_of, dana, ana, program):
    client_of(dana).post(reverse("workspace:pause", args=[ana.pk]), {"reason": "Holiday"})
    program.refresh_from_db()
    assert program.paused_reason == "Holiday"
    client_of(dana).post(reverse("workspace:unpause", args=[ana.pk]))
    program.refresh_from_db()
    assert program.paused_until is None


def test_a_phase_that_lacks_more_than_a_word_stays(client_of, dana, ana, program, flashes):
    answer = client_of(dana).post(reverse("workspace:phase_sign_off", args=[ana.pk]))
    assert flashes(answer) == ["The phase cannot be left yet. Still missing: level BRG-5 is reached."]


def test_the_page_of_an_exercise_has_every_form(client_of, dana, ana, item):
    text = client_of(dana).get(reverse("workspace:exercise", args=[ana.pk, item.pk])).content.decode()
    names = ("level", "dose", "side", "limits", "lock", "hold")
    urls = [reverse(f"workspace:exercise_{name}", args=[ana.pk, item.pk]) for name in names]
    assert [url for url in urls if f'action="{url}"' not in text] == []


def test_ravi_adjusts_nothing(client_of, ravi, ana, item):
    url = reverse("workspace:exercise_level", args=[ana.pk, item.pk])
    assert client_of(ravi).post(url, {"level": "BRG-3", "reason": "x"}).status_code == 403


def test_a_step_back_that_would_come_after_the_stop_is_refused_and_what_was_typed_stays(post, item):
    text = post("limits", regress_at="9", stop_at="6", reason="x").content.decode()
    assert "must not come later than the stop" in text
    assert 'value="9"' in text
    item.refresh_from_db()
    assert item.limits == {}
