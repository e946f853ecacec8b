"""Limits are polite: they never answer 500, and never swallow a warning sign."""

import pytest
from django.core.cache import caches

from patients.api.throttles import ReadThrottle, WriteThrottle
from patients.models import Hold


@pytest.fixture(autouse=True)
def two_a_minute(monkeypatch):
    for throttle in (ReadThrottle, WriteThrottle):
        monkeypatch.setattr(throttle, "THROTTLE_RATES", {"api-read": "2/min", "api-write": "2/min"})


def test_the_third_question_in_a_minute_waits(api, ana):
    browser = api(ana)
    answers = [browser.get("questions") for _try in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2].json()["errors"][0]["code"], answers[2].headers["Retry-After"]) == ("throttled", "60")


def test_reading_does_not_use_up_writing(api, ana, program):
    browser = api(ana)
    for _try in range(3):
        browser.get("questions")
    assert browser.post("pain_reports", {"pain": 3}).status_code == 201


def test_a_warning_sign_is_never_throttled(api, ana, program):
    browser = api(ana)
    answers = [browser.post("pain_reports", {"pain": 3}) for _try in range(3)]
    assert answers[2].status_code == 429
    assert browser.post("pain_reports", {"pain": 3, "red_flags": ["chest_pain"]}).status_code == 201
    assert Hold.objects.get().scope == "plan"


def test_a_dead_cache_limits_nobody(api, ana, monkeypatch, caplog):
    def dead(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr(type(caches["default"]), "get", dead)
    browser = api(ana)
    assert [browser.get("questions").status_code for _try in range(3)] == [200, 200, 200]
