"""Signers: keystore files, the development key, and that no key is shown."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured
from eth_account import Account

from wallets.chain.signer import (
    DEVELOPMENT_ADDRESS,
    DEVELOPMENT_KEY,
    UnsignedTransaction,
    development_signer,
    keystore_signer,
    load_signers,
)

TRANSACTION = UnsignedTransaction(
    chain_id=31337,
    nonce=7,
    to=DEVELOPMENT_ADDRESS,
    data="0x01",
    gas_limit=100_000,
    max_fee_wei=3_000_000_000,
    priority_fee_wei=1_000_000_000,
)


@pytest.fixture
def keystore(tmp_path):
    """A keystore file and the account in it."""
    account = Account.create()
    path = tmp_path / "hot.json"
    path.write_text(json.dumps(account.encrypt("passphrase", kdf="scrypt", iterations=2)))
    return path, account


def test_the_development_key_signs_with_debug_only(settings):
    settings.DEBUG = True
    assert development_signer().address == DEVELOPMENT_ADDRESS
    assert [signer.address for signer in load_signers()] == [DEVELOPMENT_ADDRESS]
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="development key"):
        development_signer()
    assert load_signers() == ()


def test_the_development_key_is_refused_in_a_keystore_too(settings, tmp_path):
    settings.DEBUG = False
    path = tmp_path / "hot.json"
    path.write_text(json.dumps(Account.encrypt(DEVELOPMENT_KEY, "passphrase", kdf="scrypt", iterations=2)))
    with pytest.raises(ImproperlyConfigured, match="development key"):
        keystore_signer(path, "passphrase")


def test_a_keystore_opens_with_its_passphrase_only(settings, keystore):
    settings.DEBUG = False
    path, account = keystore
    settings.CHAIN_KEYSTORE, settings.CHAIN_KEYSTORE_PASSPHRASE = str(path), "passphrase"
    assert [signer.address for signer in load_signers()] == [account.address]
    with pytest.raises(ImproperlyConfigured) as refused:
        keystore_signer(path, "wrong")
    assert "passphrase" not in str(refused.value).replace("CHAIN_KEYSTORE_PASSPHRASE", "")
    with pytest.raises(ImproperlyConfigured):
        keystore_signer(path.with_name("missing.json"), "passphrase")


def test_the_same_transaction_gives_the_same_bytes(settings):
    settings.DEBUG = True
    one, two = development_signer().sign(TRANSACTION), development_signer().sign(TRANSACTION)
    assert one == two
    assert one.raw.startswith("0x02")
    assert Account.recover_transaction(one.raw) == DEVELOPMENT_ADDRESS


def test_no_key_is_shown(settings):
    settings.DEBUG = True
    shown = repr(development_signer()) + str(development_signer())
    assert DEVELOPMENT_KEY.removeprefix("0x") not in shown


def test_signing_is_done_by_coincurve():
    from eth_keys import keys
    from eth_keys.backends import CoinCurveECCBackend

    assert isinstance(keys.PrivateKey(b"\x01" * 32).backend, CoinCurveECCBackend)
