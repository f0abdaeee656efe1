"""Reversals: the mirror of what a transaction did, as another transaction, once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from ogc.actors import Actor
from ogc.amounts import format_amount
from ogc.db.transactions import transactional
from ogc.errors import NotFound, ServiceUnavailable
from wallets.constants import (
    EARNED_TYPES,
    REVERSIBLE_TYPES,
    PostingKind,
    RewardStatus,
    StaffMoveKind,
    TransactionStatus,
    TransactionType,
)
from wallets.errors import AlreadyReversed, TransactionNotReversible
from wallets.locks import LockedAccounts, lock_transaction
from wallets.models import Entry, Reward, Transaction
from wallets.rules import memo_of
from wallets.selectors.refunds import refunded_amount
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.staff_moves import (
    Initiative,
    MoveByHand,
    StaffMoveOutcome,
    cover_check,
    move_lock,
    selves_refuse,
    staff_move_record,
)
from wallets.services.transactions import transaction_move
from wallets.signals import transaction_reversed


@dataclass(frozen=True, slots=True)
class _Mirror:
    """The mirror of a transaction that may be reversed."""

    original: Transaction
    legs: tuple[Leg, ...]
    locked: LockedAccounts
    reason: str

    @property
    def amount(self) -> int:
        return sum(leg.amount for leg in self.legs if leg.amount > 0)

    @property
    def facts(self) -> dict[str, Any]:
        return {"amount": format_amount(self.amount)}

    def carry_out(self, initiative: Initiative) -> StaffMoveOutcome:
        original = self.original
        draft = TransactionDraft(
            type=TransactionType.REVERSAL.value,
            amount=self.amount,
            sender_pk=original.recipient_id,
            recipient_pk=original.sender_id,
            memo=memo_of(self.reason),
            reference=f"transaction:{original.public_id}",
        )
        before = {"status": original.status, "balances": self.locked.balances()}
        post(
            transaction_id=transaction_open(draft),
            kind=PostingKind.REVERSE,
            source_key=f"reverse:{original.public_id}",
            legs=self.legs,
            locked=self.locked,
        )
        transaction_move(transaction_id=original.pk, to=TransactionStatus.REVERSED)
        Reward.objects.filter(transaction=original).update(status=RewardStatus.REVERSED)
        staff_move_record(
            initiative=initiative,
            kind=StaffMoveKind.REVERSAL,
            transaction_id=draft.public_id,
            amount=self.amount,
            reason=self.reason,
            target=("transaction", original.public_id),
            before=before,
            after={"status": TransactionStatus.REVERSED.value, "balances": self.locked.balances()},
        )
        giver, receiver = original.recipient, original.sender
        giver_id = giver.user.public_id if giver else None
        receiver_id = receiver.user.public_id if receiver else None
        transaction_reversed.emit(
            transaction_id=draft.public_id,
            original_id=original.public_id,
            reference=original.reference,
            giver_id=giver_id,
            receiver_id=receiver_id,
            amount=self.amount,
            reason=self.reason,
        )
        return StaffMoveOutcome(draft.public_id, receiver_id or giver_id or "")


def _prepare(wish: Mapping[str, Any], people: Sequence[Actor]) -> _Mirror:
    rows = Transaction.objects.select_related("sender__user", "recipient__user")
    original = rows.filter(public_id=wish["transaction_id"]).first()
    if original is None:
        raise NotFound
    wallets = [wallet for wallet in (original.sender, original.recipient) if wallet is not None]
    selves_refuse(wallets, people)
    _state_check(original.type, original.status)
    # What gets another posting changes its status with it, so the entries can be read before the locks.
    entries = Entry.objects.filter(posting__transaction=original).values_list("account__key")
    nets = entries.annotate(net=Sum("amount")).exclude(net=0).order_by("account__key")
    legs = tuple(Leg(key, -net) for key, net in nets)
    locked = move_lock(wallets, [leg.account_key for leg in legs])
    status = lock_transaction(original.pk).status
    _state_check(original.type, status)
    if status != original.status:
        raise ServiceUnavailable(retry_after=1)
    cover_check(legs, locked)
    if original.sender_id is not None and refunded_amount(original.public_id, original.sender_id):
        raise TransactionNotReversible(type=original.type, status=original.status)
    return _Mirror(original, legs, locked, wish["reason"])


def _state_check(type_: str, status: str) -> None:
    if status == TransactionStatus.REVERSED:
        raise AlreadyReversed
    waits = type_ in EARNED_TYPES and status == TransactionStatus.PENDING
    if type_ not in REVERSIBLE_TYPES or not (waits or status == TransactionStatus.COMPLETED):
        raise TransactionNotReversible(type=type_, status=status)


REVERSAL = MoveByHand(StaffMoveKind.REVERSAL, "wallet.adjust", _prepare)


@transactional
def reversal_request(*, actor: Actor, transaction_id: str, reason: str) -> StaffMoveOutcome:
    """Undo a completed transaction, or a reward that is not released yet, at once or when a second person
    agrees.

    Frozen wallets give back and receive, as with adjustments.

    Args:
        transaction_id: public id of the original.
        reason: kept, and told to both sides.

    Raises:
        PermissionDenied: without `wallet.adjust`, or a policy refuses.
        NotFound: no such transaction.
        CannotChangeSelf: one is a party of it.
        AlreadyReversed: it was undone before.
        TransactionNotReversible: see `REVERSIBLE_TYPES`; or it is not completed, or a payment of which
            something was refunded.
        WalletClosed: one side's wallet is closed.
        InsufficientBalance: what is to go back is not there any more.
        ServiceUnavailable: a reward was released at this very moment; again, it can be reversed.

    Effects:
        Locks the actor's row, the accounts, the wallets, the original. The original becomes `reversed`. A
        StaffMove and an audit record with all balances; emits transaction_reversed. With a second person:
        one Approval, nothing else.
    """
    return REVERSAL.request(actor, {"transaction_id": transaction_id, "reason": reason})
