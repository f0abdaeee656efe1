"""Paying what was won, and releasing it when its hold is over."""

from django.conf import settings

from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from wallets.constants import AccountKind, PostingKind, TransactionStatus, TransactionType
from wallets.locks import LockedAccounts, lock_accounts, lock_transaction
from wallets.models import Transaction, Wallet
from wallets.rules import escrow_account_key, user_account_key
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)
from wallets.services.transactions import transaction_move
from wallets.signals import reward_paid


@transactional
def challenge_reward_pay(*, actor: Actor, challenge_id: str, user_id: str, amount: int, rank: int) -> str:
    """Pay one prize: escrow → pending, and on to available at once when `REWARD_HOLD_SECONDS` is 0.

    Args:
        actor: needs `challenge.write`.
        challenge_id: public id.
        user_id: public id of the winner.
        amount: base units, above zero.
        rank: place in the final ranking, from 1.

    Returns:
        Public id of the transaction.

    Raises:
        NotFound: the winner has no wallet.
        InsufficientBalance: the escrow does not hold that much.

    Effects:
        Locks the escrow and the winner's `pending` and `available`. Emits reward_paid.

    Idempotency:
        One reward per challenge and user; calling again returns the first transaction.
    """
    require(actor, "reward.pay", scope="challenge.write")
    escrow = escrow_account_key(challenge_id)
    pending = user_account_key(user_id, AccountKind.PENDING)
    locked = lock_accounts((escrow, pending, user_account_key(user_id, AccountKind.AVAILABLE)))
    source_key = f"reward:{challenge_id}:{user_id}"
    if booked := posting_transaction_id(source_key):
        return booked
    wallet_pk = Wallet.objects.filter(user__public_id=user_id).values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    draft = TransactionDraft(
        type=TransactionType.REWARD.value,
        status=TransactionStatus.PENDING.value,
        amount=amount,
        recipient_pk=wallet_pk,
        reference=f"challenge:{challenge_id}",
    )
    transaction_pk = transaction_open(draft)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.POST,
        source_key=source_key,
        legs=(Leg(escrow, -amount), Leg(pending, amount)),
        locked=locked,
    )
    if not settings.REWARD_HOLD_SECONDS:
        _release(transaction_pk, draft.public_id, user_id, amount, locked)
    reward_paid.emit(
        transaction_id=draft.public_id, user_id=user_id, challenge_id=challenge_id, amount=amount, rank=rank
    )
    return draft.public_id


@transactional
def reward_release(*, transaction_pk: int) -> None:
    """Move a held reward from pending to available; whether its hold is over is the caller's to know.

    Effects: locks the winner's `pending` and `available`, then the transaction, which is completed.

    Idempotency: a reward released before, or one that is not waiting, is left alone.
    """
    row = Transaction.objects.filter(pk=transaction_pk, type=TransactionType.REWARD)
    public_id, user_id, amount = row.values_list("public_id", "recipient__user__public_id", "amount").get()
    keys = [user_account_key(user_id, kind) for kind in (AccountKind.AVAILABLE, AccountKind.PENDING)]
    locked = lock_accounts(keys)
    if lock_transaction(transaction_pk).status == TransactionStatus.PENDING:
        _release(transaction_pk, public_id, user_id, amount, locked)


def _release(transaction_pk: int, public_id: str, user_id: str, amount: int, locked: LockedAccounts) -> None:
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.RELEASE,
        source_key=f"release:{public_id}",
        legs=(
            Leg(user_account_key(user_id, AccountKind.PENDING), -amount),
            Leg(user_account_key(user_id, AccountKind.AVAILABLE), amount),
        ),
        locked=locked,
    )
    transaction_move(transaction_id=transaction_pk, to=TransactionStatus.COMPLETED)
