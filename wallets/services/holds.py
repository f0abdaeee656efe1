"""Two-phase moves: tokens are held first, and leave or come back later, once.

A hold is opened (available → reserved) together with its transaction, and ends by being settled, in whole or
in part, voided, or by its time being over, which is a void. Whoever ends it takes the hold's row before any
account, and only while it is open: of two that come at once the second finds it ended. Nothing takes that row
after an account.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from ogc import clock
from ogc.db.transactions import transactional
from wallets.constants import AccountKind, HoldPurpose, HoldStatus, PostingKind, TransactionStatus
from wallets.errors import HoldEnded, LedgerMisuse
from wallets.locks import lock_for_legs
from wallets.models import Hold
from wallets.rules import user_account_key
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.transactions import transaction_move
from wallets.signals import hold_expired


class _Held(NamedTuple):
    pk: int
    transaction_pk: int
    transaction_id: str
    user_id: str
    purpose: str
    amount: int


@transactional
def hold_open(
    *,
    draft: TransactionDraft,
    user_id: str,
    amount: int,
    purpose: HoldPurpose,
    source_key: str = "",
    expires_at: datetime | None = None,
) -> int:
    """Open a pending transaction and set tokens aside for it; who may is the caller's to know.

    Args:
        draft: a pending transaction of this user's wallet; its public id is the hold's too.
        user_id: public id of the owner.
        amount: base units to hold, above zero; fees included.
        purpose: what for.
        source_key: names the cause; by default the transaction's own id.
        expires_at: when it is voided by itself; None: it waits.

    Returns:
        Row number of the transaction.

    Raises:
        InsufficientBalance: less is available.
        SourceKeyUsed: the cause is booked already.

    Effects:
        Locks the user's `available` and `reserved`.
    """
    if draft.status != TransactionStatus.PENDING or draft.sender_pk is None:
        raise LedgerMisuse("a hold belongs to a pending transaction of a wallet")
    legs = (
        Leg(user_account_key(user_id, AccountKind.AVAILABLE), -amount),
        Leg(user_account_key(user_id, AccountKind.RESERVED), amount),
    )
    locked = lock_for_legs((leg.account_key, leg.amount) for leg in legs)
    transaction_pk = transaction_open(draft)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.HOLD,
        source_key=source_key or f"{purpose.value}:{draft.public_id}:hold",
        legs=legs,
        locked=locked,
    )
    Hold.objects.create(
        public_id=draft.public_id,
        created_at=draft.created_at,
        transaction_id=transaction_pk,
        wallet_id=draft.sender_pk,
        purpose=purpose,
        amount=amount,
        expires_at=expires_at,
    )
    return transaction_pk


@transactional
def hold_settle(*, transaction_pk: int, to: Sequence[Leg]) -> int:
    """Let held tokens go; what is more than `to` takes comes back at once. The transaction is completed.

    Args:
        transaction_pk: row number of the hold's transaction.
        to: what goes where, each above zero, together at most what is held.

    Returns:
        Base units that came back.

    Raises:
        HoldEnded: it ended before, or its time is over.
        LedgerMisuse: there is no such hold, or more was asked for than is held.

    Effects:
        Locks the hold, then the accounts, then the transaction.
    """
    held = _held(transaction_pk)
    settled = sum(leg.amount for leg in to)
    rest = held.amount - settled
    if rest < 0 or any(leg.amount <= 0 for leg in to) or not to:
        raise LedgerMisuse(f"of {held.amount} held tokens {settled} can't be settled")
    _end(held, HoldStatus.SETTLED, settled)
    reserved = user_account_key(held.user_id, AccountKind.RESERVED)
    settles = {PostingKind.SETTLE: [Leg(reserved, -settled), *to]}
    _post(held, settles | _voids(held, rest) if rest else settles)
    transaction_move(transaction_id=transaction_pk, to=TransactionStatus.COMPLETED)
    return rest


@transactional
def hold_void(*, transaction_pk: int, to_status: TransactionStatus) -> None:
    """Give all held tokens back.

    Args:
        transaction_pk: row number of the hold's transaction.
        to_status: what becomes of the transaction, `failed` or `cancelled`.

    Raises:
        HoldEnded: it ended before.
        LedgerMisuse: there is no such hold.

    Effects:
        Locks the hold, then the accounts, then the transaction.
    """
    held = _held(transaction_pk)
    _end(held, HoldStatus.VOIDED, 0)
    _post(held, _voids(held, held.amount))
    transaction_move(transaction_id=transaction_pk, to=to_status)


@transactional
def hold_expire(*, hold_pk: int) -> bool:
    """Void a hold whose time is over; its transaction is cancelled.

    Returns:
        Whether it was ended now.

    Effects:
        Locks as `hold_void`. Emits hold_expired.

    Idempotency: a hold that ended before, or whose time is not over, is left alone.
    """
    transaction_pk = Hold.objects.values_list("transaction_id", flat=True).get(pk=hold_pk)
    held = _held(transaction_pk)
    if not _claim(held, HoldStatus.EXPIRED, 0, Q(expires_at__lte=clock.now())):
        return False
    _post(held, _voids(held, held.amount))
    transaction_move(transaction_id=transaction_pk, to=TransactionStatus.CANCELLED)
    hold_expired.emit(
        transaction_id=held.transaction_id, user_id=held.user_id, amount=held.amount, purpose=held.purpose
    )
    return True


def _held(transaction_pk: int) -> _Held:
    row = (
        Hold.objects.filter(transaction_id=transaction_pk)
        .values_list(
            "pk", "transaction_id", "transaction__public_id", "wallet__user__public_id", "purpose", "amount"
        )
        .first()
    )
    if row is None:
        raise LedgerMisuse(f"transaction {transaction_pk} holds nothing")
    return _Held(*row)


def _end(held: _Held, status: HoldStatus, settled: int) -> None:
    in_time = Q(expires_at=None) | Q(expires_at__gt=clock.now())
    if not _claim(held, status, settled, in_time if status == HoldStatus.SETTLED else Q()):
        raise HoldEnded(status=Hold.objects.values_list("status", flat=True).get(pk=held.pk))


def _claim(held: _Held, status: HoldStatus, settled: int, condition: Q) -> bool:
    """End the row if it is open; whoever comes second waits here and finds it ended."""
    return bool(
        Hold.objects.filter(condition, pk=held.pk, status=HoldStatus.OPEN).update(
            status=status, settled=settled, voided=held.amount - settled, ended_at=clock.now()
        )
    )


def _voids(held: _Held, amount: int) -> dict[PostingKind, list[Leg]]:
    reserved = Leg(user_account_key(held.user_id, AccountKind.RESERVED), -amount)
    return {PostingKind.VOID: [reserved, Leg(user_account_key(held.user_id, AccountKind.AVAILABLE), amount)]}


def _post(held: _Held, postings: Mapping[PostingKind, Sequence[Leg]]) -> None:
    """Write them under locks that are taken all at once."""
    locked = lock_for_legs((leg.account_key, leg.amount) for legs in postings.values() for leg in legs)
    for kind, legs in postings.items():
        post(
            transaction_id=held.transaction_pk,
            kind=kind,
            source_key=f"{held.purpose}:{held.transaction_id}:{kind.value}",
            legs=legs,
            locked=locked,
        )
