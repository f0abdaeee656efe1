"""JSON of wallets and transactions, made without serializers: these are the hottest reads of the platform."""

from typing import Any

from ogc.amounts import format_amount
from wallets.constants import WALLET_KINDS
from wallets.selectors import TransactionView, WalletView


def wallet_json(wallet: WalletView) -> dict[str, Any]:
    """The shape `WalletOut`."""
    balances = {kind.value: format_amount(wallet.balances[kind]) for kind in WALLET_KINDS}
    return {
        "id": wallet.id,
        "address": wallet.address,
        "status": wallet.status,
        "balances": {**balances, "total": format_amount(sum(wallet.balances.values()))},
        "onchain": None,
        "incoming": [],
    }


def transaction_json(transaction: TransactionView) -> dict[str, Any]:
    """The shape `TransactionOut`."""
    party = transaction.counterparty
    return {
        "id": transaction.id,
        "type": transaction.type,
        "status": transaction.status,
        "amount": format_amount(transaction.amount),
        "direction": transaction.direction,
        "counterparty": {"kind": party.kind, "id": party.id, "name": party.name},
        "memo": transaction.memo,
        "created_at": transaction.created_at,
        "completed_at": transaction.completed_at,
        "entries": [
            {
                "account": entry.account,
                "amount": format_amount(entry.amount),
                "balance_after": format_amount(entry.balance_after),
            }
            for entry in transaction.entries
        ],
        "chain": transaction.chain,
    }
