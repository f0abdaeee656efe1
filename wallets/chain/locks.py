"""Row locks of the chain engine. Order: signer, then chain transactions by pk, then ledger accounts."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from wallets.chain.constants import ChainStatus
from wallets.constants import WalletStatus
from wallets.models import Wallet
from wallets.models.chain import ChainPosition, ChainSigner, ChainTransaction


def lock_signer(signer_id: int) -> ChainSigner:
    """The signer's row, locked: whoever holds it may give out nonces."""
    return ChainSigner.objects.select_for_update().get(pk=signer_id)


def lock_queued(limit: int) -> list[ChainTransaction]:
    """The oldest rows that may get a nonce, locked, by pk."""
    return list(queued().select_for_update().order_by("pk")[:limit])


def queued() -> QuerySet[ChainTransaction]:
    """Rows that wait for a nonce and may have one: those of a frozen wallet stay where they are."""
    frozen = Wallet.objects.filter(status=WalletStatus.FROZEN).values("pk")
    rows = ChainTransaction.objects.filter(status=ChainStatus.QUEUED)
    return rows.filter(Q(wallet=None) | ~Q(wallet__in=frozen))


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
