"""What nodes answer to a raw transaction, and how our rows look on the node. No rows are written here."""

from collections.abc import Sequence
from enum import Enum
from typing import Any

from wallets.chain.rpc import Answer, RpcClient


class SendOutcome(Enum):
    """What an answer to eth_sendRawTransaction means for the row."""

    IN_POOL = "in_pool"
    """Accepted now or before."""
    LOOK_UP = "look_up"
    """Its nonce is taken, on the chain or in the pool: by us, most likely. Never a reason to sign anew."""
    RETRY = "retry"
    """The node did not take it; the same bytes are sent again later."""


_KNOWN = ("already known", "already imported", "known transaction", "alreadyknown")
_TAKEN = ("nonce too low", "nonce is too low", "replacement transaction underpriced", "oldnonce")


def outcome(answer: Answer) -> SendOutcome:
    """Read one answer. Clients differ in words and codes, so the text decides."""
    if answer.error is None:
        return SendOutcome.IN_POOL
    text = answer.error.message.lower()
    if any(words in text for words in _KNOWN):
        return SendOutcome.IN_POOL
    if any(words in text for words in _TAKEN):
        return SendOutcome.LOOK_UP
    return SendOutcome.RETRY


def send_raw(client: RpcClient, raws: Sequence[str]) -> list[Answer]:
    """Send stored transactions as one JSON-RPC array, in the given (nonce) order."""
    return client.batch([("eth_sendRawTransaction", [raw]) for raw in raws])


def known_hashes(client: RpcClient, hashes: Sequence[str]) -> set[str]:
    """Those of the hashes that the node knows, in its pool or in a block."""
    answers = client.batch([("eth_getTransactionByHash", [tx_hash]) for tx_hash in hashes])
    return {tx_hash for tx_hash, answer in zip(hashes, answers, strict=True) if answer.value}


def receipts(client: RpcClient, hashes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Receipts of those hashes that are in a block now; errors count as not there."""
    answers = client.batch([("eth_getTransactionReceipt", [tx_hash]) for tx_hash in hashes])
    return {
        tx_hash: answer.value
        for tx_hash, answer in zip(hashes, answers, strict=True)
        if answer.value and answer.value.get("blockNumber")
    }
