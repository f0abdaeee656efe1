"""The sender lane against a node that lies, loses and repeats."""

from datetime import timedelta

import pytest

from ogc.clock import real_now
from tests.chain.world import fresh_address, queue
from wallets.chain import lane_steps
from wallets.chain.constants import REPLACE_AFTER_SECONDS, RESEND_AFTER_SECONDS
from wallets.chain.indexer import step
from wallets.chain.rpc import RpcClient
from wallets.chain.status import holds
from wallets.models import ChainPosition, ChainSigner, ChainTransaction, SignedAttempt
from wallets.services.wallets import user_wallet_freeze, user_wallet_release

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]


@pytest.fixture
def through(proxy):
    """A client that goes through the misbehaving proxy."""
    return RpcClient([proxy.url], timeout_seconds=2)


def rows():
    return list(ChainTransaction.objects.order_by("id").values_list("status", "nonce"))


def sent(proxy):
    return proxy.methods.count("eth_sendRawTransaction")


def old(**columns):
    """Make the rows look as if that long had passed."""
    ChainTransaction.objects.filter(status="broadcast").update(**columns)


def test_many_rows_go_out_in_one_array_with_nonces_in_order(chain, proxy, through, make_user):
    queue(make_user(100), 25)
    assert chain.lane(through) == 25
    assert rows() == [("broadcast", n) for n in range(25)]
    assert [len(array) for array in proxy.arrays if array[0] == "eth_sendRawTransaction"] == [25]
    chain.settle()
    assert SignedAttempt.objects.count() == 25


def test_a_signer_has_a_bounded_number_of_rows_on_their_way(chain, make_user, monkeypatch):
    monkeypatch.setattr(lane_steps, "LANE_BATCH", 3)
    queue(make_user(100), 7)
    assert chain.lane() == 3
    assert (chain.signer.hold_reason, holds()) == ("", [])
    step(chain.client)
    assert chain.lane() == 3
    chain.settle()
    assert rows() == [("confirmed", n) for n in range(7)]


def test_an_old_reason_to_wait_is_told_only_while_something_waits(chain, make_user):
    queue(make_user(100))
    ChainPosition.objects.update(stopped=True, stop_reason="drill")
    assert chain.lane() == 0
    ChainPosition.objects.update(stopped=False, stop_reason="")
    assert len(holds()) == 1
    chain.settle()
    ChainSigner.objects.update(hold_reason="an old one")
    assert holds() == []


def test_a_send_that_the_node_never_got_is_sent_again_the_same(chain, proxy, through, make_user):
    queue(make_user(100))
    proxy.drop("eth_sendRawTransaction")
    assert chain.lane(through) == 0
    assert rows() == [("signed", 0)]
    assert chain.signer.last_error
    before = SignedAttempt.objects.get().tx_hash
    assert chain.lane(through) == 1
    assert SignedAttempt.objects.get().tx_hash == before
    chain.settle()


def test_a_send_whose_answer_was_lost_is_looked_up(chain, proxy, through, make_user):
    queue(make_user(100))
    proxy.swallow("eth_sendRawTransaction")
    assert chain.lane(through) == 0
    assert rows() == [("signed", 0)]
    assert chain.lane(through) == 1
    assert "eth_getTransactionByHash" in proxy.methods
    chain.settle()
    assert SignedAttempt.objects.count() == 1


@pytest.mark.parametrize("fault", ["internal_error", "duplicate"])
def test_errors_and_repetitions_end_in_one_payment(chain, proxy, through, make_user, fault):
    _, address = queue(make_user(100))
    getattr(proxy, fault)("eth_sendRawTransaction")
    chain.lane(through)
    chain.settle()
    assert chain.tokens(address) == 5 * 10**18
    assert SignedAttempt.objects.count() == 1


def test_nonce_too_low_of_a_transaction_that_nobody_knows_is_never_signed_anew(
    chain, proxy, through, make_user
):
    queue(make_user(100))
    proxy.answer_error("eth_sendRawTransaction", -32000, "nonce too low: next nonce 1, tx nonce 0")
    assert chain.lane(through) == 0
    assert rows() == [("signed", 0)]
    assert SignedAttempt.objects.count() == 1
    assert chain.lane(through) == 1


def test_a_late_answer_is_a_lost_answer(chain, proxy, through, make_user):
    queue(make_user(100))
    proxy.delay("eth_sendRawTransaction", 2.5)
    assert chain.lane(through) == 0
    chain.settle()
    assert SignedAttempt.objects.count() == 1


def test_a_stale_nonce_changes_nothing(chain, proxy, through, make_user):
    user = make_user(100)
    queue(user)
    chain.lane(through)
    queue(user)
    proxy.answer("eth_getTransactionCount", "0x0")
    assert chain.lane(through) == 1
    assert rows() == [("broadcast", 0), ("broadcast", 1)]
    chain.settle()


