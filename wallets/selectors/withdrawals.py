"""Withdrawals of everybody, for those who approve them."""

from typing import Any

from django.db.models import F, QuerySet, Subquery

from wallets.chain.constants import ChainPurpose
from wallets.models import ChainPosition, ChainTransaction
from wallets.selectors.chain_data import chain_view


def withdrawals(
    *, status: str | None = None, public_id: str | None = None
) -> "QuerySet[ChainTransaction, Any]":
    """Rows as dicts with what `withdrawal_view` and the list show; the caller pages."""
    rows = ChainTransaction.objects.filter(purpose=ChainPurpose.WITHDRAWAL)
    if status is not None:
        rows = rows.filter(status=status)
    if public_id is not None:
        rows = rows.filter(public_id=public_id)
    head = ChainPosition.objects.filter(key="active").values("head_number")
    return rows.annotate(user_id=F("wallet__user__public_id"), head=Subquery(head)).values(
        "id", "public_id", "user_id", "receiver", "amount", "fee", "created_at",
        "status", "tx_hash", "nonce", "block_number", "head",
    )  # fmt: skip


def withdrawal_view(row: dict[str, Any]) -> dict[str, Any]:
    """The chain part of a row."""
    return chain_view(row["status"], row["tx_hash"], row["nonce"], row["block_number"], row["head"])
