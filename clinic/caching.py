"""The cache in Redis, for which nothing may fail: a dead Redis is a cache that remembers nothing."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

LONGEST = 60  # seconds


def forgiving(method: Callable[..., Any], instead: Callable[..., Any]) -> Any:
    """`method` of the cache, or `instead` with the same arguments where Redis does not answer."""

    @wraps(method)
    def wrapped(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (RedisError, OSError) as error:
            # The type only: the message may hold the password of the address.
            logger.warning("cache: %s failed (%s)", method.__name__, type(error).__name__)
            return instead(*args, **kwargs)

    return wrapped


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def _default(key: str, default: Any = None, version: int | None = None) -> Any:
    return default


def _no(*args: Any, **kwargs: Any) -> bool:
    return False


def _none_found(*args: Any, **kwargs: Any) -> dict[str, Any]:
    return {}


def _kept_none(data: dict[str, Any], *args: Any, **kwargs: Any) -> list[str]:
    return list(data)  # the keys that were not kept


def _missing(key: str, *args: Any, **kwargs: Any) -> int:
    raise ValueError(f"Key {key!r} not found")  # what Django's caches say when they do not know a key


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, except that an unreachable Redis knows nothing and keeps nothing.

    Limits that must hold without it are kept in the database: this class makes pages answer, it limits nobody.
    Nothing is kept longer than a minute: a session that ended while Redis did not answer is still known to it after.
    """

    get = forgiving(RedisCache.get, _default)
    set = forgiving(RedisCache.set, _nothing)
    add = forgiving(RedisCache.add, _no)
    touch = forgiving(RedisCache.touch, _no)
    delete = forgiving(RedisCache.delete, _no)
    has_key = forgiving(RedisCache.has_key, _no)
    incr = forgiving(RedisCache.incr, _missing)
    get_many = forgiving(RedisCache.get_many, _none_found)
    set_many = forgiving(RedisCache.set_many, _kept_none)
    delete_many = forgiving(RedisCache.delete_many, _nothing)
    clear = forgiving(RedisCache.clear, _nothing)

    def get_backend_timeout(self, timeout: Any = DEFAULT_TIMEOUT) -> int:
        wanted = super().get_backend_timeout(timeout)
        return LONGEST if wanted is None else min(int(wanted), LONGEST)
