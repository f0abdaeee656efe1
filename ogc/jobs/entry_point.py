"""What every job function is wrapped in."""

import functools
import logging
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import rq

from ogc import context, reader
from ogc.ids import uuid7

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger("ogc.job")


def job(func: Callable[P, R]) -> Callable[P, R]:
    """Entry point of background work: binds the correlation id, refreshes the clock, logs the outcome.

    The function takes row numbers and plain values, is idempotent, and leaves its state in the row.
    """

    @functools.wraps(func)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        current = rq.get_current_job()
        correlation_id = (current.meta.get("correlation_id") if current else "") or uuid7()
        with context.bind(correlation_id=context.current().correlation_id or correlation_id):
            reader.fresh()
            started = time.monotonic()
            try:
                result = func(*args, **kwargs)
            except Exception:
                log.exception("job failed", extra={"job": func.__qualname__, "args_": repr(args)[:200]})
                raise
            if current:
                log.info(
                    "job done",
                    extra={"job": func.__qualname__, "ms": round((time.monotonic() - started) * 1000, 1)},
                )
            return result

    return wrapper
