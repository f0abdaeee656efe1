"""Rewards by hand: staff give from the rewards pool, with a reason that the user is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from ogc.actors import Actor
from ogc.amounts import format_amount, parse_amount
from ogc.db.transactions import transactional
from ogc.ids import uuid7
from wallets.constants import AccountKind, RewardSource, StaffMoveKind
from wallets.errors import SourceKeyUsed
from wallets.locks import LockedAccounts, lock_accounts
from wallets.rules import memo_of, user_account_key
from wallets.services.posting import Leg, posting_transaction_id
from wallets.services.rewards import reward_give
from wallets.services.staff_moves import (
    Initiative,
    MoveByHand,
    StaffMoveOutcome,
    cover_check,
    move_lock,
    staff_move_record,
    subject_wallet,
)


@dataclass(frozen=True, slots=True)
class _Grant:
    """`key` names the wish, so that it is booked once."""

    user_id: str
    amount: int
    reason: str
    key: str
    locked: LockedAccounts

    @property
    def facts(self) -> dict[str, Any]:
        return {}

    def carry_out(self, initiative: Initiative) -> StaffMoveOutcome:
        source_key = f"grant:{self.key}"
        if posting_transaction_id(source_key):
            raise SourceKeyUsed(source_key=source_key)
        before = self.locked.balances()
        transaction_id = reward_give(
            actor=initiative.executor,
            user_id=self.user_id,
            amount=self.amount,
            source=RewardSource.GRANT,
            source_key=source_key,
            reference=f"grant:{initiative.approval_id or self.key}",
            from_account=AccountKind.REWARDS_POOL,
            memo=memo_of(self.reason),
        )
        # The same rows again, still under lock: `reward_give` may have released what it gave.
        after = lock_accounts(_keys(self.user_id)).balances()
        staff_move_record(
            initiative=initiative,
            kind=StaffMoveKind.REWARD,
            transaction_id=transaction_id,
            amount=self.amount,
            reason=self.reason,
            target=("user", self.user_id),
            before={"balances": before},
            after={"balances": after, "amount": self.amount},
        )
        return StaffMoveOutcome(transaction_id, self.user_id)


def _prepare(wish: Mapping[str, Any], people: Sequence[Actor]) -> _Grant:
    user_id, amount = wish["user_id"], parse_amount(wish["amount"])
    wallet = subject_wallet(Q(user__public_id=user_id), people)
    locked = move_lock([wallet], _keys(user_id))
    cover_check([Leg(AccountKind.REWARDS_POOL, -amount)], locked)
    return _Grant(user_id, amount, wish["reason"], wish["key"], locked)


def _keys(user_id: str) -> list[str]:
    own = (AccountKind.PENDING, AccountKind.AVAILABLE)
    return [AccountKind.REWARDS_POOL.value, *(user_account_key(user_id, kind) for kind in own)]


GRANT = MoveByHand(StaffMoveKind.REWARD, "reward.write", _prepare)


@transactional
def grant_request(*, actor: Actor, user_id: str, amount: int, reason: str, key: str = "") -> StaffMoveOutcome:
    """Reward somebody by hand, at once or when a second person agrees; then it waits as every reward does.

    Args:
        user_id: public id of the receiver.
        amount: base units, above zero.
        reason: kept, and told to the user.
        key: names the wish where it may be sent twice; empty: each call is another one.

    Raises:
        PermissionDenied: without `reward.write`, or a policy refuses.
        NotFound: no such user.
        CannotChangeSelf: it is oneself.
        WalletClosed: nothing enters the wallet.
        InsufficientBalance: the rewards pool does not hold that much.
        SourceKeyUsed: the key was used before.

    Effects:
        Locks the actor's row, then what `reward_give` locks. A StaffMove and an audit record with the
        balances; emits reward_granted. With a second person: one Approval, nothing else.
    """
    wish = {"user_id": user_id, "amount": format_amount(amount), "reason": reason, "key": key or uuid7()}
    return GRANT.request(actor, wish)
