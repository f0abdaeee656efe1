"""Signers: who holds the keys of the hot wallets.

A signer gives its address and signs EIP-1559 transactions; where the key lives is its own business, so a key
management service can stand here too. Keys never leave this module, are never logged and never stored.

Sources: EIP-1559 (type 2 transactions), Web3 Secret Storage Definition v3 (keystore files).
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import HexStr

DEVELOPMENT_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""The first account of every local test node: known to the whole world, worth nothing."""

DEVELOPMENT_ADDRESS = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@dataclass(frozen=True, slots=True)
class UnsignedTransaction:
    """What a signer signs. Fees in wei per gas; `data` is 0x hex; no native coin is moved."""

    chain_id: int
    nonce: int
    to: str
    data: str
    gas_limit: int
    max_fee_wei: int
    priority_fee_wei: int


@dataclass(frozen=True, slots=True)
class SignedTransaction:
    """What goes to the node: raw bytes and hash as 0x hex."""

    raw: str
    tx_hash: str


class Signer(Protocol):
    """A hot wallet that can sign."""

    @property
    def address(self) -> str:
        """EIP-55 address."""

    def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign one transaction; the same input gives the same bytes (RFC 6979)."""


class LocalSigner:
    """A signer whose key is in the memory of this process."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    def __repr__(self) -> str:
        return f"LocalSigner({self.address})"

    @property
    def address(self) -> str:
        """EIP-55 address."""
        return str(self._account.address)

    def sign(self, transaction: UnsignedTransaction) -> SignedTransaction:
        """Sign with the key in memory."""
        signed = self._account.sign_transaction(
            {
                "type": 2,
                "chainId": transaction.chain_id,
                "nonce": transaction.nonce,
                "to": HexStr(transaction.to),
                "value": 0,
                "data": HexStr(transaction.data),
                "gas": transaction.gas_limit,
                "maxFeePerGas": transaction.max_fee_wei,
                "maxPriorityFeePerGas": transaction.priority_fee_wei,
            }
        )
        return SignedTransaction(raw="0x" + signed.raw_transaction.hex(), tx_hash="0x" + signed.hash.hex())


def keystore_signer(path: Path, passphrase: str) -> LocalSigner:
    """Open an encrypted keystore file.

    Raises:
        ImproperlyConfigured: the file is missing or broken, or the passphrase does not open it.
    """
    try:
        key = Account.decrypt(json.loads(path.read_text()), passphrase)
    except (OSError, ValueError, KeyError, TypeError):
        raise ImproperlyConfigured(
            f"CHAIN_KEYSTORE: {path} can't be opened: check the file and CHAIN_KEYSTORE_PASSPHRASE"
        ) from None
    return _checked(Account.from_key(key))


def development_signer() -> LocalSigner:
    """The well-known development key. Raises ImproperlyConfigured when DEBUG is off."""
    return _checked(Account.from_key(DEVELOPMENT_KEY))


def load_signers() -> tuple[Signer, ...]:
    """All signers of this installation; the first is the deposit address.

    Without a keystore: the development key with DEBUG, none without.
    """
    return _load(settings.CHAIN_KEYSTORE, settings.CHAIN_KEYSTORE_PASSPHRASE, settings.DEBUG)


@lru_cache(maxsize=4)
def _load(keystore: str, passphrase: str, debug: bool) -> tuple[Signer, ...]:
    if keystore:
        return (keystore_signer(Path(keystore), passphrase),)
    return (development_signer(),) if debug else ()


def _checked(account: LocalAccount) -> LocalSigner:
    if account.address == DEVELOPMENT_ADDRESS and not settings.DEBUG:
        raise ImproperlyConfigured("CHAIN_KEYSTORE: the development key is refused when DEBUG is off")
    return LocalSigner(account)
