"""The service tokens that this process knows: a small table, read again each second."""

import hashlib

from accounts.constants import SERVICE_ROLE
from accounts.models import ServiceToken
from ogc import clock
from ogc.actors import Actor
from ogc.errors import TokenExpired, TokenInvalid

_known: dict[str, tuple[Actor, float]] = {}


def token_hash(token: str) -> str:
    """What is stored of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def actor_of_token(token: str) -> Actor:
    """The service behind a token; one query for a token that this process does not know yet.

    Raises:
        TokenInvalid: unknown or revoked.
        TokenExpired: its time is over.
    """
    hashed = token_hash(token)
    known = _known.get(hashed)
    if known is None:
        row = ServiceToken.objects.filter(token_hash=hashed, revoked_at=None).first()
        if row is None:
            raise TokenInvalid
        known = _known[hashed] = _entry(row)
    actor, expires_at = known
    if expires_at <= clock.now().timestamp():
        raise TokenExpired
    return actor


def load() -> None:
    """Read all tokens that are not revoked or over."""
    global _known
    rows = ServiceToken.objects.filter(revoked_at=None, expires_at__gt=clock.now())
    _known = {row.token_hash: _entry(row) for row in rows}


def _entry(row: ServiceToken) -> tuple[Actor, float]:
    actor = Actor(
        kind="service",
        roles=frozenset({SERVICE_ROLE}),
        scopes=frozenset(row.scopes),
        token_id=row.public_id,
    )
    return actor, row.expires_at.timestamp()
