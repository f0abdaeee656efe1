"""Reversals: the mirror of what a transaction did, as another transaction, once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from governance.ports import ApprovedRequest
from ogc.access import require
from ogc.actors import Actor
from ogc.amounts import format_amount
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound, ServiceUnavailable
from wallets.constants import (
    EARNED_TYPES,
    REVERSE_ACTION,
    REVERSIBLE_TYPES,
    PostingKind,
    RewardStatus,
    StaffMoveKind,
    TransactionStatus,
    TransactionType,
    WalletStatus,
)
from wallets.errors import AlreadyReversed, TransactionNotReversible, WalletClosed
from wallets.locks import LockedAccounts, lock_accounts, lock_transaction, lock_wallets
from wallets.models import Entry, Reward, Transaction, Wallet
from wallets.rules import memo_of
from wallets.selectors.refunds import refunded_amount
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.staff_moves import (
    Initiative,
    StaffMoveOutcome,
    approval_ask,
    cover_check,
    needs_second_person,
    person_hold,
    staff_move_record,
)
from wallets.services.transactions import transaction_move
from wallets.signals import transaction_reversed

SCOPE = "wallet.adjust"


@dataclass(frozen=True, slots=True)
class _Mirror:
    """A transaction that may be reversed, with everything that the reversal touches under lock."""

    original: Transaction
    legs: tuple[Leg, ...]
    locked: LockedAccounts

    @property
    def amount(self) -> int:
        """What goes back, in base units."""
        return sum(leg.amount for leg in self.legs if leg.amount > 0)

    def user_id(self, side: str) -> str | None:
        """Public id of the original's `sender` or `recipient`."""
        wallet: Wallet | None = getattr(self.original, side)
        return wallet.user.public_id if wallet else None

    def balances(self) -> dict[str, int]:
        """Of the accounts that it touches, by key, as they are now."""
        return {leg.account_key: self.locked[leg.account_key].balance for leg in self.legs}


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
    decision = require(actor, REVERSE_ACTION, scope=SCOPE)
    person_hold(actor)
    mirror = _lock(transaction_id, actor)
    if needs_second_person(actor, decision, mirror.amount):
        payload = {"transaction_id": transaction_id, "amount": format_amount(mirror.amount)}
        return approval_ask(actor, REVERSE_ACTION, payload, reason)
    return _reverse(Initiative(actor, actor), mirror, reason)


@transactional
def reversal_approved(request: ApprovedRequest) -> Mapping[str, Any]:
    """Carry out an approved reversal after all checks of `reversal_request`, with its errors."""
    require(request.requester, REVERSE_ACTION, scope=SCOPE)
    person_hold(request.requester, request.approver)
    mirror = _lock(request.payload["transaction_id"], request.requester, request.approver)
    initiative = Initiative(request.requester, request.approver, request.approval_id)
    outcome = _reverse(initiative, mirror, request.payload["reason"])
    return {"transaction_id": outcome.transaction_id}


def _lock(transaction_id: str, *people: Actor) -> _Mirror:
    original = (
        Transaction.objects.select_related("sender__user", "recipient__user")
        .filter(public_id=transaction_id)
        .first()
    )
    if original is None:
        raise NotFound
    wallets = [wallet for wallet in (original.sender, original.recipient) if wallet is not None]
    if {wallet.user.public_id for wallet in wallets} & {person.user_id for person in people}:
        raise CannotChangeSelf
    _state_check(original.type, original.status)
    # What gets another posting changes its status with it, so the entries can be read before the locks.
    entries = Entry.objects.filter(posting__transaction=original).values_list("account__key")
    nets = entries.annotate(net=Sum("amount")).exclude(net=0).order_by("account__key")
    legs = tuple(Leg(key, -net) for key, net in nets)
    locked = lock_accounts(leg.account_key for leg in legs)
    if any(wallet.status == WalletStatus.CLOSED for wallet in lock_wallets(wallet.pk for wallet in wallets)):
        raise WalletClosed
    status = lock_transaction(original.pk).status
    _state_check(original.type, status)
    if status != original.status:
        raise ServiceUnavailable(retry_after=1)
    cover_check(legs, locked)
    if original.sender_id is not None and refunded_amount(original.public_id, original.sender_id):
        raise TransactionNotReversible(type=original.type, status=original.status)
    return _Mirror(original, legs, locked)


def _state_check(type_: str, status: str) -> None:
    if status == TransactionStatus.REVERSED:
        raise AlreadyReversed
    waits = type_ in EARNED_TYPES and status == TransactionStatus.PENDING
    if type_ not in REVERSIBLE_TYPES or not (waits or status == TransactionStatus.COMPLETED):
        raise TransactionNotReversible(type=type_, status=status)


def _reverse(initiative: Initiative, mirror: _Mirror, reason: str) -> StaffMoveOutcome:
    original = mirror.original
    draft = TransactionDraft(
        type=TransactionType.REVERSAL.value,
        amount=mirror.amount,
        sender_pk=original.recipient_id,
        recipient_pk=original.sender_id,
        memo=memo_of(reason),
        reference=f"transaction:{original.public_id}",
    )
    before = mirror.balances()
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.REVERSE,
        source_key=f"reverse:{original.public_id}",
        legs=mirror.legs,
        locked=mirror.locked,
    )
    transaction_move(transaction_id=original.pk, to=TransactionStatus.REVERSED)
    Reward.objects.filter(transaction=original).update(status=RewardStatus.REVERSED)
    staff_move_record(
        initiative=initiative,
        kind=StaffMoveKind.REVERSAL,
        transaction_id=draft.public_id,
        amount=draft.amount,
        reason=reason,
        target=("transaction", original.public_id),
        before={"status": original.status, "balances": before},
        after={"status": TransactionStatus.REVERSED.value, "balances": mirror.balances()},
    )
    giver_id, receiver_id = mirror.user_id("recipient"), mirror.user_id("sender")
    transaction_reversed.emit(
        transaction_id=draft.public_id,
        original_id=original.public_id,
        giver_id=giver_id,
        receiver_id=receiver_id,
        amount=draft.amount,
        reason=reason,
    )
    return StaffMoveOutcome(draft.public_id, receiver_id or giver_id or "")
