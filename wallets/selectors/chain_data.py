"""What the chain says about transactions that went there."""

from collections.abc import Collection
from typing import Any


def chain_data_for(transaction_pks: Collection[int]) -> dict[int, dict[str, Any]]:
    """Chain data by row number of the transaction, in one query at most; those without any are left out.

    Each value has the keys status, tx_hash, nonce, block, confirmations, explorer_url.
    """
    return {}
