"""Reads of wallets. What belongs to a user is found by the user's public id: a foreign id finds nothing."""

from wallets.selectors.transactions import (
    Counterparty,
    EntryView,
    HistoryFilter,
    TransactionView,
    iso_text,
    transaction_for_user,
    transactions_for_user,
)
from wallets.selectors.wallets import WalletView, wallet_for_user

__all__ = [
    "Counterparty",
    "EntryView",
    "HistoryFilter",
    "TransactionView",
    "WalletView",
    "iso_text",
    "transaction_for_user",
    "transactions_for_user",
    "wallet_for_user",
]
