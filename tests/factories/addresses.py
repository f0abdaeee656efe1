"""Chain addresses of people, and what their wallets sign."""

from dataclasses import replace
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from accounts.models import User
from accounts.services import nonce_issue
from accounts.siwe import message_parse, message_text

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141


def key() -> LocalAccount:
    """A new key with its address."""
    return Account.create()


def signed(message: str, account: LocalAccount) -> str:
    """personal_sign of a text, in 0x hex."""
    return "0x" + account.sign_message(encode_defunct(text=message)).signature.hex()


def proof(purpose: str, account: LocalAccount, user: User | None = None, **replaced: Any) -> dict[str, str]:
    """The body of a login or a link with a fresh nonce; `replaced` overrides fields of the message."""
    asked_by = None if user is None else user.public_id
    challenge = nonce_issue(purpose=purpose, address=account.address, user_id=asked_by)
    message = rewritten(challenge.message, **replaced)
    return {"message": message, "signature": signed(message, account)}


def rewritten(message: str, **replaced: Any) -> str:
    """The text with other fields, as a wallet that builds its own would write it."""
    return message_text(replace(message_parse(message), **replaced))


def mirrored(signature: str) -> str:
    """The other signature that the same key could have made: s turned around, v with it."""
    data = bytes.fromhex(signature[2:])
    s = (ORDER - int.from_bytes(data[32:64], "big")).to_bytes(32, "big")
    return "0x" + (data[:32] + s + bytes([55 - data[64]])).hex()


def link(user: User, address: str) -> None:
    """Write the address into the user's wallet."""
    user.wallet.address = address
    user.wallet.save(update_fields=["address"])
