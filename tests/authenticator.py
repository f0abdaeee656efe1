"""An authenticator in software: makes what browsers and security keys send, right or wrong on purpose.

It answers options as `navigator.credentials.create()` and `.get()` would, with real keys and signatures;
every part can be replaced to see it refused.
"""

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def b64(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def client_data(kind: str, challenge: str, origin: str, **more: Any) -> bytes:
    """What the browser vouches for."""
    fields = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(fields | more).encode()


@dataclass
class Authenticator:
    """One authenticator with one key for each credential that it makes; `counts` False: no counter, as synced
    passkeys."""

    algorithm: int = ES256.ALGORITHM
    origin: str = "http://localhost:8000"
    counts: bool = True
    backup: int = 0
    keys: dict[str, Any] = field(default_factory=dict)
    handles: dict[str, bytes] = field(default_factory=dict)
    counter: int = 0

    def register(
        self,
        options: dict[str, Any],
        *,
        rp_id: str | None = None,
        flags: int = UP | UV,
        credential_id: bytes | None = None,
        cose: dict[int, Any] | None = None,
        **client: Any,
    ) -> dict[str, Any]:
        """The answer to creation options, as `PublicKeyCredential.toJSON()` gives it."""
        raw_id = credential_id or os.urandom(32)
        key = _new_key(self.algorithm)
        self.keys[b64(raw_id)], self.handles[b64(raw_id)] = key, unb64(options["user"]["id"])
        public = cbor.encode(cose if cose is not None else dict(_cose(self.algorithm, key)))
        held = bytes(16) + struct.pack(">H", len(raw_id)) + raw_id + public
        data = self._data(rp_id or options["rp"]["id"], flags | AT) + held
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        fields = {"kind": "webauthn.create", "challenge": options["challenge"], "origin": self.origin}
        return {
            "id": b64(raw_id),
            "rawId": b64(raw_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(client_data(**(fields | client))),
                "attestationObject": b64(attestation),
                "authenticatorData": b64(data),
                "transports": ["internal", "hybrid"],
                "publicKeyAlgorithm": self.algorithm,
            },
        }

    def sign(
        self,
        options: dict[str, Any],
        *,
        rp_id: str | None = None,
        flags: int = UP | UV,
        credential_id: str | None = None,
        with_handle: bool = True,
        **client: Any,
    ) -> dict[str, Any]:
        """The answer to request options, with the newest credential unless one is named."""
        raw_id = credential_id or next(reversed(self.keys))
        data = self._data(rp_id or options["rpId"], flags)
        fields = {"kind": "webauthn.get", "challenge": options["challenge"], "origin": self.origin}
        said = client_data(**(fields | client))
        signature = _sign(self.keys[raw_id], data + hashlib.sha256(said).digest())
        handle = {"userHandle": b64(self.handles[raw_id])} if with_handle else {}
        return {
            "id": raw_id,
            "rawId": raw_id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": b64(said),
                "authenticatorData": b64(data),
                "signature": b64(signature),
            }
            | handle,
        }

    def _data(self, rp_id: str, flags: int) -> bytes:
        self.counter += self.counts
        return hashlib.sha256(rp_id.encode()).digest() + struct.pack(">BI", flags | self.backup, self.counter)


def _new_key(algorithm: int) -> Any:
    if algorithm == EdDSA.ALGORITHM:
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == RS256.ALGORITHM:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _cose(algorithm: int, key: Any) -> CoseKey:
    kinds = {EdDSA.ALGORITHM: EdDSA, RS256.ALGORITHM: RS256}
    return kinds.get(algorithm, ES256).from_cryptography_key(key.public_key())


def _sign(key: Any, message: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(message, ec.ECDSA(hashes.SHA256()))
