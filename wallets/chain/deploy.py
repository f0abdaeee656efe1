"""Development contracts on the local node: token, vault with its locked first deposit, and a funded hot
wallet.

Keys of the deployer and of the cold address are accounts that the local node itself holds; the platform never
has a cold key, here neither.
"""

import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from eth_utils.address import to_checksum_address

from ogc.amounts import to_wei
from wallets.chain.constants import LOCAL_CHAIN_ID
from wallets.chain.contracts import artifact, balance_call, decode_uint, encode_call, transfer_call
from wallets.chain.local_node import give_coin, mine
from wallets.chain.network import (
    Network,
    NetworkMismatch,
    NetworkUnknown,
    identify,
    network_get,
    record,
    verify,
)
from wallets.chain.rpc import RpcClient
from wallets.chain.signer import load_signers

DEPLOYER_INDEX, COLD_INDEX = 8, 9
"""Which of the node's ten accounts deploys, and which is cold; the hot wallet is the first."""

LOCKED_WEI = 10**6
"""First deposit of the vault, locked at an address nobody has: far below one base unit, yet 10^12 dead
shares, so that whoever inflates the price loses a million million times what a later staker can lose."""

DEAD_ADDRESS = "0x000000000000000000000000000000000000dEaD"
GAS_COINS = 100
RECEIPT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed, and whether this call did it."""

    network: Network
    created: bool


def deploy(client: RpcClient) -> Deployment:
    """Deploy what is missing and record the network.

    Idempotency: every step looks first; a run that died in the middle is completed by the next.

    Raises:
        NetworkMismatch: DEBUG is off, the node is not the local one, or not the one in the database.
    """
    try:
        network = network_get()
    except NetworkUnknown:
        return Deployment(_deploy(client), created=True)
    verify(client, network)
    return Deployment(network, created=False)


def _deploy(client: RpcClient) -> Network:
    chain_id, genesis = identify(client)
    if not settings.DEBUG or chain_id != LOCAL_CHAIN_ID:
        raise NetworkMismatch("development contracts are deployed on the local node with DEBUG only")
    accounts = [to_checksum_address(account) for account in client.call("eth_accounts")]
    deployer = accounts[DEPLOYER_INDEX]
    cold = settings.CHAIN_COLD_ADDRESS or accounts[COLD_INDEX]
    if cold not in accounts:
        _borrow(client, cold)
    token, block = _contract(client, deployer, 0, artifact("OgcToken").creation(cold))
    vault, _ = _contract(client, deployer, 1, artifact("OgcVault").creation(token))
    _lock_first_deposit(client, cold, token, vault)
    hot = load_signers()[0].address
    if int(client.call("eth_getBalance", hot, "latest"), 16) == 0:
        give_coin(client, hot, GAS_COINS)
    if decode_uint(_view(client, token, balance_call(hot))) == 0:
        _send(client, cold, token, transfer_call(hot, to_wei(settings.HOT_WALLET_TARGET)))
    mine(client, 3)
    network = Network(chain_id, genesis, token, vault, cold, start_block=block)
    return record(client, network, LOCKED_WEI)


def _borrow(client: RpcClient, address: str) -> None:
    """Let the local node send for an address whose key it does not hold."""
    client.call("anvil_impersonateAccount", address)
    give_coin(client, address)


def _contract(client: RpcClient, deployer: str, nonce: int, creation: str) -> tuple[str, int]:
    """Address and block of the contract that the deployer's n-th transaction made, made now if it was not."""
    sent = int(client.call("eth_getTransactionCount", deployer, "latest"), 16)
    if sent > nonce:
        return _find_contract(client, deployer, nonce)
    receipt = _send(client, deployer, None, creation)
    return to_checksum_address(receipt["contractAddress"]), int(receipt["blockNumber"], 16)


def _find_contract(client: RpcClient, deployer: str, nonce: int) -> tuple[str, int]:
    """Look a contract up that an interrupted run deployed."""
    head = int(client.call("eth_blockNumber"), 16)
    for number in range(head + 1):
        for receipt in client.call("eth_getBlockReceipts", hex(number)) or []:
            if receipt["contractAddress"] and to_checksum_address(receipt["from"]) == deployer:
                transaction = client.call("eth_getTransactionByHash", receipt["transactionHash"])
                if int(transaction["nonce"], 16) == nonce:
                    return to_checksum_address(receipt["contractAddress"]), number
    raise NetworkMismatch("the deployer's account was used for something else: run `make reset`")


def _lock_first_deposit(client: RpcClient, cold: str, token: str, vault: str) -> None:
    if decode_uint(_view(client, vault, encode_call("totalSupply()"))) > 0:
        return
    _send(client, cold, token, encode_call("approve(address,uint256)", vault, LOCKED_WEI))
    _send(client, cold, vault, encode_call("deposit(uint256,address)", LOCKED_WEI, DEAD_ADDRESS))


def _view(client: RpcClient, to: str, data: str) -> str:
    return str(client.call("eth_call", {"to": to, "data": data}, "latest"))


def _send(client: RpcClient, sender: str, to: str | None, data: str) -> dict[str, Any]:
    """Let the node sign and send for one of its own accounts; returns the receipt."""
    transaction = {"from": sender, "data": data} | ({"to": to} if to else {})
    tx_hash = client.call("eth_sendTransaction", transaction)
    until = time.monotonic() + RECEIPT_SECONDS
    while time.monotonic() < until:
        receipt: dict[str, Any] | None = client.call("eth_getTransactionReceipt", tx_hash)
        if receipt is not None:
            if int(receipt["status"], 16) != 1:
                raise NetworkMismatch(f"a deployment step was reverted: {tx_hash}")
            return receipt
        time.sleep(0.05)
    raise NetworkMismatch("the local node does not mine: is it started with --no-mining?")
