"""The prize money of a challenge: set aside when it is published, given back when it is not needed."""

from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from wallets.constants import AccountKind, PostingKind, TransactionType
from wallets.locks import lock_accounts
from wallets.models import LedgerAccount
from wallets.rules import escrow_account_key
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)

SCOPE = "challenge.write"


@transactional
def escrow_fund(*, actor: Actor, challenge_id: str, amount: int) -> str:
    """Set the prize money of a challenge aside: rewards_pool → its escrow.

    Args:
        actor: needs `challenge.write`.
        challenge_id: public id.
        amount: base units, above zero.

    Returns:
        Public id of the transaction.

    Raises:
        InsufficientBalance: the rewards pool does not hold that much.

    Effects:
        Opens the escrow account. Locks the pool.

    Idempotency:
        A challenge is funded once; calling again returns the first transaction.
    """
    require(actor, "escrow.fund", scope=SCOPE)
    escrow = escrow_account_key(challenge_id)
    LedgerAccount.objects.get_or_create(key=escrow, defaults={"kind": AccountKind.ESCROW, "lazy": True})
    locked = lock_accounts((AccountKind.REWARDS_POOL,), credited=(escrow,))
    source_key = f"escrow_fund:{challenge_id}"
    if booked := posting_transaction_id(source_key):
        return booked
    draft = TransactionDraft(
        type=TransactionType.ESCROW_FUND.value, amount=amount, reference=f"challenge:{challenge_id}"
    )
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=source_key,
        legs=(Leg(AccountKind.REWARDS_POOL, -amount), Leg(escrow, amount)),
        locked=locked,
    )
    return draft.public_id


@transactional
def escrow_refund(
    *, actor: Actor, challenge_id: str, amount: int | None = None, cause: str = ""
) -> str | None:
    """Give prize money back: the escrow of a challenge → rewards_pool.

    Args:
        actor: needs `challenge.write`.
        challenge_id: public id.
        amount: base units; None gives back all that is left.
        cause: names what it is given back for, where that happens once; empty: each call gives back again.

    Returns:
        Public id of the transaction, the first one of its cause; None when nothing was left to give back.

    Raises:
        InsufficientBalance: the escrow does not hold that much.

    Effects:
        Locks the escrow.
    """
    require(actor, "escrow.refund", scope=SCOPE)
    escrow = escrow_account_key(challenge_id)
    locked = lock_accounts((escrow,), credited=(AccountKind.REWARDS_POOL,))
    if cause and (booked := posting_transaction_id(f"escrow_refund:{cause}")):
        return booked
    if amount is None:
        amount = locked[escrow].balance if escrow in locked else 0
        if not amount:
            return None
    draft = TransactionDraft(
        type=TransactionType.ESCROW_REFUND.value, amount=amount, reference=f"challenge:{challenge_id}"
    )
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=f"escrow_refund:{cause or draft.public_id}",
        legs=(Leg(escrow, -amount), Leg(AccountKind.REWARDS_POOL, amount)),
        locked=locked,
    )
    return draft.public_id
