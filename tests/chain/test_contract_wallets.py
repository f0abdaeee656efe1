"""EIP-1271 on the real node: contracts that say yes, no, nothing, too much, or never come to an end."""

import pytest
from eth_account import Account

from accounts.signatures import text_digest
from ogc.db.transactions import run_in_transaction
from ogc.errors import ServiceUnavailable
from tests.chain.contract_wallet import address_with_code, deployed_wallet
from tests.factories.addresses import key, signed
from wallets.chain import signatures
from wallets.chain.rpc import RpcClient, RpcError
from wallets.chain.signatures import contract_signature_is_valid

pytestmark = [pytest.mark.chain, pytest.mark.django_db]

TEXT = "a text that somebody signs"
MAGIC = "1626ba7e"


@pytest.fixture(autouse=True)
def _own_client(node, evm_node, settings):
    settings.CHAIN_RPC_URLS = [evm_node]
    signatures.default_client().endpoints[0].closed_at = 0.0


def test_a_contract_accepts_what_its_owner_signed_and_nothing_else(node):
    owner = key()
    wallet = deployed_wallet(node, owner.address)
    good = bytes.fromhex(signed(TEXT, owner)[2:])
    assert contract_signature_is_valid(wallet, text_digest(TEXT), good)
    assert not contract_signature_is_valid(wallet, text_digest(TEXT + "!"), good)
    assert not contract_signature_is_valid(wallet, text_digest(TEXT), bytes.fromhex(signed(TEXT, key())[2:]))
    assert not contract_signature_is_valid(wallet, text_digest(TEXT), b"")
    assert not contract_signature_is_valid(wallet, text_digest(TEXT), b"\xff" * 4096)


@pytest.mark.parametrize(
    "code",
    [
        "00",  # stops: an empty answer
        "fe",  # invalid instruction
        "60006000fd",  # reverts
        "5b600056",  # goes round until the gas is burnt
        "5b620fffff60006000600061ffff5afa50600056",  # calls others for ever
        "60016000526020" + "6000f3",  # answers 1
        f"63{MAGIC}6000526020" + "6000f3",  # the magic value on the wrong side
        f"63{MAGIC}60e01b60005260046000f3",  # four bytes only
        f"63{MAGIC}60e01b6001176000526020" + "6000f3",  # dirt behind the magic value
        f"63{MAGIC}60e01b600052620fffff6000f3",  # a megabyte that begins with it
        "60ff60005260206000f3",
    ],
)
def test_a_contract_that_says_anything_else_has_not_accepted(node, code):
    assert contract_signature_is_valid(address_with_code(node, code), b"\x01" * 32, b"\x02" * 65) is False


def test_the_magic_value_itself_is_accepted(node):
    code = f"63{MAGIC}60e01b60005260206000f3"
    assert contract_signature_is_valid(address_with_code(node, code), b"\x01" * 32, b"") is True


def test_where_there_is_no_contract_nobody_accepts(node):
    assert contract_signature_is_valid(str(Account.create().address), b"\x01" * 32, b"\x02" * 65) is False


def test_a_contract_without_the_method_does_not_accept(chain, evm_node, settings):
    assert contract_signature_is_valid(chain.network.token, b"\x01" * 32, b"\x02" * 65) is False


def test_a_node_that_is_away_is_no_answer(settings):
    settings.CHAIN_RPC_URLS = ["http://127.0.0.1:9"]
    with pytest.raises(ServiceUnavailable):
        contract_signature_is_valid(str(Account.create().address), b"\x01" * 32, b"")


@pytest.mark.parametrize(
    ("code", "text"),
    [(-32603, "no answer in the array"), (-32005, "limit exceeded"), (429, "too many requests")],
)
def test_a_node_that_did_not_run_the_call_is_no_answer(monkeypatch, code, text):
    def refuse(self, method, *params):
        raise RpcError(code, text)

    monkeypatch.setattr(RpcClient, "call", refuse)
    with pytest.raises(ServiceUnavailable):
        contract_signature_is_valid(str(Account.create().address), b"\x01" * 32, b"")


def test_it_is_never_asked_inside_a_transaction():
    with pytest.raises(RuntimeError, match="inside a database transaction"):
        run_in_transaction(
            lambda: contract_signature_is_valid(str(Account.create().address), b"\x01" * 32, b"")
        )
