"""Rows of wallets: who holds an account, and the journal behind every balance."""

from wallets.models.chain import (
    ChainBlock,
    ChainNetwork,
    ChainPosition,
    ChainSigner,
    ChainTransaction,
    PayoutDay,
    SeenTransfer,
    SignedAttempt,
)
from wallets.models.ledger import Checkpoint, Entry, LedgerAccount, Posting, Transaction, UnfoldedEntry
from wallets.models.wallet import Wallet

__all__ = [
    "ChainBlock",
    "ChainNetwork",
    "ChainPosition",
    "ChainSigner",
    "ChainTransaction",
    "Checkpoint",
    "Entry",
    "LedgerAccount",
    "PayoutDay",
    "Posting",
    "SeenTransfer",
    "SignedAttempt",
    "Transaction",
    "UnfoldedEntry",
    "Wallet",
]
