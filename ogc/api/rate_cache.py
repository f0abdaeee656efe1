"""Where django-ratelimit counts: Redis in one round trip, this process's memory while Redis is away."""

import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE_SECONDS = 1.0


class RateCache(RedisCache):
    """Counts with a bare INCR, which makes the key when it is not there; the first count sets its end.

    django-ratelimit first adds, then increments; answering "exists" to the first saves a round trip. While
    Redis fails, counts go on in memory and `is_local` says so.
    """

    _paused_until = 0.0

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("rates", {})
        self._timeout: float | None = None
        self.is_local = False

    def add(self, key: Any, value: Any, timeout: Any = None, version: Any = None) -> bool:
        """Remember the window's length for the count that follows."""
        self._timeout = timeout
        return False

    def incr(self, key: Any, delta: int = 1, version: Any = None) -> int:
        """Count one."""
        name = self.make_and_validate_key(key, version=version)
        if time.monotonic() >= RateCache._paused_until:
            try:
                client = self._cache.get_client(name, write=True)
                count = int(client.incr(name, delta))
                if count == delta and self._timeout is not None:
                    client.expire(name, int(self._timeout))
                self.is_local = False
                return count
            except RedisError:
                RateCache._paused_until = time.monotonic() + PAUSE_SECONDS
        self.is_local = True
        self._memory.add(name, 0, self._timeout)
        return self._memory.incr(name, delta)

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """The count so far."""
        try:
            return super().get(key, default, version)
        except RedisError:
            return self._memory.get(self.make_and_validate_key(key, version=version), default)
