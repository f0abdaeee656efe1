"""Tokens of the treasury sent to an address of the local chain (DEBUG only)."""

from typing import Any

from django.conf import settings

from ogc import clock, context
from ogc.actors import SYSTEM
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound
from ogc.ports import audit_record
from wallets.chain.constants import ChainPurpose, ChainStatus
from wallets.chain.jobs import poke_lanes
from wallets.chain.locks import lock_row
from wallets.chain.rules import checked_address
from wallets.constants import AccountKind, PostingKind, TransactionStatus, TransactionType
from wallets.locks import lock_accounts
from wallets.models import ChainTransaction
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.transactions import transaction_move


@transactional
def faucet_send(*, address: str, amount: int) -> ChainTransaction:
    """Queue a payment from the hot wallet; it is booked treasury → onchain_hot when it is final. Both are
    audited.

    Raises:
        NotFound: DEBUG is off.
        ValidationFailed: not an address.
    """
    if not settings.DEBUG:
        raise NotFound
    receiver = checked_address(address)
    draft = TransactionDraft(
        type=TransactionType.FAUCET,
        status=TransactionStatus.PENDING,
        amount=amount,
        reference=f"address:{receiver}",
    )
    row = ChainTransaction.objects.create(
        public_id=draft.public_id,
        purpose=ChainPurpose.FAUCET,
        status=ChainStatus.QUEUED,
        transaction_id=transaction_open(draft),
        receiver=receiver,
        amount=amount,
        correlation_id=context.current().correlation_id,
    )
    _audit(row, {}, {"status": row.status})
    on_commit(poke_lanes)
    return row


@transactional
def faucet_send_settle(row_id: int) -> None:
    """Book a payment that is final, once."""
    row = lock_row(row_id)
    if row.settled_at is not None:
        return
    locked = lock_accounts((AccountKind.TREASURY, AccountKind.ONCHAIN_HOT))
    before = locked.balances()
    post(
        transaction_id=row.transaction_id,
        kind=PostingKind.POST,
        source_key=f"faucet:{row.tx_hash}",
        legs=[Leg(AccountKind.TREASURY, -row.amount), Leg(AccountKind.ONCHAIN_HOT, row.amount)],
        locked=locked,
    )
    _audit(row, {"balances": before}, {"balances": locked.balances()})
    transaction_move(transaction_id=row.transaction_id, to=TransactionStatus.COMPLETED)
    ChainTransaction.objects.filter(pk=row.pk).update(settled_at=clock.real_now())


@transactional
def faucet_send_fail(row_id: int, reason: str) -> None:
    """Close a payment that finally can't happen; nothing was booked."""
    row = lock_row(row_id)
    if row.settled_at is None:
        transaction_move(transaction_id=row.transaction_id, to=TransactionStatus.FAILED)
        ChainTransaction.objects.filter(pk=row.pk).update(
            settled_at=clock.real_now(), last_error=reason[:200]
        )


def _audit(row: ChainTransaction, before: dict[str, Any], after: dict[str, Any]) -> None:
    audit_record(
        actor=SYSTEM,
        action="chain.faucet",
        target_type="address",
        target_id=row.receiver,
        severity="warning",
        before=before,
        after={**after, "amount": row.amount, "transaction": row.public_id},
    )
