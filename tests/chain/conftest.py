"""A seeded platform on a real local node that starts anew for each test.

What reads settings is imported inside the fixtures: the services' addresses come first.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from accounts.models import User
    from tests.chain.proxy import MisbehavingProxy
    from tests.chain.world import Chain
    from wallets.chain.rpc import RpcClient


@pytest.fixture
def node(evm_node: str) -> "RpcClient":
    """The local node as at its start: no blocks, nothing in its pool."""
    from wallets.chain.rpc import RpcClient

    client = RpcClient([evm_node])
    client.call("anvil_dropAllTransactions")
    client.call("anvil_reset")
    return client


@pytest.fixture
def chain(db: None, settings: Any, node: "RpcClient") -> "Chain":
    """The platform beside its node."""
    from tests.chain.world import deployed

    settings.DEBUG = True
    return deployed(node)


@pytest.fixture
def proxy(evm_node: str) -> Iterator["MisbehavingProxy"]:
    """The misbehaving proxy in front of the node; its seed is printed when a test fails."""
    from tests.chain.proxy import MisbehavingProxy

    with MisbehavingProxy(evm_node) as running:
        print(f"proxy seed {running.seed}")  # noqa: T201
        yield running


@pytest.fixture
def make_user(db: None) -> Callable[[int], "User"]:
    """Makes a verified user with that many OGC available."""
    from tests.chain.world import user_with

    return user_with


@pytest.fixture
def balance(db: None) -> Callable[[str], int]:
    """Balance of a ledger account by key."""
    from tests.chain.world import balance_of

    return balance_of
