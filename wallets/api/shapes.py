"""JSON of wallets and transactions, made without serializers: these are the hottest reads of the platform."""

from typing import Any

from ogc.amounts import format_amount
from wallets.constants import WALLET_KINDS
from wallets.limits import limit_text
from wallets.selectors import TransactionView, WalletView
from wallets.services.previews import Preview


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


def preview_json(preview: Preview) -> dict[str, Any]:
    """The shape `PreviewOut`."""
    return {
        "dry_run": True,
        "type": preview.type,
        "amount": format_amount(preview.amount),
        "fee": format_amount(preview.fee),
        "total": format_amount(preview.total),
        "available": format_amount(preview.available),
        "limits": [
            {
                "name": limit.name,
                "unit": "moves" if limit.is_count else "OGC",
                "limit": limit_text(limit, limit.limit),
                "used": limit_text(limit, limit.used),
                "left": limit_text(limit, limit.left),
                "ok": limit.is_kept,
            }
            for limit in preview.limits
        ],
        "approval_needed": preview.needs_approval,
        "step_up_needed": preview.needs_step_up,
        "expected_seconds": preview.expected_seconds,
        "refusal": preview.refusal,
    }
