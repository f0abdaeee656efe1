"""Who sends a request: bearer tokens turned into an Actor without a query.

A token is verified once and then known by its hash until it expires; each request checks the revocations
and the keys that the process-wide reader keeps in memory. Service tokens are rows, kept in memory by the
same reader.
"""

import hashlib
import threading
from typing import Any

from accounts import revocations, service_tokens, signing_keys
from accounts.constants import SERVICE_TOKEN_PREFIX, TOKEN_MAX_LENGTH
from accounts.tokens import access_token_check
from ogc import clock, reader
from ogc.actors import Actor
from ogc.errors import TokenExpired, TokenInvalid

CACHE_MAX_TOKENS = 10_000
"""About 1 KiB each; the oldest entry makes room."""

_lock = threading.Lock()
_verified: dict[bytes, tuple[Actor, int, int, str]] = {}
"""Hash of a token → caller, expiry, version of the claims, key id."""


class BearerAuthentication:
    """DRF authentication class for `Authorization: Bearer <token>`."""

    def authenticate(self, request: Any) -> tuple[Actor, None] | None:
        """The caller, or None when the header is absent.

        Raises:
            TokenInvalid, TokenExpired, AccountDisabled: see `actor_of_header`.
        """
        header = request.META.get("HTTP_AUTHORIZATION")
        return None if header is None else (actor_of_header(header), None)

    def authenticate_header(self, request: Any) -> str:
        """The challenge of a 401 answer."""
        return "Bearer"


def actor_of_header(header: str) -> Actor:
    """The caller that an Authorization header names.

    Raises:
        TokenInvalid: no bearer token, not ours, under a key that is refused, or of a session that has ended.
        TokenExpired: its time is over, or roles, plan or factors have changed since.
        AccountDisabled: the user is suspended.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_MAX_LENGTH or not token.isascii():
        raise TokenInvalid
    reader.fresh()
    if token.startswith(SERVICE_TOKEN_PREFIX):
        return service_tokens.actor_of_token(token)
    key = hashlib.sha256(token.encode()).digest()
    actor, expires_at, claims_version, kid = _verified.get(key) or _verify(key, token)
    if not signing_keys.is_accepted(kid):
        _verified.pop(key, None)
        raise TokenInvalid
    if expires_at <= clock.now().timestamp():
        _verified.pop(key, None)
        raise TokenExpired
    revocations.check(actor.user_id or "", actor.session_id or "", claims_version)
    return actor


def trust_stamp() -> str:
    """Changes when a key is declared compromised: who trusts a token beyond one request compares it."""
    at = signing_keys.compromised_at()
    return at.isoformat() if at else ""


def forget_all() -> None:
    """An empty cache, as at process start (tests)."""
    _verified.clear()


def _verify(key: bytes, token: str) -> tuple[Actor, int, int, str]:
    claims = access_token_check(token)
    actor = Actor(
        kind="user",
        user_id=claims.user_id,
        roles=claims.roles,
        scopes=claims.scopes,
        plan=claims.plan,
        session_id=claims.session_id,
    )
    entry = (actor, claims.expires_at, claims.claims_version, claims.kid)
    with _lock:
        while len(_verified) >= CACHE_MAX_TOKENS:
            del _verified[next(iter(_verified))]
        _verified[key] = entry
    return entry
