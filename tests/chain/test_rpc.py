"""Transport: arrays, failover, the circuit of an endpoint, and no call inside a transaction."""

import pytest

from ogc.db.transactions import run_in_transaction
from wallets.chain import rpc
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable

pytestmark = pytest.mark.chain

NOWHERE = "http://127.0.0.1:1"


def test_an_array_keeps_the_order_of_its_calls_and_single_errors(evm_node):
    client = RpcClient([evm_node])
    answers = client.batch(
        [("eth_chainId", []), ("eth_noSuchMethod", []), ("eth_getTransactionReceipt", ["0x" + "0" * 64])]
    )
    assert answers[0].unwrap() == "0x7a69"
    assert isinstance(answers[1].error, RpcError)
    assert (answers[2].value, answers[2].error) == (None, None)
    with pytest.raises(RpcError):
        client.call("eth_noSuchMethod")


def test_more_calls_than_fit_are_split(evm_node, proxy):
    answers = RpcClient([proxy.url], timeout_seconds=30).batch([("eth_chainId", [])] * 250)
    assert [answer.value for answer in answers] == ["0x7a69"] * 250
    assert [len(array) for array in proxy.arrays] == [100, 100, 50]


def test_no_log_level_shows_the_path_of_an_endpoint(proxy, caplog):
    caplog.set_level("DEBUG")
    assert RpcClient([f"{proxy.url}/v2/key-0f-the-account"]).call("eth_chainId") == "0x7a69"
    assert "key-0f-the-account" not in caplog.text


def test_the_next_endpoint_answers_when_the_first_does_not(evm_node):
    client = RpcClient([NOWHERE, evm_node])
    assert client.call("eth_chainId") == "0x7a69"


def test_the_second_read_asks_the_other_endpoint_first(evm_node, proxy):
    client = RpcClient([evm_node, proxy.url])
    client.call("eth_chainId")
    assert proxy.methods == []
    client.second().call("eth_chainId")
    assert proxy.methods == ["eth_chainId"]


def test_an_endpoint_that_fails_is_left_alone_for_a_while(evm_node, proxy, monkeypatch):
    client = RpcClient([proxy.url, evm_node], timeout_seconds=1)
    proxy.drop("eth_chainId", times=3)
    for _ in range(3):
        assert client.call("eth_chainId") == "0x7a69"
    assert client.endpoints[0].is_open
    client.call("eth_chainId")
    assert len(proxy.methods) == 3
    later = rpc.time.monotonic() + rpc.OPEN_SECONDS + 1
    monkeypatch.setattr(rpc.time, "monotonic", lambda: later)
    assert not client.endpoints[0].is_open


def test_nothing_answers(evm_node):
    with pytest.raises(RpcUnavailable):
        RpcClient([NOWHERE]).call("eth_chainId")
    with pytest.raises(RpcUnavailable):
        RpcClient([]).call("eth_chainId")


def test_no_call_is_made_inside_a_transaction(evm_node, db):
    with pytest.raises(RuntimeError, match="inside a database transaction"):
        run_in_transaction(lambda: RpcClient([evm_node]).call("eth_chainId"))
