"""What only the local node lets us do: mine, and hand out native coin.

The node mines when a transaction comes in and once a minute; while something of ours is unfinished, the
indexer asks for a block each second, so that finality (two blocks behind) comes by.
"""

from wallets.chain.constants import ON_CHAIN, LogStatus
from wallets.chain.network import WEI_PER_COIN, Network
from wallets.chain.rpc import RpcClient
from wallets.models.chain import ChainPosition, ChainTransaction, SeenTransfer

FAUCET_COINS = 1


def mine_while_unfinished(client: RpcClient, network: Network) -> bool:
    """Mine one block on the local node if a chain row waits for one. Returns whether it did."""
    if not network.is_local:
        return False
    waiting = (
        ChainTransaction.objects.filter(status__in=ON_CHAIN),
        SeenTransfer.objects.filter(status=LogStatus.SEEN),
        # After a pause the head is far ahead in time: only more blocks bring finality near it again.
        ChainPosition.objects.filter(breaker=True),
    )
    if not any(rows.exists() for rows in waiting):
        return False
    mine(client)
    return True


def mine(client: RpcClient, blocks: int = 1) -> None:
    """Mine blocks on the local node."""
    client.call("anvil_mine", hex(blocks))


def give_coin(client: RpcClient, address: str, coins: int = FAUCET_COINS) -> None:
    """Add native coin to an address of the local node."""
    balance = int(client.call("eth_getBalance", address, "latest"), 16)
    client.call("anvil_setBalance", address, hex(balance + coins * WEI_PER_COIN))