def test_a_nonce_of_the_chain_above_ours_stops_the_signer(chain, make_user, caplog):
    queue(make_user(100))
    foreign = {"from": chain.signer.address, "to": fresh_address(), "value": "0x1"}
    chain.client.call("eth_sendTransaction", foreign)
    chain.mine()
    assert chain.lane() == 0
    assert rows() == [("queued", None)]
    assert chain.signer.status == "stopped"
    assert "used elsewhere" in chain.signer.stop_reason
    assert [record.message for record in caplog.records].count("signer stopped") == 1
    assert chain.lane() == 0


def test_only_one_lane_works_at_a_time(chain, make_user):
    queue(make_user(100))
    ChainSigner.objects.update(lease_until=real_now() + timedelta(seconds=30))
    assert chain.lane() == 0
    ChainSigner.objects.update(lease_until=real_now() - timedelta(seconds=1))
    assert chain.lane() == 1


def test_rows_not_seen_mined_are_sent_again_the_same_bytes(chain, proxy, through, make_user):
    chain.client.call("evm_setAutomine", False)
    try:
        _, address = queue(make_user(100))
        chain.lane(through)
        chain.client.call("anvil_dropTransaction", SignedAttempt.objects.get().tx_hash)
        chain.lane(through)
        assert sent(proxy) == 1
        old(sent_at=real_now() - timedelta(seconds=RESEND_AFTER_SECONDS + 1))
        chain.lane(through)
        assert sent(proxy) == 2
    finally:
        chain.client.call("evm_setAutomine", True)
    chain.mine()
    chain.settle()
    assert chain.tokens(address) == 5 * 10**18


def test_a_stuck_row_is_replaced_at_a_price_that_real_nodes_take(chain, proxy, through, make_user):
    proxy.refuse_cheap_replacements()
    chain.client.call("evm_setAutomine", False)
    try:
        _, address = queue(make_user(100))
        chain.lane(through)
        first = SignedAttempt.objects.get()
        SignedAttempt.objects.update(created_at=real_now() - timedelta(seconds=REPLACE_AFTER_SECONDS + 1))
        chain.client.call("anvil_setNextBlockBaseFeePerGas", hex(2 * first.max_fee_wei))
        chain.mine()
        assert ChainTransaction.objects.get().status == "broadcast"
        chain.lane(through)
    finally:
        chain.client.call("evm_setAutomine", True)
    second = SignedAttempt.objects.latest("id")
    assert SignedAttempt.objects.count() == 2
    assert second.max_fee_wei * 8 >= first.max_fee_wei * 9
    assert second.priority_fee_wei * 8 >= first.priority_fee_wei * 9
    chain.mine()
    chain.settle()
    row = ChainTransaction.objects.get()
    assert row.tx_hash in (first.tx_hash, second.tx_hash)
    assert chain.tokens(address) == 5 * 10**18


def test_too_few_tokens_let_smaller_rows_pass_and_larger_ones_wait(chain, make_user):
    user = make_user(5000)
    queue(user, amount=900)
    queue(user, amount=5)
    sender = chain.signer.address
    data = (
        "0xa9059cbb"
        + chain.network.cold[2:].lower().rjust(64, "0")
        + hex(999_990 * 10**18)[2:].rjust(64, "0")
    )
    chain.client.call("eth_sendTransaction", {"from": sender, "to": chain.network.token, "data": data})
    chain.mine()
    ChainSigner.objects.update(next_nonce=1)
    assert chain.lane() == 1
    assert rows() == [("queued", None), ("broadcast", 1)]
    assert "too few tokens" in chain.signer.hold_reason


def test_low_native_coin_holds_new_sends(chain, make_user):
    queue(make_user(100))
    chain.client.call("anvil_setBalance", chain.signer.address, hex(10**16))
    assert chain.lane() == 0
    assert "GAS_ALARM" in chain.signer.hold_reason
    chain.client.call("anvil_setBalance", chain.signer.address, hex(10**18))
    assert chain.lane() == 1


def test_the_breaker_holds_and_releases_by_itself(chain, make_user, settings):
    queue(make_user(100))
    settings.CHAIN_MAX_FINALITY_LAG_BLOCKS = 1
    chain.index()
    assert ChainPosition.objects.get().breaker
    assert chain.lane() == 0
    assert "finality" in chain.signer.hold_reason
    settings.CHAIN_MAX_FINALITY_LAG_BLOCKS = 256
    chain.index()
    assert chain.lane() == 1
    assert chain.signer.hold_reason == ""


def test_another_chain_under_the_same_address_is_not_used(chain, make_user):
    from wallets.models import ChainNetwork

    queue(make_user(100))
    ChainNetwork.objects.update(genesis_hash="0x" + "1" * 64)
    assert chain.lane() == 0
    assert "make reset" in chain.signer.last_error
    assert rows() == [("queued", None)]


def test_what_a_frozen_wallet_queued_waits_until_it_is_let_go(chain, make_user):
    suspended, other = make_user(100), make_user(100)
    queue(suspended)
    queue(other)
    user_wallet_freeze(suspended.public_id, "suspended")
    chain.lane()
    assert rows() == [("queued", None), ("broadcast", 0)]
    assert chain.lane() == 0
    user_wallet_release(suspended.public_id, "reinstated")
    chain.settle()
    assert sorted(rows()) == [("confirmed", 0), ("confirmed", 1)]
