"""The life of a transaction after it was opened."""

from ogc import clock
from wallets.constants import TransactionStatus
from wallets.errors import TransactionMoveInvalid
from wallets.locks import lock_transaction
from wallets.models import Transaction
from wallets.rules import transaction_may_move


def transaction_move(*, transaction_id: int, to: str) -> Transaction:
    """Walk one step of the status table, inside the caller's transaction.

    Args:
        transaction_id: row number.
        to: the status to take.

    Returns:
        The transaction in its new status.

    Raises:
        TransactionMoveInvalid: the table has no such step.

    Effects:
        Locks the row. `completed_at` is set on completion and kept on reversal.
    """
    transaction = lock_transaction(transaction_id)
    if not transaction_may_move(transaction.status, to):
        raise TransactionMoveInvalid(status=transaction.status, asked=to)
    transaction.status = to
    if to == TransactionStatus.COMPLETED:
        transaction.completed_at = clock.now()
    transaction.save(update_fields=["status", "completed_at"])
    return transaction
