"""Adjustments: staff correct a balance, treasury ↔ available, with a reason that the user is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ogc.actors import Actor
from ogc.amounts import format_amount, parse_signed_amount
from ogc.db.transactions import transactional
from ogc.ids import uuid7
from wallets.constants import AccountKind, PostingKind, StaffMoveKind, TransactionType
from wallets.locks import LockedAccounts
from wallets.models import Wallet
from wallets.rules import memo_of, user_account_key
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.staff_moves import (
    Initiative,
    MoveByHand,
    StaffMoveOutcome,
    cover_check,
    move_lock,
    staff_move_record,
    subject_wallet,
)
from wallets.signals import wallet_adjusted


@dataclass(frozen=True, slots=True)
class _Adjustment:
    """`signed`: base units, negative when they are taken; `key` names the wish, so that it is booked once."""

    wallet: Wallet
    signed: int
    reason: str
    key: str
    legs: tuple[Leg, Leg]
    locked: LockedAccounts

    @property
    def amount(self) -> int:
        return abs(self.signed)

    @property
    def facts(self) -> dict[str, Any]:
        return {"user_id": self.wallet.user.public_id}

    def carry_out(self, initiative: Initiative) -> StaffMoveOutcome:
        draft = TransactionDraft(
            type=TransactionType.ADMIN_ADJUST.value,
            amount=self.amount,
            sender_pk=self.wallet.pk if self.signed < 0 else None,
            recipient_pk=self.wallet.pk if self.signed > 0 else None,
            memo=memo_of(self.reason),
        )
        before = self.locked.balances()
        post(
            transaction_id=transaction_open(draft),
            kind=PostingKind.POST,
            source_key=f"adjust:{self.key}",
            legs=self.legs,
            locked=self.locked,
        )
        staff_move_record(
            initiative=initiative,
            kind=StaffMoveKind.ADJUSTMENT,
            transaction_id=draft.public_id,
            amount=self.amount,
            reason=self.reason,
            target=("wallet", self.wallet.public_id),
            before={"balances": before},
            after={"balances": self.locked.balances(), "amount": self.signed},
        )
        user_id = self.wallet.user.public_id
        wallet_adjusted.emit(
            transaction_id=draft.public_id, user_id=user_id, amount=self.signed, reason=self.reason
        )
        return StaffMoveOutcome(draft.public_id, user_id)


def _prepare(wish: Mapping[str, Any], people: Sequence[Actor]) -> _Adjustment:
    wallet = subject_wallet(Q(public_id=wish["wallet_id"]), people)
    signed = parse_signed_amount(wish["amount"])
    available = user_account_key(wallet.user.public_id, AccountKind.AVAILABLE)
    legs = Leg(AccountKind.TREASURY, -signed), Leg(available, signed)
    locked = move_lock([wallet], [leg.account_key for leg in legs])
    cover_check(legs, locked)
    return _Adjustment(wallet, signed, wish["reason"], wish["key"], legs, locked)


ADJUSTMENT = MoveByHand(StaffMoveKind.ADJUSTMENT, "wallet.adjust", _prepare)


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
    wish = {
        "wallet_id": wallet_id, "amount": format_amount(amount), "reason": reason, "key": key or uuid7(),
    }  # fmt: skip
    return ADJUSTMENT.request(actor, wish)
