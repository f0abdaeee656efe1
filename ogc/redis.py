"""The process's own line to Redis: short time-outs, one connection a thread, no question asked twice.

Redis may be empty or away at any time; every caller has an answer for that. RQ keeps connections of its own.
"""

import os
import threading

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

_local = threading.local()


def client() -> redis.Redis:
    """The client of this thread (a new one after a fork).

    A client bound to one connection spends a third of the CPU that a pool spends on each command.
    """
    found = getattr(_local, "client", None)
    if found is None or _local.pid != os.getpid():
        found = redis.Redis.from_url(
            settings.REDIS_URL,
            **settings.REDIS_TIMEOUTS,
            single_connection_client=True,
            # The library would try three times with seconds between; our callers go on without Redis.
            retry=Retry(NoBackoff(), 0),
            driver_info=None,
        )
        _local.client, _local.pid = found, os.getpid()
    return found
