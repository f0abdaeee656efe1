"""The indexer on a chain that forks, hides and repeats."""

import pytest

from tests.chain.world import fresh_address, queue
from wallets.chain.blocks import Heads, read_headers, read_heads
from wallets.chain.contracts import transfer_call
from wallets.chain.indexer import catch_up, step
from wallets.chain.near import read_near
from wallets.chain.outcomes import track_mined
from wallets.chain.rpc import RpcClient
from wallets.models import ChainBlock, ChainPosition, ChainTransaction, Posting, SeenTransfer, Transaction
from wallets.services.reconciliation import reconcile

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]

OGC = 10**9


@pytest.fixture
def through(proxy):
    """A client that goes through the misbehaving proxy."""
    return RpcClient([proxy.url], timeout_seconds=2)


def state():
    return ChainTransaction.objects.get().status


def is_whole():
    return {check.status.value for check in reconcile()} == {"ok"}


def pay_hot_wallet(chain, wei, sender_index=3):
    """Somebody outside sends tokens to the hot wallet; the cold address gave them to them before."""
    outsider = chain.client.call("eth_accounts")[sender_index]
    for sender, receiver in ((chain.network.cold, outsider), (outsider, chain.signer.address)):
        data = transfer_call(receiver, wei)
        call = {"from": sender, "to": chain.network.token, "data": data}
        chain.client.call("eth_sendTransaction", call)
        chain.mine()
    return outsider


def test_the_deployment_funds_the_hot_wallet_as_a_custody_move(chain, balance):
    chain.mine(3)
    chain.index()
    assert balance("onchain_hot") == -1_000_000 * OGC
    assert balance("onchain_cold") == -499_000_000 * OGC
    move = Transaction.objects.get(type="custody_move")
    assert SeenTransfer.objects.get(transaction=move).live_key
    assert is_whole()


def test_a_receipt_is_mined_and_only_finality_settles(chain, make_user):
    queue(make_user(100))
    chain.lane()
    step(chain.client)
    assert state() == "mined"
    assert list(Posting.objects.filter(transaction__chain__isnull=False).values_list("kind", flat=True)) == [
        "hold"
    ]
    chain.settle()
    assert state() == "confirmed"


@pytest.mark.parametrize("depth", [1, 30, 157])
def test_a_reorganisation_sends_the_same_bytes_again(chain, make_user, depth, settings):
    settings.CHAIN_MAX_FINALITY_LAG_BLOCKS = 1000
    _, address = queue(make_user(100))
    chain.lane()
    track_mined(chain.client)
    row = ChainTransaction.objects.get()
    chain.mine(depth - 1)
    start = read_headers(chain.client, [1])[0]

    # Follows the head without posting: as on a chain whose finality stalls.
    def follow():
        heads = Heads(read_heads(chain.client, 0).latest, start)
        while read_near(chain.client, chain.network, heads, frozenset({chain.signer.address})):
            pass

    follow()
    chain.client.call("anvil_reorg", depth, [])
    follow()
    again = ChainTransaction.objects.get()
    assert (again.status, again.block_number, again.tx_hash) == ("broadcast", None, row.tx_hash)
    assert row.status == "mined"
    assert row.block_hash not in set(ChainBlock.objects.values_list("block_hash", flat=True))
    chain.settle()
    assert chain.tokens(address) == 5 * 10**18
    assert again.attempts.count() == 1
    assert is_whole()


def test_a_reorganisation_below_finality_pays_once_and_settles_once(chain, make_user, balance):
    user = make_user(100)
    _, address = queue(user)
    chain.settle()
    chain.client.call("anvil_reorg", 6, [])
    chain.mine(3)
    step(chain.client)
    assert state() == "broadcast"
    assert Transaction.objects.get(chain__isnull=False).status == "completed"
    chain.settle()
    assert chain.tokens(address) == 5 * 10**18
    assert Posting.objects.filter(kind="settle").count() == 1
    assert balance(f"user:{user.public_id}:reserved") == 0


