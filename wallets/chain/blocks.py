"""Reading blocks and token transfers from a node. No rows are read or written here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wallets.chain.contracts import TRANSFER_TOPIC, TransferLog, address_topic, bloom_may_hold, read_transfers
from wallets.chain.rpc import RpcClient, RpcError


@dataclass(frozen=True, slots=True)
class Header:
    """What the indexer needs of a block. `timestamp` is in seconds, `bloom` 0x hex."""

    number: int
    hash: str
    parent: str
    timestamp: int
    bloom: str

    def may_touch(self, token: str, ours: Iterable[str]) -> bool:
        """Whether the block's bloom allows for a Transfer of the token from or to one of our addresses."""
        if not bloom_may_hold(self.bloom, token, TRANSFER_TOPIC):
            return False
        return any(bloom_may_hold(self.bloom, address_topic(address)) for address in ours)


@dataclass(frozen=True, slots=True)
class Heads:
    """Head and last final block of a node."""

    latest: Header
    finalized: Header


class HeadsUnclear(Exception):
    """The node's answers do not fit together, for example a final block above its head. Ask again later."""


def read_heads(client: RpcClient, fallback_depth: int) -> Heads:
    """Head and finality of the node; without the `finalized` tag, a block this deep counts as final.

    Raises:
        HeadsUnclear, RpcUnavailable.
    """
    latest, finalized = client.batch(
        [("eth_getBlockByNumber", ["latest", False]), ("eth_getBlockByNumber", ["finalized", False])]
    )
    head = _header(latest.unwrap())
    if finalized.value is not None:
        final = _header(finalized.value)
    else:
        final = read_headers(client, [max(0, head.number - fallback_depth)])[0]
    if final.number > head.number:
        raise HeadsUnclear(f"finalized {final.number} is above the head {head.number}")
    return Heads(head, final)


def read_headers(client: RpcClient, numbers: Sequence[int]) -> list[Header]:
    """Headers by number, in one array per 100. Raises RpcError when one is missing."""
    answers = client.batch([("eth_getBlockByNumber", [hex(number), False]) for number in numbers])
    return [_header(answer.unwrap()) for answer in answers]


def find_headers(client: RpcClient, numbers: Sequence[int]) -> dict[int, Header]:
    """Those headers that the node has, by number."""
    answers = client.batch([("eth_getBlockByNumber", [hex(number), False]) for number in numbers])
    found = (_header(answer.value) for answer in answers if answer.value)
    return {header.number: header for header in found}


def transfers_by_hash(client: RpcClient, token: str, headers: Sequence[Header]) -> list[TransferLog]:
    """Transfers of the token in exactly these blocks, whatever the node's canonical chain is now."""
    calls: list[tuple[str, list[Any]]] = [
        ("eth_getLogs", [{"address": token, "topics": [TRANSFER_TOPIC], "blockHash": header.hash}])
        for header in headers
    ]
    return read_transfers([log for answer in client.batch(calls) for log in answer.unwrap()], token)


def transfers_by_range(client: RpcClient, token: str, first: int, last: int) -> list[TransferLog]:
    """Transfers of the token in a range of blocks; only for blocks below finality."""
    query = {"address": token, "topics": [TRANSFER_TOPIC], "fromBlock": hex(first), "toBlock": hex(last)}
    return read_transfers(client.call("eth_getLogs", query), token)


def transfers_by_receipts(client: RpcClient, token: str, header: Header) -> list[TransferLog] | None:
    """Transfers of the token in one block, read from all its receipts; None where the node can't."""
    answer = client.batch([("eth_getBlockReceipts", [hex(header.number)])])[0]
    if answer.error is not None or answer.value is None:
        return None
    logs = [log for receipt in answer.value for log in receipt["logs"]]
    return [transfer for transfer in read_transfers(logs, token) if transfer.block_hash == header.hash]


def _header(block: dict[str, Any] | None) -> Header:
    if block is None:
        raise RpcError(-32603, "the node does not have a block that it should have")
    return Header(
        number=int(block["number"], 16),
        hash=str(block["hash"]),
        parent=str(block["parentHash"]),
        timestamp=int(block["timestamp"], 16),
        bloom=str(block["logsBloom"]),
    )
