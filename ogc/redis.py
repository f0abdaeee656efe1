"""The process's own line to Redis: short time-outs, one connection a thread, no question asked twice.

Redis may be empty or away at any time; every caller has an answer for that. RQ keeps connections of its own.
"""

import os
import threading
import time
from typing import Any

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

PAUSE_SECONDS = 1.0

_local = threading.local()
_paused_until = 0.0


class Paused(redis.ConnectionError):
    """Nobody was asked: Redis was away a moment ago."""


class PausingClient(redis.Redis):
    """After a failure nobody in this process asks again for a while: a dead Redis costs one time-out."""

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """One command.

        Raises:
            redis.ConnectionError, redis.TimeoutError: Redis is away.
            Paused: it was, a moment ago.
        """
        if is_paused():
            raise Paused
        # The library's own way there spends as much again on retries, locks and telemetry that are off here.
        connection: Any = self.connection
        try:
            connection.send_command(*args)
            return self.parse_response(connection, args[0], **options)
        except redis.ResponseError:
            raise
        except BaseException as error:
            # An answer may still be on its way: the next command must not read it.
            connection.disconnect()
            if isinstance(error, (redis.ConnectionError, redis.TimeoutError)):
                pause()
            raise


def is_paused() -> bool:
    """Whether Redis was away a moment ago."""
    return time.monotonic() < _paused_until


def pause() -> None:
    """Leave Redis alone for a moment."""
    _set_pause(time.monotonic() + PAUSE_SECONDS)


def resume() -> None:
    """Ask again at once (tests)."""
    _set_pause(0.0)


def _set_pause(until: float) -> None:
    global _paused_until
    _paused_until = until


def client() -> redis.Redis:
    """The client of this thread (a new one after a fork).

    A client bound to one connection spends a third of the CPU that a pool spends on each command.
    """
    found = getattr(_local, "client", None)
    if found is None or _local.pid != os.getpid():
        found = PausingClient.from_url(
            settings.REDIS_URL,
            **settings.REDIS_TIMEOUTS,
            single_connection_client=True,
            # The library would try three times with seconds between; our callers go on without Redis.
            retry=Retry(NoBackoff(), 0),
            driver_info=None,
        )
        _local.client, _local.pid = found, os.getpid()
    return found
