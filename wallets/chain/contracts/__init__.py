"""Contracts of the platform: committed artifacts, and typed wrappers that encode calls and read logs.

Sources: EIP-20 (Transfer), EIP-4626 (deposit, redeem, convertToAssets), Solidity ABI specification.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

TRANSFER_TOPIC = "0x" + keccak(text="Transfer(address,address,uint256)").hex()


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract; `bytecode` is 0x hex creation code without constructor arguments."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str

    def creation(self, *addresses: str) -> str:
        """Creation code with address constructor arguments appended."""
        return self.bytecode + encode(["address"] * len(addresses), list(addresses)).hex()


@dataclass(frozen=True, slots=True)
class TransferLog:
    """One ERC-20 Transfer. `ordinal` counts the Transfers of the token inside the transaction from 0.

    Addresses carry the EIP-55 checksum; hashes are lower-case 0x hex.
    """

    block_number: int
    block_hash: str
    tx_hash: str
    ordinal: int
    sender: str
    receiver: str
    value_wei: int


@lru_cache(maxsize=4)
def artifact(name: str) -> Artifact:
    """The committed artifact of `OgcToken` or `OgcVault`."""
    data = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return Artifact(name=data["name"], abi=data["abi"], bytecode=data["bytecode"])


def encode_call(signature: str, *arguments: object) -> str:
    """Call data: `encode_call("transfer(address,uint256)", to, wei)`."""
    types = signature[signature.index("(") + 1 : -1]
    body = encode(types.split(",") if types else [], arguments)
    return "0x" + (keccak(text=signature)[:4] + body).hex()


def transfer_call(receiver: str, value_wei: int) -> str:
    """Data of `token.transfer`."""
    return encode_call("transfer(address,uint256)", receiver, value_wei)


def balance_call(owner: str) -> str:
    """Data of `token.balanceOf`."""
    return encode_call("balanceOf(address)", owner)


def decode_uint(answer: str) -> int:
    """The one uint256 that a view call answered."""
    (value,) = decode(["uint256"], bytes.fromhex(answer.removeprefix("0x")))
    return int(value)


def address_topic(address: str) -> str:
    """An address as an indexed log argument."""
    return "0x" + address.removeprefix("0x").lower().rjust(64, "0")


def read_transfers(logs: Sequence[dict[str, Any]], token: str) -> list[TransferLog]:
    """Transfers of `token` among raw logs, in chain order; other logs and removed ones are skipped."""
    mine = [
        log
        for log in logs
        if str(log["address"]).lower() == token.lower()
        and log["topics"]
        and log["topics"][0] == TRANSFER_TOPIC
        and not log.get("removed")
    ]
    mine.sort(key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16)))
    seen: dict[str, int] = {}
    transfers = []
    for log in mine:
        ordinal = seen.get(log["transactionHash"], 0)
        seen[log["transactionHash"]] = ordinal + 1
        transfers.append(_transfer(log, ordinal))
    return transfers


def _transfer(log: dict[str, Any], ordinal: int) -> TransferLog:
    return TransferLog(
        block_number=int(log["blockNumber"], 16),
        block_hash=log["blockHash"],
        tx_hash=log["transactionHash"],
        ordinal=ordinal,
        sender=to_checksum_address("0x" + log["topics"][1][-40:]),
        receiver=to_checksum_address("0x" + log["topics"][2][-40:]),
        value_wei=decode_uint(log["data"]),
    )


def bloom_may_hold(bloom: str, *items: str) -> bool:
    """Whether a 2048-bit logs bloom may hold all of these addresses or topics (0x hex).

    Source: Ethereum yellow paper, section 4.3.1 (M3:2048).
    """
    bits = int(bloom, 16)
    for item in items:
        digest = keccak(hexstr=item)
        for i in (0, 2, 4):
            position = int.from_bytes(digest[i : i + 2], "big") & 2047
            if not bits >> position & 1:
                return False
    return True
