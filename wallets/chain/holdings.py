"""What the chain says that we hold, at the block up to which deposits are posted."""

from dataclasses import asdict, dataclass

from ogc.amounts import from_wei
from wallets.chain.contracts import balance_call, decode_uint, encode_call
from wallets.chain.network import Network, NetworkMismatch, NetworkUnknown, hot_addresses, network_get, verify
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable, default_client
from wallets.models import ChainNetwork, ChainPosition


@dataclass(frozen=True, slots=True)
class Holdings:
    """Tokens by place in base units as text, with the block and the addresses, for everybody to look up.

    `vault` is what our shares are worth. The vault's first deposit, locked for good, counts as cold, as in
    the ledger: it is less than one base unit.
    """

    block: int
    chain_id: int
    token: str
    hot: str
    cold: str
    vault: str
    addresses: list[str]


def posted_block() -> int | None:
    """The indexer's last posted block; None before a network is recorded."""
    return ChainPosition.objects.filter(key="active").values_list("final_number", flat=True).first()


def holdings_at(block: int | None, client: RpcClient | None = None) -> dict[str, object] | None:
    """`Holdings` at a block as plain values; None when the chain can't be read there.

    The node is asked outside any transaction.
    """
    if block is None:
        return None
    client = client or default_client()
    try:
        network = network_get()
        verify(client, network)
        return asdict(_read(client, network, block))
    except (NetworkMismatch, NetworkUnknown, RpcUnavailable, RpcError):
        return None


def _read(client: RpcClient, network: Network, block: int) -> Holdings:
    hot = sorted(hot_addresses())
    locked = int(ChainNetwork.objects.values_list("locked_wei", flat=True).get(key="active"))
    return Holdings(
        block=block,
        chain_id=network.chain_id,
        token=network.token,
        hot=_units(sum(_held(client, network.token, address, block) for address in hot)),
        cold=_units(_held(client, network.token, network.cold, block) + locked),
        vault=_units(sum(_redeemable(client, network.vault, address, block) for address in hot)),
        addresses=[address for address in (*hot, network.cold, network.vault) if address],
    )


def _units(wei: int) -> str:
    return str(from_wei(wei)[0])


def _held(client: RpcClient, contract: str, owner: str, block: int) -> int:
    if not contract or not owner:
        return 0
    data = balance_call(owner)
    return decode_uint(client.call("eth_call", {"to": contract, "data": data}, hex(block)))


def _redeemable(client: RpcClient, vault: str, owner: str, block: int) -> int:
    """What our shares of the vault are worth (EIP-4626, convertToAssets)."""
    shares = _held(client, vault, owner, block)
    if not shares:
        return 0
    data = encode_call("convertToAssets(uint256)", shares)
    return decode_uint(client.call("eth_call", {"to": vault, "data": data}, hex(block)))