def test_a_reverted_transaction_gives_the_tokens_back_when_it_is_final(
    chain, proxy, through, make_user, balance
):
    user = make_user(100)
    queue(user)
    proxy.drop("eth_sendRawTransaction")
    chain.lane(through)
    assert state() == "signed"
    empty_hot_wallet(chain)
    assert chain.lane() == 1
    step(chain.client)
    assert state() == "mined"
    assert balance(f"user:{user.public_id}:available") == 95 * OGC
    chain.settle()
    assert state() == "failed"
    assert balance(f"user:{user.public_id}:available") == 100 * OGC
    assert balance(f"user:{user.public_id}:reserved") == 0
    assert Transaction.objects.get(chain__isnull=False).status == "failed"


def empty_hot_wallet(chain):
    """Take the tokens away without using a nonce of the hot wallet: its balance slot is overwritten."""
    from eth_abi.abi import encode
    from eth_utils.crypto import keccak

    for slot in range(8):
        key = "0x" + keccak(encode(["uint256", "address"], [slot, chain.signer.address])).hex()
        if int(chain.client.call("eth_getStorageAt", chain.network.token, key, "latest"), 16):
            chain.client.call("anvil_setStorageAt", chain.network.token, key, "0x" + "0" * 64)
    assert chain.tokens(chain.signer.address) == 0


def test_hidden_logs_are_found_by_the_bloom(chain, proxy, through, make_user):
    _, address = queue(make_user(100))
    chain.lane()
    chain.mine(3)
    proxy.answer("eth_getLogs", [], times=50)
    catch_up(through)
    assert state() == "confirmed"
    assert "eth_getBlockReceipts" in proxy.methods
    assert chain.tokens(address) == 5 * 10**18
    assert is_whole()


def test_a_stale_head_is_late_and_not_a_fork(chain, proxy, through, make_user):
    queue(make_user(100))
    chain.lane()
    chain.mine(3)
    catch_up(chain.client)
    before = ChainPosition.objects.get().near_number
    proxy.stale_head(blocks=4, times=3)
    step(through)
    assert ChainPosition.objects.get().near_number == before
    assert state() == "confirmed"


def test_an_unknown_payment_out_of_the_hot_wallet_stops_withdrawals(chain, make_user):
    data = transfer_call(fresh_address(), 10**18)
    call = {"from": chain.signer.address, "to": chain.network.token, "data": data}
    chain.client.call("eth_sendTransaction", call)
    chain.mine(3)
    chain.index()
    position = ChainPosition.objects.get()
    assert position.stopped
    assert "matches no row" in position.stop_reason
    assert "wrong" in {check.status.value for check in reconcile()}
    queue(make_user(100))
    assert chain.lane() == 0


def test_a_deposit_is_seen_then_posted_once_with_its_dust(chain, balance):
    sender = pay_hot_wallet(chain, 3 * 10**18 + 7)
    step(chain.client)
    seen = SeenTransfer.objects.exclude(sender=chain.network.cold).get()
    assert (seen.status, seen.transaction_id, seen.sender.lower()) == ("seen", None, sender.lower())
    assert balance("unclaimed_deposits") == 0
    chain.mine(3)
    chain.index()
    seen.refresh_from_db()
    assert (seen.status, seen.dust_wei) == ("final", 7)
    assert balance("unclaimed_deposits") == 3 * OGC
    assert is_whole()


def test_two_indexers_and_a_repeated_read_post_once(chain, balance):
    pay_hot_wallet(chain, 10**18)
    chain.mine(3)
    chain.index()
    final = ChainPosition.objects.get().final_number
    ChainPosition.objects.update(final_number=final - 6, final_hash="")
    chain.index()
    assert balance("unclaimed_deposits") == OGC
    assert Transaction.objects.filter(type="deposit").count() == 1


def test_kept_blocks_are_pruned(chain):
    chain.mine(700)
    chain.index()
    assert ChainBlock.objects.count() <= 512


def test_blocks_come_only_while_something_is_unfinished(chain, make_user):
    before = int(chain.client.call("eth_blockNumber"), 16)
    assert not step(chain.client).forced_block
    assert int(chain.client.call("eth_blockNumber"), 16) == before
    queue(make_user(100))
    chain.lane()
    assert step(chain.client).forced_block
    chain.settle()
    assert not step(chain.client).forced_block
