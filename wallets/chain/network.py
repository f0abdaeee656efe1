"""Which network this database belongs to, and whether the node is on it.

The row is written once: by `deploy_contracts` on the local node, by the indexer's first start elsewhere.
"""

from dataclasses import asdict, dataclass
from decimal import Decimal

from django.conf import settings

from wallets.chain.constants import LOCAL_CHAIN_ID
from wallets.chain.rpc import RpcClient, RpcError
from wallets.chain.signer import load_signers
from wallets.models.chain import ChainNetwork, ChainPosition, ChainSigner

RESET_HINT = "run `make reset`"
WEI_PER_COIN = 10**18


class NetworkMismatch(Exception):
    """The node is not the chain that the database belongs to; chain processes stop."""


class NetworkUnknown(Exception):
    """No network is recorded yet: contracts are not deployed, or addresses are not configured."""


@dataclass(frozen=True, slots=True)
class Network:
    """What the database says; addresses carry the EIP-55 checksum, `vault` and `cold` may be empty."""

    chain_id: int
    genesis_hash: str
    token: str
    vault: str
    cold: str
    start_block: int

    @property
    def is_local(self) -> bool:
        """Whether this is the local node of a DEBUG installation, where we mine."""
        return self.chain_id == LOCAL_CHAIN_ID and bool(settings.DEBUG)


def network_get() -> Network:
    """The recorded network. Raises NetworkUnknown."""
    row = ChainNetwork.objects.filter(key="active").first()
    if row is None:
        raise NetworkUnknown("no chain is recorded: deploy the contracts first")
    return Network(row.chain_id, row.genesis_hash, row.token, row.vault, row.cold, row.start_block)


def identify(client: RpcClient) -> tuple[int, str]:
    """Chain id and genesis hash of the node."""
    chain_id, genesis = client.batch([("eth_chainId", []), ("eth_getBlockByNumber", ["0x0", False])])
    block = genesis.unwrap()
    if block is None:
        raise RpcError(-32603, "the node has no block 0")
    return int(chain_id.unwrap(), 16), str(block["hash"])


def verify(client: RpcClient, network: Network) -> None:
    """Check chain id, genesis and that the token is there.

    Raises:
        NetworkMismatch: the node is another chain, or lost its state.
    """
    chain_id, genesis = identify(client)
    if (chain_id, genesis) != (network.chain_id, network.genesis_hash):
        raise NetworkMismatch(
            f"the node is chain {chain_id} ({genesis[:10]}…), the database belongs to chain "
            f"{network.chain_id} ({network.genesis_hash[:10]}…): {_hint(network)}"
        )
    if client.call("eth_getCode", network.token, "latest") in ("0x", None):
        raise NetworkMismatch(f"there is no token at {network.token} on the node: {_hint(network)}")


def record(client: RpcClient, network: Network, locked_wei: int = 0) -> Network:
    """Write the network, the indexer's first position and the signers, once; what is there stays.

    Effects: rows only; the signers' first nonces are read from the node before.
    """
    nonces = {
        signer.address: int(client.call("eth_getTransactionCount", signer.address, "latest"), 16)
        for signer in load_signers()
    }
    before = network.start_block - 1
    ChainPosition.objects.get_or_create(
        key="active", defaults={"near_number": before, "final_number": before}
    )
    for address, nonce in nonces.items():
        ChainSigner.objects.get_or_create(address=address, defaults={"next_nonce": nonce})
    columns = asdict(network) | {"locked_wei": str(locked_wei)}
    ChainNetwork.objects.get_or_create(key="active", defaults=columns)
    return network_get()


def record_configured(client: RpcClient) -> Network:
    """Record the network that the environment names, starting at what is final now.

    Raises:
        NetworkUnknown: CHAIN_TOKEN_ADDRESS is empty.
        NetworkMismatch: the node is not CHAIN_ID.
    """
    if not settings.CHAIN_TOKEN_ADDRESS:
        raise NetworkUnknown("no chain is recorded: deploy the contracts, or set CHAIN_TOKEN_ADDRESS")
    chain_id, genesis = identify(client)
    if chain_id != settings.CHAIN_ID:
        raise NetworkMismatch(f"the node is chain {chain_id}, CHAIN_ID says {settings.CHAIN_ID}")
    final = client.call("eth_getBlockByNumber", "finalized", False)
    network = Network(
        chain_id=chain_id,
        genesis_hash=genesis,
        token=settings.CHAIN_TOKEN_ADDRESS,
        vault=settings.CHAIN_VAULT_ADDRESS,
        cold=settings.CHAIN_COLD_ADDRESS,
        start_block=int(final["number"], 16) + 1,
    )
    return record(client, network)


def hot_addresses() -> frozenset[str]:
    """EIP-55 addresses of the hot wallets."""
    return frozenset(ChainSigner.objects.values_list("address", flat=True))


def deposit_address() -> str:
    """Where users deposit: the first hot wallet; empty before a network is recorded."""
    return ChainSigner.objects.order_by("id").values_list("address", flat=True).first() or ""


def own_addresses() -> frozenset[str]:
    """All addresses that are ours: hot wallets, cold wallet, token, vault. Nobody withdraws to these."""
    row = ChainNetwork.objects.filter(key="active").values_list("token", "vault", "cold").first() or ()
    return hot_addresses() | {address for address in row if address}


def gas_alarm_wei() -> int:
    """GAS_ALARM in wei."""
    return int(Decimal(settings.GAS_ALARM) * WEI_PER_COIN)


def _hint(network: Network) -> str:
    return RESET_HINT if network.is_local else "check CHAIN_RPC_URLS"
