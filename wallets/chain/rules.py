"""Pure decisions of the chain engine: addresses, moves of the state table, finality."""

from collections.abc import Mapping

from ogc.addresses import read_address
from ogc.errors import ValidationFailed
from wallets.chain.constants import TRANSITIONS
from wallets.errors import TransactionMoveInvalid


def checked_address(text: str) -> str:
    """The address with its checksum; see `read_address`.

    Raises:
        ValidationFailed: it is none, or its checksum is wrong.
    """
    address = read_address(text)
    if address is None:
        raise ValidationFailed(
            {"to": [("invalid", "This must be a 0x address with a right EIP-55 checksum.")]}
        )
    return address


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
