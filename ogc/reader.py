"""The process-wide reader: small facts that every request needs and none may query for.

Each app registers a source: a function that reads what is new (revocations, policies, flags, plans, the
clock's offset) into memory of its own module. A process runs all of them before it serves, and a thread
with a connection of its own runs them again each second. When that thread falls behind (database slow,
thread dead), `fresh` reads in the request itself, so that a revocation is never older than two seconds
anywhere.
"""

import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0

_sources: dict[str, Callable[[], None]] = {}
_lock = threading.Lock()
_last_read = float("-inf")
_thread: threading.Thread | None = None


class OnceMore:
    """Lets one request a second read for itself what a client says is there and this process does not know.

    What was made a moment ago in another process is found so; what clients make up costs nothing.
    """

    def __init__(self) -> None:
        self._lock, self._read_at = threading.Lock(), float("-inf")

    def may_read(self) -> bool:
        """Whether this caller may, which then nobody else may for INTERVAL_SECONDS."""
        with self._lock:
            now = time.monotonic()
            may = now - self._read_at >= INTERVAL_SECONDS
            if may:
                self._read_at = now
            return may

    def forget(self) -> None:
        """As at process start."""
        self._read_at = float("-inf")


def register_source(name: str, load: Callable[[], None]) -> None:
    """Add a source; `load` must be quick, idempotent and safe to run from any thread, one at a time."""
    _sources[name] = load


def refresh() -> None:
    """Run every source now; on failure nothing counts as read and the error goes up."""
    with _lock:
        _read()


def _read() -> None:
    global _last_read
    started = time.monotonic()
    for load in _sources.values():
        load()
    _last_read = started


def age_seconds() -> float:
    """How old the last complete read of this process is."""
    return time.monotonic() - _last_read


def fresh() -> None:
    """Make sure that what this process knows is at most READER_MAX_AGE_SECONDS old."""
    if age_seconds() <= settings.READER_MAX_AGE_SECONDS:
        return
    with _lock:
        # Those who waited for another request's read need none of their own.
        if age_seconds() > settings.READER_MAX_AGE_SECONDS:
            _read()


def start() -> None:
    """Read everything, then keep reading each second in a daemon thread; once per process."""
    global _thread
    if _thread is None or not _thread.is_alive():
        _read_or_log()
        _thread = threading.Thread(target=_run, name="ogc-reader", daemon=True)
        _thread.start()


def _run() -> None:
    while True:
        time.sleep(INTERVAL_SECONDS)
        _read_or_log()


def _read_or_log() -> None:
    try:
        refresh()
    except Exception:
        # Whatever is wrong, the thread must live: requests read for themselves until it is over.
        log.exception("reader could not read")
        connection.close()
