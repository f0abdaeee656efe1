"""Adjustments: staff correct a balance, treasury ↔ available, with a reason that the user is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.ports import ApprovedRequest
from ogc.access import require
from ogc.actors import Actor
from ogc.amounts import format_amount, parse_signed_amount
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound
from ogc.ids import uuid7
from wallets.constants import (
    ADJUST_ACTION,
    AccountKind,
    PostingKind,
    StaffMoveKind,
    TransactionType,
    WalletStatus,
)
from wallets.errors import WalletClosed
from wallets.locks import LockedAccounts, lock_accounts, lock_wallets
from wallets.models import Wallet
from wallets.rules import memo_of, user_account_key
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
from wallets.signals import wallet_adjusted

SCOPE = "wallet.adjust"


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be adjusted; `key` names this wish, so that it is booked once."""

    wallet_id: str
    amount: int
    reason: str
    key: str


@transactional
def adjustment_request(
    *, actor: Actor, wallet_id: str, amount: int, reason: str, key: str = ""
) -> StaffMoveOutcome:
    """Give to a wallet or take from it, at once or when a second person agrees.

    A frozen wallet can be adjusted both ways: freezing keeps its owner from moving tokens, not staff from
    putting things right.

    Args:
        wallet_id: public id.
        amount: base units; negative takes from the user.
        reason: kept, and told to the user.
        key: names the wish where it may be sent twice; empty: each call is another one.

    Raises:
        PermissionDenied: without `wallet.adjust`, or a policy refuses.
        NotFound: no such wallet.
        CannotChangeSelf: it is one's own.
        WalletClosed: nothing enters or leaves it.
        InsufficientBalance: the wallet, or the treasury, does not hold that much.
        SourceKeyUsed: the key was used before.

    Effects:
        Locks the actor's row, treasury and `available`, then the wallet. A StaffMove and an audit record with
        both balances; emits wallet_adjusted. With a second person: one Approval, nothing else.
    """
    decision = require(actor, ADJUST_ACTION, scope=SCOPE)
    person_hold(actor)
    wish = _Wish(wallet_id, amount, reason, key or uuid7())
    user_id, wallet_pk, locked = _lock(wish, actor)
    if needs_second_person(actor, decision, abs(amount)):
        payload = {"wallet_id": wallet_id, "user_id": user_id, "amount": format_amount(amount)}
        return approval_ask(actor, ADJUST_ACTION, {**payload, "key": wish.key}, reason)
    return _adjust(Initiative(actor, actor), wish, user_id, wallet_pk, locked)


@transactional
def adjustment_approved(request: ApprovedRequest) -> Mapping[str, Any]:
    """Carry out an approved adjustment after all checks of `adjustment_request`, with its errors."""
    require(request.requester, ADJUST_ACTION, scope=SCOPE)
    person_hold(request.requester, request.approver)
    asked = request.payload
    wish = _Wish(asked["wallet_id"], parse_signed_amount(asked["amount"]), asked["reason"], asked["key"])
    user_id, wallet_pk, locked = _lock(wish, request.requester, request.approver)
    initiative = Initiative(request.requester, request.approver, request.approval_id)
    outcome = _adjust(initiative, wish, user_id, wallet_pk, locked)
    return {"transaction_id": outcome.transaction_id}


def _lock(wish: _Wish, *people: Actor) -> tuple[str, int, LockedAccounts]:
    """The owner's public id, the wallet's row number, and the accounts, after all checks."""
    found = Wallet.objects.filter(public_id=wish.wallet_id).values_list("pk", "user__public_id").first()
    if found is None:
        raise NotFound
    wallet_pk, user_id = found
    if user_id in {person.user_id for person in people}:
        raise CannotChangeSelf
    legs = _legs(user_id, wish.amount)
    locked = lock_accounts(leg.account_key for leg in legs)
    if lock_wallets([wallet_pk])[0].status == WalletStatus.CLOSED:
        raise WalletClosed
    cover_check(legs, locked)
    return user_id, wallet_pk, locked


def _legs(user_id: str, amount: int) -> tuple[Leg, Leg]:
    available = user_account_key(user_id, AccountKind.AVAILABLE)
    return Leg(AccountKind.TREASURY, -amount), Leg(available, amount)


def _adjust(
    initiative: Initiative, wish: _Wish, user_id: str, wallet_pk: int, locked: LockedAccounts
) -> StaffMoveOutcome:
    draft = TransactionDraft(
        type=TransactionType.ADMIN_ADJUST.value,
        amount=abs(wish.amount),
        sender_pk=wallet_pk if wish.amount < 0 else None,
        recipient_pk=wallet_pk if wish.amount > 0 else None,
        memo=memo_of(wish.reason),
    )
    legs = _legs(user_id, wish.amount)
    before = {
        AccountKind(locked[leg.account_key].kind).value: locked[leg.account_key].balance for leg in legs
    }
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=f"adjust:{wish.key}",
        legs=legs,
        locked=locked,
    )
    after = {AccountKind(locked[leg.account_key].kind).value: locked[leg.account_key].balance for leg in legs}
    staff_move_record(
        initiative=initiative,
        kind=StaffMoveKind.ADJUSTMENT,
        transaction_id=draft.public_id,
        amount=draft.amount,
        reason=wish.reason,
        target=("wallet", wish.wallet_id),
        before=before,
        after={**after, "amount": wish.amount},
    )
    wallet_adjusted.emit(
        transaction_id=draft.public_id, user_id=user_id, amount=wish.amount, reason=wish.reason
    )
    return StaffMoveOutcome(draft.public_id, user_id)
