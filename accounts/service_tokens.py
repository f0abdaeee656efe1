"""The service tokens that this process knows: a small table, read again each second."""

import hashlib
import threading

from accounts.constants import SERVICE_ROLE
from accounts.models import ServiceToken
from ogc import clock, reader
from ogc.actors import Actor
from ogc.errors import TokenExpired, TokenInvalid

_known: dict[str, tuple[Actor, float]] = {}
_lock = threading.Lock()
_once_more = reader.OnceMore()


def token_hash(token: str) -> str:
    """What is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(token: str) -> Actor:
    """The service behind a token; no query for known tokens, and one a second at most for all others.

    Raises:
        TokenInvalid: unknown or revoked.
        TokenExpired: its time is over.
    """
    hashed = token_hash(token)
    known = _known.get(hashed)
    if known is None and _once_more.may_read():
        load()
        known = _known.get(hashed)
    if known is None:
        raise TokenInvalid
    actor, expires_at = known
    if expires_at <= clock.now().timestamp():
        raise TokenExpired
    return actor


def load() -> None:
    """Read all tokens that are not revoked or over; one at a time, so that no older read replaces a newer."""
    global _known
    with _lock:
        rows = ServiceToken.objects.filter(revoked_at=None, expires_at__gt=clock.now())
        _known = {row.token_hash: _entry(row) for row in rows}


def forget_all() -> None:
    """An empty memory, as at process start (tests)."""
    global _known
    _known = {}
    _once_more.forget()


def _entry(row: ServiceToken) -> tuple[Actor, float]:
    actor = Actor(
        kind="service",
        roles=frozenset({SERVICE_ROLE}),
        scopes=frozenset(row.scopes),
        token_id=row.public_id,
    )
    return actor, row.expires_at.timestamp()
