"""Commands, /readyz and metrics of the chain engine."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.chain.world import fresh_address
from wallets.chain import health
from wallets.models import ChainNetwork, ChainPosition

pytestmark = [pytest.mark.chain, pytest.mark.mariadb]

KEYS = {"rpc_url", "chain_id", "token", "vault", "deposit_address", "block", "finalized", "lag_seconds"}


def run(*arguments):
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_chain_status_tells_all(chain):
    report = json.loads(run("chain_status", "--json"))
    assert report.keys() >= KEYS | {"breaker", "signers"}
    assert report["chain_id"] == 31337
    assert report["block"] - report["finalized"] == 2
    assert (report["breaker"], report["ok"]) == (False, True)
    assert [signer["address"] for signer in report["signers"]] == [report["deposit_address"]]
    assert "token" in run("chain_status")


def test_chain_status_fails_when_withdrawals_are_stopped(chain):
    ChainPosition.objects.update(stopped=True, stop_reason="drill")
    with pytest.raises(SystemExit) as ended:
        run("chain_status", "--json")
    assert ended.value.code == 1


def test_another_chain_stops_the_indexer_and_readyz_says_what_to_do(chain, api):
    assert health()["status"] == "ok"
    assert api.get("readyz").json()["checks"]["chain_identity"]["status"] == "ok"
    ChainNetwork.objects.update(genesis_hash="0x" + "2" * 64)
    with pytest.raises(CommandError, match="make reset"):
        run("indexer", "--once")
    answer = api.get("readyz")
    assert answer.status_code == 503
    assert "make reset" in answer.json()["checks"]["chain_identity"]["message"]
    assert health()["status"] == "wrong"


def test_readyz_says_that_withdrawals_are_held(chain, api):
    ChainPosition.objects.update(breaker=True, breaker_reason="finalized is 300 blocks behind the head")
    answer = api.get("readyz")
    assert "300 blocks behind" in answer.json()["checks"]["chain"]["message"]


def test_the_faucet_sends_tokens_and_coin_to_an_address(chain, balance):
    treasury, address = balance("treasury"), fresh_address()
    printed = run("faucet", "--address", address, "--amount", "12.5")
    assert chain.tokens(address) == 125 * 10**17
    assert int(chain.client.call("eth_getBalance", address, "latest"), 16) == 10**18
    assert treasury - balance("treasury") == 12_500_000_000
    assert "0x" in printed
    with pytest.raises(CommandError):
        run("faucet", "--address", "0x12", "--amount", "1")


def test_deploy_contracts_is_safe_to_repeat(chain):
    assert "already deployed" in run("deploy_contracts")


def test_the_indexer_waits_without_a_network(db, evm_node):
    run("indexer", "--once")
    assert not ChainPosition.objects.exists()
