"""The contracts: their artifacts, what the token can't do, and the vault against inflation."""

import pytest

from tests.chain.world import fresh_address
from wallets.chain.contracts import (
    artifact,
    balance_call,
    bloom_may_hold,
    decode_uint,
    encode_call,
    read_transfers,
    transfer_call,
)
from wallets.chain.contracts.build import stale
from wallets.chain.deploy import DEAD_ADDRESS, LOCKED_WEI, deploy
from wallets.chain.network import NetworkMismatch, NetworkUnknown, network_get
from wallets.models import ChainNetwork, ChainPosition, ChainSigner


def test_artifacts_equal_a_fresh_build():
    assert stale() == []


@pytest.mark.parametrize(
    "name", ["mint", "burn", "burn_from", "set_minter", "transfer_ownership", "renounce_ownership"]
)
def test_nobody_can_change_the_supply(name):
    assert name not in {item.get("name") for item in artifact("OgcToken").abi}


def view(chain, to, data):
    return decode_uint(chain.client.call("eth_call", {"to": to, "data": data}, "latest"))


@pytest.mark.chain
def test_supply_is_cold_hot_and_locked(chain):
    cold, hot = chain.tokens(chain.network.cold), chain.tokens(chain.signer.address)
    assert view(chain, chain.network.token, encode_call("totalSupply()")) == 500_000_000 * 10**18
    assert hot == 1_000_000 * 10**18
    assert chain.tokens(chain.network.vault) == LOCKED_WEI
    assert cold + hot + LOCKED_WEI == 500_000_000 * 10**18


@pytest.mark.chain
def test_the_vault_has_six_more_decimals_and_a_locked_first_deposit(chain):
    vault = chain.network.vault
    assert view(chain, vault, encode_call("decimals()")) == 24
    assert view(chain, vault, balance_call(DEAD_ADDRESS)) == LOCKED_WEI * 10**6
    assert view(chain, vault, encode_call("totalSupply()")) == LOCKED_WEI * 10**6


@pytest.mark.chain
def test_inflating_the_price_of_a_share_costs_the_attacker_and_not_the_victim(chain):
    cold, token, vault = chain.network.cold, chain.network.token, chain.network.vault
    victim = chain.client.call("eth_accounts")[4]

    def send(sender, to, data):
        chain.client.call("eth_sendTransaction", {"from": sender, "to": to, "data": data})
        chain.mine()

    send(cold, token, transfer_call(victim, 10 * 10**18))
    send(cold, token, transfer_call(vault, 1_000_000 * 10**18))
    send(victim, token, encode_call("approve(address,uint256)", vault, 10 * 10**18))
    send(victim, vault, encode_call("deposit(uint256,address)", 10 * 10**18, victim))
    shares = view(chain, vault, balance_call(victim))
    worth = view(chain, vault, encode_call("convertToAssets(uint256)", shares))
    assert worth >= 10 * 10**18 - 10**13


@pytest.mark.chain
def test_deploying_again_changes_nothing(chain):
    before = (chain.client.call("eth_blockNumber"), ChainNetwork.objects.values().get())
    again = deploy(chain.client)
    assert (again.created, again.network) == (False, chain.network)
    assert (chain.client.call("eth_blockNumber"), ChainNetwork.objects.values().get()) == before


@pytest.mark.chain
def test_a_deployment_that_died_before_its_row_is_completed(chain):
    for model in (ChainNetwork, ChainPosition, ChainSigner):
        model.objects.all().delete()
    again = deploy(chain.client)
    assert (again.created, again.network) == (True, chain.network)
    assert chain.tokens(chain.signer.address) == 1_000_000 * 10**18


@pytest.mark.chain
def test_a_cold_address_of_ones_own_gets_the_supply(db, node, settings):
    settings.DEBUG = True
    settings.CHAIN_COLD_ADDRESS = fresh_address()
    network = deploy(node).network
    call = {"to": network.token, "data": balance_call(settings.CHAIN_COLD_ADDRESS)}
    assert network.cold == settings.CHAIN_COLD_ADDRESS
    assert decode_uint(node.call("eth_call", call, "latest")) == 499_000_000 * 10**18 - LOCKED_WEI


@pytest.mark.chain
def test_nothing_is_deployed_without_debug(db, node, settings):
    settings.DEBUG = False
    with pytest.raises(NetworkMismatch):
        deploy(node)
    with pytest.raises(NetworkUnknown):
        network_get()


@pytest.mark.chain
def test_transfers_are_read_with_their_ordinal(chain):
    data = transfer_call(chain.network.cold, 5)
    tx_hash = chain.client.call(
        "eth_sendTransaction", {"from": chain.network.cold, "to": chain.network.token, "data": data}
    )
    chain.mine()
    receipt = chain.client.call("eth_getTransactionReceipt", tx_hash)
    (transfer,) = read_transfers(receipt["logs"], chain.network.token)
    assert (transfer.tx_hash, transfer.ordinal, transfer.value_wei) == (tx_hash, 0, 5)
    assert transfer.sender == transfer.receiver == chain.network.cold
    assert bloom_may_hold(receipt["logsBloom"], chain.network.token)
    assert not bloom_may_hold("0x" + "0" * 512, chain.network.token)
