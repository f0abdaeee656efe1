"""Pure decisions of the chain engine: addresses, moves of the state table, finality."""

import re
from collections.abc import Mapping

from eth_utils.address import to_checksum_address

from ogc.errors import ValidationFailed
from wallets.chain.constants import TRANSITIONS
from wallets.errors import TransactionMoveInvalid

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_ZERO = "0x" + "0" * 40


def checked_address(text: str, field: str = "to") -> str:
    """The EIP-55 form of an address; all lower or all upper case carries no checksum and passes.

    Source: EIP-55.

    Raises:
        ValidationFailed: not 20 bytes of hex, a wrong checksum, or the zero address.
    """
    if not _ADDRESS.fullmatch(text) or text == _ZERO:
        raise ValidationFailed({field: [("invalid", "An address is 0x and 40 hexadecimal digits.")]})
    checksum = str(to_checksum_address(text))
    digits = text[2:]
    if text != checksum and digits not in (digits.lower(), digits.upper()):
        raise ValidationFailed({field: [("checksum", "The capitals of this address do not fit (EIP-55).")]})
    return checksum


def move(status: str, action: str) -> str:
    """The status after an action.

    Raises:
        TransactionMoveInvalid: the table has no such move.
    """
    transition = TRANSITIONS[action]
    if status not in transition.sources:
        raise TransactionMoveInvalid(status=status, asked=transition.target)
    return str(transition.target)


def may_move(status: str, action: str) -> bool:
    """Whether the table has this move."""
    return status in TRANSITIONS[action].sources


def breaker_reason(
    *, lag_blocks: int, lag_seconds: int, limits: Mapping[str, int]
) -> str:  # limits: blocks, seconds
    """Why withdrawals are held because of finality, or nothing.

    `finalized` stalled for 10 to 15 minutes on Polygon PoS on 2025-09-10.
    """
    if lag_blocks > limits["blocks"]:
        return f"finalized is {lag_blocks} blocks behind the head"
    if lag_seconds > limits["seconds"]:
        return f"finalized is {lag_seconds} seconds behind the head"
    return ""
