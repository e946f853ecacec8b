"""The page of gates: who, when and how, what each unlocks, and going on without one."""

import pytest
from django.urls import reverse

from patients.models import GateRecord
from programs.models import Gate
from tests.factories.programs import an_episode


@pytest.fixture
def episode(ana, library, now):
    return an_episode(ana, now=now)


@pytest.fixture
def at(ana, episode):
    def url(name, code=""):
        ids = [Gate.objects.get(code=code).pk] if code else []
        return reverse(f"workspace:{name}", args=[ana.pk, episode.pk, *ids])

    return url


def test_a_gate_seen_on_video_says_so_and_what_it_opens(client_of, dana, at):
    client_of(dana).post(at("gate_record", "bw_squat_30_perfect"), {"how": "video"})
    text = client_of(dana).get(at("gates")).content.decode()

    assert "Dana Reed · seen on video" in text
    assert "unlocks SQT-5 loaded squat" in text


def test_the_part_of_a_therapist_waits_for_the_log(client_of, dana, at):
    client_of(dana).post(at("gate_record", "sld_30_each_slow"))
    assert "waits for a logged session" in client_of(dana).get(at("gates")).content.decode()


def test_a_gate_that_only_a_log_sets_has_no_button_and_refuses_the_press(client_of, dana, at, flashes):
    url = at("gate_record", "curl_30_both_legs")
    page = client_of(dana)
    assert url not in page.get(at("gates")).content.decode()

    assert flashes(page.post(url)) == ["“About 30 controlled two-leg reps” is recorded by the patient's log."]
    assert not GateRecord.objects.filter(code="curl_30_both_legs").exists()


def test_going_on_without_a_gate_keeps_what_was_typed_until_it_is_whole(client_of, dana, at):
    url = at("gate_without", "curl_full_range")
    text = client_of(dana).post(url, {"reason": "Short legs", "review_on": ""}).content.decode()
    assert 'value="Short legs"' in text

    client_of(dana).post(url, {"reason": "Short legs", "review_on": "2999-01-01"})
    text = client_of(dana).get(at("gates")).content.decode()
    assert "Dana Reed · exception · Short legs · look again on 1 January 2999" in text


def test_what_was_taken_back_stays_on_the_page(client_of, dana, at):
    client_of(dana).post(at("gate_record", "nerve_glide_cleared"))
    client_of(dana).post(at("gate_revoke", "nerve_glide_cleared"))

    assert "taken back by Dana Reed" in client_of(dana).get(at("gates")).content.decode()


def test_the_page_costs_as_much_with_three_records_as_with_one(client_of, dana, at, queries_of):
    client_of(dana).post(at("gate_record", "nerve_glide_cleared"))
    one = queries_of(client_of(dana), at("gates"))
    for code in ("hinge_3_points", "bw_squat_30_perfect"):
        client_of(dana).post(at("gate_record", code))

    assert queries_of(client_of(dana), at("gates")) == one
