"""A seeded platform on a real local node; what a test mines is taken back when it ends.

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
def node(evm_node: str) -> Iterator["RpcClient"]:
    """The local node, as it was before the test afterwards."""
    from wallets.chain.rpc import RpcClient

    client = RpcClient([evm_node])
    snapshot = client.call("evm_snapshot")
    yield client
    client.call("evm_revert", snapshot)


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
