"""The keys of access tokens that this process knows: public halves to check with, one private half to sign.

A small table, read again each second; a token under a key that is not known yet reads it once more, at most
once a second, so that made-up key ids cost nothing.
Sources: RFC 8032 (Ed25519), RFC 8037 (OKP keys in JOSE), RFC 7638 (thumbprints).
"""

import base64
import hashlib
import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from accounts.constants import SIGNING_SLOT
from accounts.models import SigningKey
from ogc import clock, reader
from ogc.seal import SealBroken, seal, unseal

ALGORITHM = "EdDSA"
SEAL_PURPOSE = "accounts.signing-key"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key whose tokens are accepted; `x` is its public half as in a JWK."""

    kid: str
    x: str
    public: Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Signer:
    """The key that signs now."""

    kid: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class _Memory:
    """`by_head`: first part of a token → key; `signing`: id and sealed private half of the key that signs."""

    by_head: dict[str, KnownKey] = field(default_factory=dict)
    kids: frozenset[str] = frozenset()
    signing: tuple[str, bytes] | None = None
    compromised_at: datetime | None = None


_memory = _Memory()
_lock = threading.Lock()
_once_more = reader.OnceMore()


def load() -> None:
    """Read the keys. One at a time, so that an older read never replaces a newer one."""
    global _memory
    with _lock:
        _memory = _read()


def key_of_head(head: str) -> KnownKey | None:
    """The accepted key of a token whose first part this is, as it is written; no query for known keys."""
    known = _memory.by_head.get(head)
    if known is None and _once_more.may_read():
        load()
        known = _memory.by_head.get(head)
    return known


def is_accepted(kid: str) -> bool:
    """Whether tokens of this key are accepted, as far as this process knows; no query."""
    return kid in _memory.kids


def signer() -> Signer | None:
    """The key that signs now, or None when there is none yet.

    Raises:
        SealBroken: its private half was sealed under a key that is no longer in SECRETS_KEYS.
    """
    # What is read here for want of better is not kept: it may be of a transaction that does not commit.
    signing = _memory.signing or _read().signing
    return _opened(*signing) if signing else None


def probe() -> str:
    """For /readyz: "ok" when there is a key to sign with and it opens; no query once the keys are read."""
    try:
        return "ok" if signer() else "There is no signing key: run manage.py migrate."
    except SealBroken:
        return "The signing key does not open: is a key missing in SECRETS_KEYS?"


def compromised_at() -> datetime | None:
    """When a key was last declared compromised; whoever trusts a token for longer than a request looks."""
    return _memory.compromised_at


def jwks() -> dict[str, list[dict[str, str]]]:
    """The accepted keys as a JSON Web Key Set (RFC 7517), oldest first."""
    if not _memory.kids:
        load()
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": key.kid, "x": key.x, "alg": ALGORITHM, "use": "sig"}
            for key in _memory.by_head.values()
        ]
    }


def head_of(kid: str) -> str:
    """The first part of each token of a key: the only spelling that is accepted."""
    return _text(json.dumps({"alg": ALGORITHM, "kid": kid, "typ": "JWT"}, separators=(",", ":")).encode())


def key_new() -> SigningKey:
    """A new key, not yet saved, that would sign; its id can be typed as a command's argument."""
    private = Ed25519PrivateKey.generate()
    x = _text(private.public_key().public_bytes_raw())
    thumbprint = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"))
    kid = _text(hashlib.sha256(thumbprint.encode()).digest())
    if kid.startswith("-"):
        return key_new()
    sealed = seal(SEAL_PURPOSE, private.private_bytes_raw(), kid.encode())
    return SigningKey(kid=kid, public_key=x, private_sealed=sealed, signing_slot=SIGNING_SLOT)


def _read() -> _Memory:
    now = clock.now()
    by_head: dict[str, KnownKey] = {}
    signing, compromised = None, None
    for row in SigningKey.objects.order_by("pk"):
        if row.compromised_at is not None:
            compromised = max(compromised or row.compromised_at, row.compromised_at)
        elif row.accepted_until is None or row.accepted_until > now:
            by_head[head_of(row.kid)] = KnownKey(row.kid, row.public_key, _public(row.public_key))
        if row.signing_slot == SIGNING_SLOT:
            signing = (row.kid, bytes(row.private_sealed))
    return _Memory(by_head, frozenset(key.kid for key in by_head.values()), signing, compromised)


@lru_cache(maxsize=4)
def _opened(kid: str, sealed: bytes) -> Signer:
    return Signer(kid, Ed25519PrivateKey.from_private_bytes(unseal(SEAL_PURPOSE, sealed, kid.encode())))


@lru_cache(maxsize=64)
def _public(x: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(x + "="))


def _text(raw: Any) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
