"""What the chain says about transactions that went there."""

from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db.models import Subquery

from wallets.chain.constants import ChainStatus
from wallets.models import ChainPosition, ChainTransaction

_IN_BLOCK = (ChainStatus.MINED, ChainStatus.CONFIRMED, ChainStatus.FAILED)


def chain_data_for(transaction_pks: Collection[int]) -> dict[int, dict[str, Any]]:
    """Chain data by row number of the transaction, in one query at most; those without any are left out.

    Each value has the keys status, tx_hash, nonce, block, confirmations, explorer_url. The hash is told once
    the transaction was sent.
    """
    head = ChainPosition.objects.filter(key="active").values("head_number")
    rows = ChainTransaction.objects.filter(transaction_id__in=transaction_pks).annotate(head=Subquery(head))
    columns = ("transaction_id", "status", "tx_hash", "nonce", "block_number", "head")
    return {row[0]: chain_view(*row[1:]) for row in rows.values_list(*columns)}


def chain_view(
    status: str, tx_hash: str, nonce: int | None, block: int | None, head: int | None
) -> dict[str, Any]:
    """The chain part of a transaction, from the columns of its chain row and the head of the chain."""
    is_in_block = status in _IN_BLOCK and block is not None
    prefix = settings.CHAIN_EXPLORER_URL
    return {
        "status": status,
        "tx_hash": tx_hash or None,
        "nonce": nonce,
        "block": block if is_in_block else None,
        "confirmations": max(0, (head or 0) - (block or 0) + 1) if is_in_block else 0,
        "explorer_url": f"{prefix}{tx_hash}" if prefix and tx_hash else None,
    }
