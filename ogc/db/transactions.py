"""The one way to open a database transaction.

The outermost `transactional` call opens it, and runs the whole again (at most 3 times in all) when the
database gave up on it: deadlock, lock time-out, SQLite's busy. Inner calls join without a savepoint, so
whatever goes wrong inside undoes all of it: never catch a DomainError of an inner call and go on.
"""

import functools
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from ogc.errors import ServiceUnavailable

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

ATTEMPTS = 3
# MySQL: 1205 lock wait timeout, 1213 deadlock, 1020 record has changed since last read.
_RETRYABLE_CODES = {1205, 1213, 1020}

_depth: ContextVar[int] = ContextVar("ogc_transaction_depth", default=0)


def is_retryable(error: OperationalError) -> bool:
    """Whether the database gave up on this transaction for no fault of its statements."""
    return bool(error.args) and (error.args[0] in _RETRYABLE_CODES or "database is locked" in str(error))


def in_transaction() -> bool:
    """Whether a `transactional` call is open in this context."""
    return _depth.get() > 0


def run_in_transaction(func: Callable[[], R]) -> R:
    """Run `func` inside the transaction, opening and retrying it when there is none yet.

    Raises:
        ServiceUnavailable: the database gave up on each attempt.
    """
    if _depth.get():
        with transaction.atomic(savepoint=False):
            return func()
    for attempt in range(1, ATTEMPTS + 1):
        token = _depth.set(1)
        try:
            with transaction.atomic():
                return func()
        except OperationalError as error:
            if not is_retryable(error):
                raise
            if connection.needs_rollback:
                # Somebody else's transaction around us is lost too; only they could run it again.
                raise ServiceUnavailable(retry_after=1) from error
            log.warning(
                "transaction given up by the database", extra={"attempt": attempt, "error": str(error)}
            )
        finally:
            _depth.reset(token)
    raise ServiceUnavailable(retry_after=1)


def transactional(func: Callable[P, R]) -> Callable[P, R]:
    """Decorator form of `run_in_transaction`, for services."""

    @functools.wraps(func)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        return run_in_transaction(lambda: func(*args, **kwargs))

    return wrapper


def on_commit(func: Callable[[], object]) -> None:
    """Run `func` after the commit (at once outside a transaction); its errors are logged, never raised."""
    transaction.on_commit(func, robust=True)
