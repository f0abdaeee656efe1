"""Where django-ratelimit counts: Redis in one round trip, this process's memory while Redis is away."""

from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError

from ogc import redis


class RateCache(BaseCache):
    """The three calls that django-ratelimit makes (add, incr, get); one instance a thread.

    It adds before it increments. Here `add` only remembers the window's length and answers "exists"; a bare
    INCR makes the key, and the first count sets its end. `is_local` tells that the last count was of this
    process only.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._memory = LocMemCache("rates", {})
        self._timeout: float | None = None
        self.is_local = False

    def add(self, key: Any, value: Any, timeout: Any = None, version: Any = None) -> bool:
        """Remember the window's length for the count that follows."""
        self._timeout = timeout
        return False

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Count one."""
        name = self.make_key(key, version=version)
        try:
            count = int(redis.client().incrby(name, delta))
            if count == delta and self._timeout is not None:
                redis.client().expire(name, int(self._timeout))
            self.is_local = False
            return count
        except RedisError:
            self.is_local = True
        self._memory.add(name, 0, self._timeout)
        return self._memory.incr(name, delta)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """The count so far."""
        name = self.make_key(key, version=version)
        try:
            found = redis.client().get(name)
        except RedisError:
            return self._memory.get(name, default)
        return default if found is None else int(found)

    def clear(self) -> None:
        """Forget every count (tests)."""
        self._memory.clear()
        redis.resume()
        for name in redis.client().scan_iter(f"{self.key_prefix}:*"):
            redis.client().delete(name)
