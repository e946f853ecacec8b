"""A dead Redis slows nothing down and breaks no page."""

import socket
import time

import pytest
from django.core.cache.backends.base import BaseCache

from clinic.caching import ForgivingRedisCache
from clinic.settings.base import redis_cache


@pytest.fixture
def dead() -> BaseCache:
    """A cache whose Redis refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = redis_cache(f"redis://:secret@127.0.0.1:{port}/0")
    return ForgivingRedisCache(config["LOCATION"], config)


def test_the_settings_name_this_cache():
    assert redis_cache("redis://127.0.0.1")["BACKEND"] == "clinic.caching.ForgivingRedisCache"


def test_a_dead_redis_knows_nothing_and_keeps_nothing(dead):
    dead.set("a", 1)
    dead.set_many({"b": 2})
    found = (dead.get("a"), dead.get("a", 7), dead.get_many(["a", "b"]), dead.add("a", 1), dead.has_key("a"))
    assert (found, dead.delete("a"), dead.touch("a")) == ((None, 7, {}, False, False), False, False)


def test_what_could_not_be_deleted_is_gone_within_a_minute(dead):
    fortnight = 15 * 24 * 3600
    assert [dead.get_backend_timeout(asked) for asked in (fortnight, None, 30, 0)] == [60, 60, 30, 0]


def test_counting_on_a_dead_redis_is_counting_an_unknown_key(dead):
    with pytest.raises(ValueError, match="not found"):
        dead.incr("a")


def test_a_dead_redis_costs_next_to_no_time(dead):
    began = time.monotonic()
    for _ in range(5):
        dead.get("a")
    assert time.monotonic() - began < 1


def test_the_log_names_the_failure_and_not_the_password(dead, caplog):
    dead.get("a")
    assert ("cache: get failed" in caplog.text, "secret" in caplog.text) == (True, False)
