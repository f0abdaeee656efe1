"""Many withdrawals through a node that does everything wrong at random; the seed is printed, to be kept."""

import os
import random

import pytest

from tests.chain.proxy import MisbehavingProxy
from tests.chain.world import queue, user_with
from wallets.chain.indexer import step
from wallets.chain.rpc import RpcClient, RpcUnavailable
from wallets.models import ChainTransaction, Posting, SignedAttempt
from wallets.services.reconciliation import reconcile

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]

SCALE = int(os.environ.get("SCALE", "1"))
COUNT = 20 * SCALE
KEPT_SEEDS = [1, 20250910, 1719061495]
METHODS = [
    "eth_sendRawTransaction",
    "eth_getTransactionCount",
    "eth_getTransactionReceipt",
    "eth_getTransactionByHash",
    "eth_getLogs",
    "eth_getBlockByNumber",
    "eth_chainId",
    "eth_call",
]


def misbehave(proxy, chain):
    """One random fault, or a small reorganisation."""
    method = proxy.random.choice(METHODS)
    fault = proxy.random.choice(["drop", "swallow", "duplicate", "internal_error", "lie", "reorg"])
    if fault == "reorg":
        chain.client.call("anvil_reorg", proxy.random.randint(1, 2), [])
    elif fault == "lie":
        proxy.answer("eth_getLogs", [])
        proxy.answer("eth_getTransactionCount", "0x0")
        proxy.stale_head(proxy.random.randint(1, 3))
    else:
        getattr(proxy, fault)(method)


@pytest.mark.parametrize("seed", [*KEPT_SEEDS, None], ids=lambda seed: f"seed {seed or 'new'}")
def test_whatever_the_node_does_each_withdrawal_is_paid_once(chain, evm_node, seed):
    with MisbehavingProxy(evm_node, seed or random.randrange(2**32)) as proxy:
        print(f"proxy seed {proxy.seed}")  # noqa: T201
        through = RpcClient([proxy.url], timeout_seconds=2)
        user = user_with(1000)
        addresses = []
        for _ in range(COUNT * 10):
            if len(addresses) < COUNT:
                addresses.append(queue(user)[1])
            misbehave(proxy, chain)
            chain.lane(through)
            try:
                step(through)
            except RpcUnavailable:
                continue
            if len(addresses) == COUNT and not ChainTransaction.objects.exclude(status="confirmed").exists():
                break
        proxy.clear()
        for endpoint in through.endpoints:
            endpoint.closed_at = 0
        # As if the wait before sending again were over, for what a reorganisation removed before it was seen.
        ChainTransaction.objects.update(sent_at=None)
        chain.settle()
        chain.mine(3)
        chain.index()
        chain.settle()
    assert [chain.tokens(address) for address in addresses] == [5 * 10**18] * COUNT
    assert SignedAttempt.objects.count() == COUNT
    assert Posting.objects.filter(kind="settle").count() == COUNT
    assert {check.status.value for check in reconcile()} == {"ok"}
