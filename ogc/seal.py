"""Secrets at rest and opaque tokens: AES-GCM under SECRETS_KEYS, and purpose-bound signatures.

Each purpose has a key of its own (HKDF-SHA256 with the purpose as info), so that a value made for one purpose
opens nowhere else. SECRETS_KEYS is a list: the first key seals, all of them open (rotation).
Sources: RFC 5869 (HKDF), NIST SP 800-38D (GCM).
"""

import base64
import hashlib
import hmac
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


class SealBroken(ValueError):
    """The bytes were not sealed for this purpose and context, or were changed."""


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose from a secret."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


@lru_cache(maxsize=256)
def _ciphers(purpose: str, keys: tuple[bytes, ...]) -> tuple[AESGCM, ...]:
    return tuple(AESGCM(derive_key(key, f"seal:{purpose}")) for key in keys)


@lru_cache(maxsize=256)
def _signing_key(purpose: str, key: bytes) -> bytes:
    return derive_key(key, f"sign:{purpose}")


def seal(purpose: str, plain: bytes, context: bytes = b"") -> bytes:
    """Encrypt for a purpose; `context` must be the same again to open."""
    nonce = os.urandom(NONCE_BYTES)
    cipher = _ciphers(purpose, tuple(settings.SECRETS_KEYS))[0]
    return nonce + cipher.encrypt(nonce, plain, context)


def unseal(purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
    """Open what `seal` made.

    Raises:
        SealBroken: made for another purpose or context, under unknown keys, or changed.
    """
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for cipher in _ciphers(purpose, tuple(settings.SECRETS_KEYS)):
        try:
            return cipher.decrypt(nonce, body, context)
        except (InvalidTag, ValueError):
            continue
    raise SealBroken(purpose)


def reseal(purpose: str, sealed: bytes, context: bytes = b"") -> bytes | None:
    """The same under the newest key, or None when it is sealed under that already. Raises: SealBroken."""
    try:
        _ciphers(purpose, tuple(settings.SECRETS_KEYS[:1]))[0].decrypt(
            sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context
        )
    except (InvalidTag, ValueError):
        return seal(purpose, unseal(purpose, sealed, context), context)
    return None


def _message(parts: tuple[str, ...]) -> bytes:
    # Each with its length: no two lists of parts are one text.
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)


def sign(purpose: str, *parts: str) -> str:
    """URL-safe HMAC-SHA256 of the parts, for one purpose."""
    message = _message(parts)
    digest = hmac.new(_signing_key(purpose, settings.SECRETS_KEYS[0]), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def signature_matches(purpose: str, signature: str, *parts: str) -> bool:
    """Whether `signature` is ours for these parts, compared in constant time, under any current key."""
    message = _message(parts)
    matches = False
    for key in settings.SECRETS_KEYS:
        digest = hmac.new(_signing_key(purpose, key), message, hashlib.sha256).digest()
        expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        matches |= hmac.compare_digest(expected.encode(), signature.encode())
    return matches
