"""Signatures that people's wallets make over texts (personal_sign).

Sources: EIP-191 (version 0x45), EIP-2 (low s).
"""

import re

from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature, ValidationError
from eth_utils.crypto import keccak

from accounts.constants import ADDRESS_SIGNATURE_MAX_LENGTH

PLAIN_BYTES = 65
"""r, s, v of an address with a key."""

_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})*)", re.ASCII)
_HALF_ORDER = 0x7FFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_5D576E73_57A4501D_DFE92F46_681B20A0
_RECOVERY_IDS = {0: 0, 1: 1, 27: 0, 28: 1}


def signature_bytes(text: str) -> bytes | None:
    """The bytes of a signature in 0x hex, None when it is none or too long."""
    match = _HEX.fullmatch(text) if len(text) <= ADDRESS_SIGNATURE_MAX_LENGTH else None
    return None if match is None else bytes.fromhex(match[1])


def text_digest(text: str) -> bytes:
    """The 32 bytes that a wallet signs for a text."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)


def signer_of(digest: bytes, signature: bytes) -> str | None:
    """EIP-55 address of the key that made a signature; None when no key did.

    A signature with a high s is none: it is another one's mirror image, which no wallet makes.
    """
    if len(signature) != PLAIN_BYTES or signature[64] not in _RECOVERY_IDS:
        return None
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    if s > _HALF_ORDER:
        return None
    try:
        made = Signature(vrs=(_RECOVERY_IDS[signature[64]], r, s))
        return made.recover_public_key_from_msg_hash(digest).to_checksum_address()
    except (BadSignature, ValidationError):
        return None
