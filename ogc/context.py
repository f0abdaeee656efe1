"""Who is asking, and which chain of work this belongs to: one context per request or job.

The correlation id starts as the id of the request and goes on through events, jobs and chain rows, so that
one search in the logs shows the whole story of one wish.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RequestContext:
    """`ip` and `user_agent` are empty outside requests."""

    request_id: str = ""
    correlation_id: str = ""
    ip: str = ""
    user_agent: str = ""


_EMPTY = RequestContext()
_current: ContextVar[RequestContext] = ContextVar("ogc_request_context", default=_EMPTY)


def current() -> RequestContext:
    """The context of this request or job; empty outside both."""
    return _current.get()


def enter(context: RequestContext) -> object:
    """Make `context` current; give the returned token to `leave`."""
    return _current.set(context)


def leave(token: object) -> None:
    """Undo `enter`."""
    _current.reset(token)  # type: ignore[arg-type]


@contextmanager
def bind(*, correlation_id: str) -> Iterator[None]:
    """Work under another correlation id, keeping the rest of the context."""
    token = _current.set(replace(_current.get(), correlation_id=correlation_id))
    try:
        yield
    finally:
        _current.reset(token)
