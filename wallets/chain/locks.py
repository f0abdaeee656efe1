"""Row locks of the chain engine. Order: signer, then chain transactions by pk, then ledger accounts."""

from collections.abc import Iterable

from wallets.chain.constants import ChainStatus
from wallets.models.chain import ChainPosition, ChainSigner, ChainTransaction


def lock_signer(signer_id: int) -> ChainSigner:
    """The signer's row, locked: whoever holds it may give out nonces."""
    return ChainSigner.objects.select_for_update().get(pk=signer_id)


def lock_queued(limit: int) -> list[ChainTransaction]:
    """The oldest queued rows, locked, by pk."""
    rows = ChainTransaction.objects.select_for_update().filter(status=ChainStatus.QUEUED)
    return list(rows.order_by("pk")[:limit])


def lock_rows(ids: Iterable[int], *statuses: str) -> list[ChainTransaction]:
    """Those of the rows that are in one of the states, locked, by pk."""
    rows = ChainTransaction.objects.select_for_update().filter(pk__in=list(ids), status__in=statuses)
    return list(rows.order_by("pk"))


def lock_row(row_id: int) -> ChainTransaction:
    """One row, locked, in whatever state."""
    return ChainTransaction.objects.select_for_update().get(pk=row_id)


def lock_position() -> ChainPosition:
    """The indexer's position, locked."""
    return ChainPosition.objects.select_for_update().get(key="active")
