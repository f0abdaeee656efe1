"""Rows of wallets: who holds an account, and the journal behind every balance."""

from wallets.models.ledger import Checkpoint, Entry, LedgerAccount, Posting, Transaction, UnfoldedEntry
from wallets.models.wallet import Wallet

__all__ = [
    "Checkpoint",
    "Entry",
    "LedgerAccount",
    "Posting",
    "Transaction",
    "UnfoldedEntry",
    "Wallet",
]
