"""Putting work into Redis, as well as it goes: nothing depends on it, the sweeper finds what got lost."""

import logging
from collections.abc import Callable
from typing import Any

import django_rq
from redis.exceptions import RedisError
from rq.exceptions import DuplicateJobError

from ogc import context, redis
from ogc.db.transactions import on_commit
from ogc.health.counters import ENQUEUE_FAILURES

log = logging.getLogger(__name__)

POKE_SECONDS = 5


def path_of(func: Callable[..., Any] | str) -> str:
    """Dotted path of a job function."""
    return func if isinstance(func, str) else f"{func.__module__}.{func.__qualname__}"


def enqueue(
    func: Callable[..., Any] | str, *args: Any, queue: str = "default", key: str | None = None
) -> None:
    """Ask for a job after the commit of the current transaction (at once outside one).

    Args:
        func: a job of some `jobs.py`, or its dotted path.
        args: row numbers and plain values only.
        key: the job's id; carries the attempt ("delivery-42-a3"), so that another try is another job.
    """
    correlation_id = context.current().correlation_id
    on_commit(lambda: _push(path_of(func), args, queue, key, correlation_id))


def poke(name: str, func: Callable[..., Any] | str, *, queue: str = "default") -> None:
    """Ask, at once, for a job that takes whatever is due; asks while one already waits are dropped.

    The job calls `poke_answered(name)` before it looks for work, so that nothing written later is missed.
    """
    try:
        if redis.client().set(_poke_key(name), "1", nx=True, ex=POKE_SECONDS):
            _push(path_of(func), (), queue, None, context.current().correlation_id)
    except RedisError as error:
        _failed(name, error)


def poke_answered(name: str) -> None:
    """Let the next `poke` of this name through."""
    try:
        redis.client().delete(_poke_key(name))
    except RedisError as error:
        _failed(name, error)


def _poke_key(name: str) -> str:
    return f"ogc:poke:{name}"


def _push(path: str, args: tuple[Any, ...], queue: str, key: str | None, correlation_id: str) -> None:
    # "auto": now. Left to its own, django-rq waits for the commit again and raises there what went wrong.
    if redis.is_paused():
        ENQUEUE_FAILURES.inc()
        return
    try:
        django_rq.get_queue(queue, commit_mode="auto", connection=redis.client()).enqueue_call(
            path,
            args=args,
            job_id=key,
            meta={"correlation_id": correlation_id},
            result_ttl=60,
            failure_ttl=86400,
        )
    except DuplicateJobError:
        return
    except RedisError as error:
        _failed(path, error)


def _failed(what: str, error: Exception) -> None:
    ENQUEUE_FAILURES.inc()
    if isinstance(error, redis.Paused):
        return
    redis.pause()
    log.warning("could not enqueue", extra={"job": what, "error": repr(error)})
