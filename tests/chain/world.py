"""The platform beside its local node, as tests see it."""

import itertools
from dataclasses import dataclass

from eth_account import Account

from accounts.models import Session, User
from accounts.services.claims import actor_for
from accounts.services.registration import user_insert
from accounts.services.seed import seed as accounts_seed
from ogc import clock
from ogc.amounts import BASE_UNITS_PER_OGC
from tests.factories.accounts import login_as, password_hash
from tests.factories.wallets import account_balance
from wallets.chain.contracts import balance_call, decode_uint
from wallets.chain.deploy import deploy
from wallets.chain.indexer import catch_up, step
from wallets.chain.lane import lane_run
from wallets.chain.network import Network
from wallets.chain.rpc import RpcClient
from wallets.models import ChainSigner, ChainTransaction
from wallets.services.seed import seed as wallets_seed
from wallets.services.treasury import faucet_user
from wallets.services.withdrawals import withdrawal_request


@dataclass
class Chain:
    """The platform beside its node."""

    client: RpcClient
    network: Network

    @property
    def signer(self) -> ChainSigner:
        return ChainSigner.objects.get()

    def lane(self, client: RpcClient | None = None) -> int:
        ChainSigner.objects.update(next_attempt_at=None)
        return lane_run(self.signer.pk, client=client or self.client)

    def index(self, client: RpcClient | None = None) -> None:
        catch_up(client or self.client)

    def settle(self) -> None:
        """Run lane and indexer until nothing is unfinished; the indexer mines what finality needs."""
        for _ in range(30):
            self.lane()
            step(self.client)
            if not ChainTransaction.objects.filter(status__in=OPEN).exists():
                return
        raise AssertionError(list(ChainTransaction.objects.values("status", "last_error")))

    def tokens(self, address: str) -> int:
        call = {"to": self.network.token, "data": balance_call(address)}
        return decode_uint(self.client.call("eth_call", call, "latest"))

    def mine(self, blocks: int = 1) -> None:
        self.client.call("anvil_mine", hex(blocks))


OPEN = ("queued", "nonce_reserved", "signed", "broadcast", "mined")


def deployed(client: RpcClient) -> Chain:
    """Seeded ledger, deployed contracts, funded hot wallet, indexer at the head."""
    accounts_seed(debug=False)
    wallets_seed(debug=False)
    network = deploy(client).network
    catch_up(client)
    return Chain(client, network)


_numbers = itertools.count(1)


def user_with(ogc: int) -> User:
    """A verified user with that many OGC available."""
    user = User(email=f"chain{next(_numbers)}@example.org", name="C", email_verified_at=clock.now())
    user.password = password_hash()
    user_insert(user)
    if ogc:
        faucet_user(user_id=user.public_id, amount=ogc * BASE_UNITS_PER_OGC)
    return user


def queue(user: User, count: int = 1, amount: int = 5) -> tuple[str, str]:
    """Withdrawals of that many OGC each to new addresses; id and address of the last."""
    session = Session.objects.filter(public_id=login_as(user).session_id)
    session.update(stepped_up_at=clock.now())
    actor = actor_for(user, session=session.get())
    wanted, address = "", ""
    for _ in range(count):
        address = fresh_address()
        base_units = (amount * BASE_UNITS_PER_OGC) if count == 1 else BASE_UNITS_PER_OGC
        wanted = withdrawal_request(actor=actor, to=address, amount=base_units)
    return wanted, address


def balance_of(key: str) -> int:
    """Balance of a ledger account by key."""
    return account_balance(key)


def fresh_address() -> str:
    """An address that nobody used."""
    return str(Account.create().address)
