"""What passkeys say: options for browsers, and answers of authenticators checked with the library fido2.

No rows and no clock here; `services.passkey_proofs` keeps challenges and credentials. All that comes from
outside is bounded and typed before the library sees it, which takes bytes for what they claim to be (a
challenge that is a number would be that many bytes of memory).
Source: Web Authentication Level 3, sections 7.1 and 7.2.
"""

import base64
import binascii
import hashlib
import json
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicNumbers
from django.conf import settings
from fido2 import cbor
from fido2.cose import ES256, RS256, CoseKey, EdDSA
from fido2.server import Fido2Server
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.constants import CEREMONY_SECONDS, PASSKEY_TRANSPORTS

RP_NAME = "OGC NewFinity"
CHALLENGE_BYTES = 32
CLIENT_DATA_MAX_BYTES = 4096
ATTESTATION_MAX_BYTES = 16_384
"""Attestation is not asked for; some authenticators send certificates nevertheless."""
AUTHENTICATOR_DATA_MAX_BYTES = 4096
SIGNATURE_MAX_BYTES = 1024
CREDENTIAL_ID_MIN_BYTES, CREDENTIAL_ID_MAX_BYTES = 16, 1023
USER_HANDLE_MAX_BYTES = 64
RSA_MODULUS_BYTES = range(256, 513)
RSA_EXPONENT = b"\x01\x00\x01"
ALGORITHMS = (EdDSA.ALGORITHM, ES256.ALGORITHM, RS256.ALGORITHM)

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_HOSTILE = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RecursionError,
    struct.error, UnsupportedAlgorithm,
)  # fmt: skip
"""What the library raises at bytes that are not what they claim to be."""


class Refused(Exception):
    """An answer that proves nothing; `code` says why, for audit and for who registers."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential that an authenticator made for us; `public_key` is COSE."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    is_backup_eligible: bool
    is_backed_up: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authenticator sent, of the right shape and otherwise unchecked."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None
    body: dict[str, Any]
    transports: list[str]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a checked assertion says of its authenticator."""

    sign_count: int
    is_backup_eligible: bool
    is_backed_up: bool


def credential_hash(credential_id: bytes) -> str:
    """What credentials are found by."""
    return hashlib.sha256(credential_id).hexdigest()


def user_handle(public_id: str) -> bytes:
    """What authenticators keep to say whose credential it is: the public id's 16 bytes."""
    return UUID(public_id).bytes


def creation_options(
    *, user_id: str, name: str, display_name: str, challenge: bytes, known: Iterable[tuple[bytes, list[str]]]
) -> dict[str, Any]:
    """What `PublicKeyCredential.parseCreationOptionsFromJSON` takes; `known` credentials are excluded."""
    options, _ = _server().register_begin(
        PublicKeyCredentialUserEntity(id=user_handle(user_id), name=name, display_name=display_name),
        credentials=_descriptors(known),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return _plain(options.public_key)


def request_options(*, challenge: bytes, allowed: Iterable[tuple[bytes, list[str]]]) -> dict[str, Any]:
    """What `PublicKeyCredential.parseRequestOptionsFromJSON` takes; no `allowed`: any discoverable one."""
    options, _ = _server().authenticate_begin(
        credentials=_descriptors(allowed) or None,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return _plain(options.public_key)


def answer_parse(credential: Any, kind: str) -> Answer:
    """The shape of `PublicKeyCredential.toJSON()`; members that nobody asked for are left out.

    Args:
        kind: `webauthn.create` or `webauthn.get`.

    Raises:
        Refused: too large, of another shape, for another ceremony, or from a page inside another's.
    """
    if not isinstance(credential, dict) or not isinstance(credential.get("response"), dict):
        raise Refused("shape")
    response = credential["response"]
    raw_id = _bytes(credential.get("rawId"), CREDENTIAL_ID_MAX_BYTES)
    if credential.get("id") != credential["rawId"] or credential.get("type", "public-key") != "public-key":
        raise Refused("shape")
    client_data = _client_data(_bytes(response.get("clientDataJSON"), CLIENT_DATA_MAX_BYTES), kind)
    members, handle = {"clientDataJSON": response["clientDataJSON"]}, None
    if kind == "webauthn.create":
        limits = {"attestationObject": ATTESTATION_MAX_BYTES}
    else:
        limits = {"authenticatorData": AUTHENTICATOR_DATA_MAX_BYTES, "signature": SIGNATURE_MAX_BYTES}
        if response.get("userHandle") is not None:
            handle = _bytes(response["userHandle"], USER_HANDLE_MAX_BYTES)
    for name, limit in limits.items():
        _bytes(response.get(name), limit)
        members[name] = response[name]
    given = response.get("transports")
    return Answer(
        credential_id=raw_id,
        challenge=_bytes(client_data["challenge"], CHALLENGE_BYTES),
        user_handle=handle,
        body={"id": credential["id"], "rawId": credential["rawId"], "response": members},
        transports=[one for one in PASSKEY_TRANSPORTS if isinstance(given, list) and one in given],
    )


def registration_check(answer: Answer) -> NewCredential:
    """The new credential. The caller has matched the challenge with its ceremony.

    Raises:
        Refused: origin, RP id, flags, algorithm, key or id are not what was asked for.
    """
    try:
        registration = RegistrationResponse.from_dict(answer.body)
        data = _server().register_complete(_state(answer), registration)
        held = data.credential_data
        if held is None or held.credential_id != answer.credential_id:
            raise Refused("credential")
        _require_key(held.public_key)
    except _HOSTILE:
        raise Refused("invalid") from None
    if not CREDENTIAL_ID_MIN_BYTES <= len(held.credential_id) <= CREDENTIAL_ID_MAX_BYTES:
        raise Refused("credential")
    return NewCredential(
        credential_id=held.credential_id,
        public_key=cbor.encode(held.public_key),
        sign_count=data.counter,
        transports=answer.transports,
        is_backup_eligible=data.is_backup_eligible(),
        is_backed_up=_backed_up(data),
    )


def assertion_check(answer: Answer, *, credential_id: bytes, public_key: bytes) -> Proof:
    """What an assertion of a known credential proves. The caller has matched the challenge.

    Raises:
        Refused: signature, origin, RP id or flags are not right, or the key is of a kind that we never took:
            the library has no check for such.
    """
    try:
        key = CoseKey.parse(cbor.decode(public_key))  # type: ignore[arg-type]
        _require_key(key)
        known = AttestedCredentialData.create(Aaguid.NONE, credential_id, key)
        response = AuthenticationResponse.from_dict(answer.body)
        _server().authenticate_complete(_state(answer), [known], response)
        data = response.response.authenticator_data
    except _HOSTILE:
        raise Refused("invalid") from None
    return Proof(
        sign_count=data.counter,
        is_backup_eligible=data.is_backup_eligible(),
        is_backed_up=_backed_up(data),
    )


def _server() -> Fido2Server:
    return _server_for(settings.WEBAUTHN_RP_ID, tuple(settings.WEBAUTHN_ORIGINS))


@lru_cache(maxsize=8)
def _server_for(rp_id: str, origins: tuple[str, ...]) -> Fido2Server:
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name=RP_NAME, id=rp_id),
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin in origins,
    )
    server.allowed_algorithms = [
        PublicKeyCredentialParameters(type=PublicKeyCredentialType.PUBLIC_KEY, alg=alg) for alg in ALGORITHMS
    ]
    server.timeout = CEREMONY_SECONDS * 1000  # type: ignore[assignment]
    return server


