"""Paying what was earned, and releasing it when its hold is over.

A reward is in `pending` first, with a `Reward` row that says from when on it may be released; its posting to
`available` follows at once where nothing keeps it.
"""

from collections.abc import Collection
from datetime import timedelta

from django.conf import settings

from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from wallets.constants import (
    AccountKind,
    PostingKind,
    RewardSource,
    RewardStatus,
    TransactionStatus,
    TransactionType,
)
from wallets.locks import LockedAccounts, lock_accounts
from wallets.models import Reward, Wallet
from wallets.rules import escrow_account_key, user_account_key
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)
from wallets.services.transactions import transaction_move
from wallets.signals import reward_granted, reward_paid, reward_released

_SCOPES = {RewardSource.CHALLENGE: "challenge.write", RewardSource.GRANT: "reward.write"}


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
        As `reward_give`.

    Effects:
        As `reward_give`; emits reward_paid instead.

    Idempotency:
        One reward per challenge and user; calling again returns the first transaction.
    """
    transaction_id, is_new = _give(
        actor=actor,
        user_id=user_id,
        amount=amount,
        source=RewardSource.CHALLENGE,
        source_key=f"reward:{challenge_id}:{user_id}",
        reference=f"challenge:{challenge_id}",
        from_account=escrow_account_key(challenge_id),
    )
    if is_new:
        reward_paid.emit(
            transaction_id=transaction_id,
            user_id=user_id,
            challenge_id=challenge_id,
            amount=amount,
            rank=rank,
        )
    return transaction_id


@transactional
def challenge_rewards_lock(*, challenge_id: str, user_ids: Collection[str]) -> None:
    """Lock what several prizes touch that are paid in the caller's transaction; call it before the first.

    One prize after the other would lock the winners' accounts by rank, and wait in a circle with others.
    """
    pending, available = zip(*map(_own_keys, user_ids), strict=True)
    lock_accounts((escrow_account_key(challenge_id), *pending), credited=available)


@transactional
def reward_give(
    *,
    actor: Actor,
    user_id: str,
    amount: int,
    source: RewardSource,
    source_key: str,
    reference: str,
    from_account: str,
    memo: str = "",
) -> str:
    """Pay one reward: an account of the platform → pending, and on to available when nothing keeps it there.

    What keeps it: `REWARD_HOLD_SECONDS`, and a risk hold of the wallet.

    Args:
        actor: needs `challenge.write` for prizes, `reward.write` for grants.
        user_id: public id of the receiver.
        amount: base units, above zero.
        source: what it was earned with; mining is paid by `mining_pay`.
        source_key: names the one cause that is booked.
        reference: what is shown as its cause, such as `challenge:<public id>`.
        from_account: key of the account that pays.
        memo: shown to the receiver.

    Returns:
        Public id of the transaction, which is the reward's too.

    Raises:
        PermissionDenied: the actor may not.
        NotFound: the receiver has no wallet.
        InsufficientBalance: the paying account does not hold that much.

    Effects:
        Locks the paying account and the receiver's `pending` and, unless it is lazy, `available`. Emits
        reward_granted.

    Idempotency:
        By the source key; calling again returns the first transaction and changes nothing.
    """
    transaction_id, is_new = _give(
        actor=actor,
        user_id=user_id,
        amount=amount,
        source=source,
        source_key=source_key,
        reference=reference,
        from_account=from_account,
        memo=memo,
    )
    if is_new:
        reward_granted.emit(
            transaction_id=transaction_id, user_id=user_id, amount=amount, source=str(source.value)
        )
    return transaction_id


@transactional
def reward_release(*, transaction_pk: int) -> bool:
    """Move a pending reward to available, if its time has come and its wallet is under no risk hold.

    Returns:
        Whether it was released now.

    Effects:
        Locks the receiver's `pending` and, unless it is lazy, `available`, then the transaction, which is
        completed. Emits reward_released.

    Idempotency: a reward released or reversed before, or one that still has to wait, is left alone.
    """
    found = Reward.objects.filter(transaction_id=transaction_pk).values_list(
        "transaction__public_id", "wallet__user__public_id", "amount", "source"
    )
    public_id, user_id, amount, source = found.get()
    pending, available = _own_keys(user_id)
    locked = lock_accounts((pending,), credited=(available,))
    # Asked under the lock of `pending`, which a risk hold takes too before it is written.
    due = Reward.objects.filter(
        transaction_id=transaction_pk,
        status=RewardStatus.PENDING,
        releases_at__lte=clock.now(),
        wallet__risk_held_at=None,
    )
    if not due.exists():
        return False
    _release(transaction_pk, public_id, user_id, amount, locked)
    reward_released.emit(transaction_id=public_id, user_id=user_id, amount=amount, source=source)
    return True


def _give(
    *,
    actor: Actor,
    user_id: str,
    amount: int,
    source: RewardSource,
    source_key: str,
    reference: str,
    from_account: str,
    memo: str = "",
) -> tuple[str, bool]:
    """The public id of the reward's transaction, and whether it is new."""
    require(actor, "reward.pay", scope=_SCOPES[source])
    pending, available = _own_keys(user_id)
    locked = lock_accounts((from_account, pending), credited=(available,))
    if booked := posting_transaction_id(source_key):
        return booked, False
    found = Wallet.objects.filter(user__public_id=user_id).values_list("pk", "risk_held_at").first()
    if found is None:
        raise NotFound
    wallet_pk, risk_held_at = found
    draft = TransactionDraft(
        type=TransactionType.REWARD.value,
        status=TransactionStatus.PENDING.value,
        amount=amount,
        recipient_pk=wallet_pk,
        memo=memo,
        reference=reference,
    )
    transaction_pk = transaction_open(draft)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.POST,
        source_key=source_key,
        legs=(Leg(from_account, -amount), Leg(pending, amount)),
        locked=locked,
    )
    Reward.objects.create(
        public_id=draft.public_id,
        created_at=draft.created_at,
        transaction_id=transaction_pk,
        wallet_id=wallet_pk,
        source=source,
        amount=amount,
        releases_at=draft.created_at + timedelta(seconds=settings.REWARD_HOLD_SECONDS),
    )
    if not settings.REWARD_HOLD_SECONDS and risk_held_at is None:
        _release(transaction_pk, draft.public_id, user_id, amount, locked)
    return draft.public_id, True


def _own_keys(user_id: str) -> tuple[str, str]:
    return user_account_key(user_id, AccountKind.PENDING), user_account_key(user_id, AccountKind.AVAILABLE)


def _release(transaction_pk: int, public_id: str, user_id: str, amount: int, locked: LockedAccounts) -> None:
    pending, available = _own_keys(user_id)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.RELEASE,
        source_key=f"release:{public_id}",
        legs=(Leg(pending, -amount), Leg(available, amount)),
        locked=locked,
    )
    transaction_move(transaction_id=transaction_pk, to=TransactionStatus.COMPLETED)
    Reward.objects.filter(transaction_id=transaction_pk).update(
        status=RewardStatus.RELEASED, released_at=clock.now()
    )
