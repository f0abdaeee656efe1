"""What this process knows of revoked access tokens, so that authentication needs no query.

Filled by the process-wide reader (`load`, once before serving and then each second) and, in the process
that revokes, right after the commit (`note`). Only what a living access token can still meet is kept.
Per user the row with the highest id wins: rows of one user are written under its lock, so their ids follow
the order of their commits.
"""

import threading
from datetime import datetime, timedelta
from math import inf

from django.conf import settings

from accounts.constants import RevocationKind
from accounts.models import Revocation
from ogc import clock
from ogc.errors import AccountDisabled, TokenExpired, TokenInvalid

READ_AGAIN_SECONDS = 60
"""Each read goes back this far before the last one that succeeded: rows become visible at commit, in another
order than they were written."""

_lock = threading.Lock()
_sessions: dict[str, float] = {}
_claims: dict[str, tuple[int, float]] = {}
_suspended: dict[str, tuple[float, int, float]] = {}
_loaded_at: datetime | None = None
_pruned_at = 0.0


def check(user_id: str, session_id: str, claims_version: int) -> None:
    """Let a token through that nothing revokes; no query, no lock.

    Raises:
        AccountDisabled: the user is suspended (wins over all others).
        TokenInvalid: the session has ended.
        TokenExpired: roles, plan or factors changed after the token was made: refresh it.
    """
    suspension = _suspended.get(user_id)
    if suspension is not None and suspension[0] > clock.now().timestamp():
        raise AccountDisabled
    if session_id in _sessions:
        raise TokenInvalid
    claims = _claims.get(user_id)
    if claims is not None and claims_version < claims[0]:
        raise TokenExpired


def note(rows: list[Revocation]) -> None:
    """Apply committed rows to the memory of this process; any order, any number of times."""
    with _lock:
        for row in rows:
            _note(row)


def load() -> None:
    """Read the rows that this process may not know yet, and forget those that no token can meet any more.

    The first read goes back for the whole life of an access token, the others to the last one that succeeded:
    a process may have lost the database for a while, or have been stopped.
    """
    global _loaded_at, _pruned_at
    now = clock.real_now()
    known = now - timedelta(seconds=settings.ACCESS_TOKEN_SECONDS)
    if _loaded_at is not None:
        known = max(known, min(_loaded_at, now))
    since = known - timedelta(seconds=READ_AGAIN_SECONDS)
    note(list(Revocation.objects.filter(valid_from__gte=since).order_by("pk")))
    _loaded_at = now
    if now.timestamp() - _pruned_at > READ_AGAIN_SECONDS:
        _pruned_at = now.timestamp()
        _prune(now)


def forget_all() -> None:
    """An empty memory, as at process start (tests)."""
    global _loaded_at, _pruned_at
    with _lock:
        _sessions.clear()
        _claims.clear()
        _suspended.clear()
        _loaded_at, _pruned_at = None, 0.0


def _note(row: Revocation) -> None:
    at = row.valid_from.timestamp()
    if row.kind == RevocationKind.SESSION:
        _sessions[row.subject] = at
    elif row.kind == RevocationKind.CLAIMS:
        known = _claims.get(row.subject)
        if known is None or known[0] < row.claims_version:
            _claims[row.subject] = (row.claims_version, at)
    else:
        known_row = _suspended.get(row.subject)
        if known_row is None or known_row[1] < row.pk:
            until = row.until.timestamp() if row.until else inf
            _suspended[row.subject] = (0.0 if row.kind == RevocationKind.REINSTATED else until, row.pk, at)


def _prune(now: datetime) -> None:
    oldest = now.timestamp() - settings.ACCESS_TOKEN_SECONDS - READ_AGAIN_SECONDS
    with _lock:
        for subject in [s for s, at in _sessions.items() if at < oldest]:
            del _sessions[subject]
        for subject in [s for s, (_, at) in _claims.items() if at < oldest]:
            del _claims[subject]
        for subject in [s for s, (_, _, at) in _suspended.items() if at < oldest]:
            del _suspended[subject]