def _state(answer: Answer) -> dict[str, Any]:
    # The ceremony was found by the hash of this very challenge, so comparing again can't fail.
    challenge = base64.urlsafe_b64encode(answer.challenge).rstrip(b"=").decode()
    return {"challenge": challenge, "user_verification": UserVerificationRequirement.REQUIRED}


def _descriptors(known: Iterable[tuple[bytes, list[str]]]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            type=PublicKeyCredentialType.PUBLIC_KEY,
            id=credential_id,
            transports=transports or None,  # type: ignore[arg-type]
        )
        for credential_id, transports in known
    ]


def _plain(options: Any) -> dict[str, Any]:
    """The library's mappings as dicts of plain values."""
    plain: dict[str, Any] = json.loads(json.dumps(dict(options), default=dict))
    return plain


def _bytes(text: Any, limit: int) -> bytes:
    """Strict base64url without padding; the library's own decoder passes over what is not."""
    if not isinstance(text, str) or not text or len(text) > limit * 4 // 3 + 4:
        raise Refused("shape")
    if not _BASE64URL.fullmatch(text):
        raise Refused("shape")
    try:
        decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        raise Refused("shape") from None
    if len(decoded) > limit:
        raise Refused("shape")
    return decoded


def _client_data(raw: bytes, kind: str) -> dict[str, Any]:
    try:
        data = json.loads(raw.decode())
    except (ValueError, RecursionError):
        raise Refused("client_data") from None
    if not isinstance(data, dict) or any(
        not isinstance(data.get(name), str) for name in ("type", "challenge", "origin")
    ):
        raise Refused("client_data")
    if data["type"] != kind:
        raise Refused("type")
    if data["origin"] not in settings.WEBAUTHN_ORIGINS:
        raise Refused("origin")
    if data.get("crossOrigin", False) is not False or "topOrigin" in data:
        raise Refused("cross_origin")
    return data


def _backed_up(data: AuthenticatorData) -> bool:
    if data.is_backed_up() and not data.is_backup_eligible():
        raise Refused("backup_flags")
    return data.is_backed_up()


def _require_key(key: CoseKey) -> None:
    """Only keys of the algorithms that were asked for, in the one form that each has."""
    form = _KEY_FORMS.get(key.get(3))
    if form is None:
        raise Refused("algorithm")
    if set(key) != set(form) or not all(is_right(key[name]) for name, is_right in form.items()):
        raise Refused("key")
    if key[3] == ES256.ALGORITHM:
        x, y = (int.from_bytes(key[name], "big") for name in (-2, -3))
        EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()


def _is(expected: Any) -> Callable[[Any], bool]:
    return lambda value: type(value) is type(expected) and value == expected


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == 32


def _is_modulus(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) in RSA_MODULUS_BYTES and value[0] > 0


_KEY_FORMS: dict[Any, dict[int, Callable[[Any], bool]]] = {
    EdDSA.ALGORITHM: {1: _is(1), 3: _is(EdDSA.ALGORITHM), -1: _is(6), -2: _is_coordinate},
    ES256.ALGORITHM: {
        1: _is(2), 3: _is(ES256.ALGORITHM), -1: _is(1), -2: _is_coordinate, -3: _is_coordinate,
    },
    RS256.ALGORITHM: {1: _is(3), 3: _is(RS256.ALGORITHM), -1: _is_modulus, -2: _is(RSA_EXPONENT)},
}  # fmt: skip
"""Members of a COSE key by its algorithm (RFC 9053): all of them, and no others."""
