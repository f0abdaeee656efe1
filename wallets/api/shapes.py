"""JSON of wallets and transactions, made without serializers: these are the hottest reads of the platform."""

from collections.abc import Mapping
from typing import Any

from ogc.amounts import format_amount
from wallets.constants import WALLET_KINDS
from wallets.limits import limit_text
from wallets.selectors import TransactionView, WalletView
from wallets.selectors.statements import BookLine
from wallets.services.previews import Preview


def balances_json(balances: Mapping[str, int]) -> dict[str, str]:
    """The shape `BalancesOut`, from base units of the four accounts by kind."""
    shown = {kind.value: format_amount(balances[kind]) for kind in WALLET_KINDS}
    return {**shown, "total": format_amount(sum(balances.values()))}


def wallet_json(wallet: WalletView) -> dict[str, Any]:
    """The shape `WalletOut`."""
    return {
        "id": wallet.id,
        "address": wallet.address,
        "status": wallet.status,
        "balances": balances_json(wallet.balances),
        "onchain": None,
        "incoming": [],
    }


def transaction_json(transaction: TransactionView) -> dict[str, Any]:
    """The shape `TransactionOut`."""
    return {
        "id": transaction.id,
        "type": transaction.type,
        "status": transaction.status,
        "amount": format_amount(transaction.amount),
        "direction": transaction.direction,
        "counterparty": transaction.counterparty._asdict(),
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


def line_json(line: BookLine) -> dict[str, Any]:
    """The shape `BookLineOut`."""
    return {
        "created_at": line.posted_at,
        "transaction": line.transaction_id,
        "type": line.type,
        "posting": line.posting,
        "account": line.account,
        "amount": format_amount(line.amount),
        "balance_after": format_amount(line.balance_after),
        "direction": line.direction,
        "counterparty": line.counterparty._asdict(),
        "memo": line.memo,
        "cause": line.cause._asdict(),
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
