"""Rewards by hand: staff give from the rewards pool, with a reason that the user is told."""

from collections.abc import Mapping
from typing import Any

from governance.ports import ApprovedRequest
from ogc.access import require
from ogc.actors import Actor
from ogc.amounts import format_amount, parse_amount
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound
from ogc.ids import uuid7
from wallets.constants import GRANT_ACTION, AccountKind, RewardSource, StaffMoveKind, WalletStatus
from wallets.errors import SourceKeyUsed, WalletClosed
from wallets.locks import LockedAccounts, lock_accounts, lock_wallets
from wallets.models import Wallet
from wallets.rules import memo_of, user_account_key
from wallets.services.posting import Leg, posting_transaction_id
from wallets.services.rewards import reward_give
from wallets.services.staff_moves import (
    Initiative,
    StaffMoveOutcome,
    approval_ask,
    cover_check,
    needs_second_person,
    person_hold,
    staff_move_record,
)

SCOPE = "reward.write"


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
        CannotChangeSelf: it is oneself.
        NotFound: no such user.
        WalletClosed: nothing enters the wallet.
        InsufficientBalance: the rewards pool does not hold that much.
        SourceKeyUsed: the key was used before.

    Effects:
        Locks the actor's row, then what `reward_give` locks. A StaffMove and an audit record with the
        balances; emits reward_granted. With a second person: one Approval, nothing else.
    """
    decision = require(actor, GRANT_ACTION, scope=SCOPE)
    person_hold(actor)
    locked = _lock(user_id, amount, actor)
    key = key or uuid7()
    if needs_second_person(actor, decision, amount):
        payload = {"user_id": user_id, "amount": format_amount(amount), "key": key}
        return approval_ask(actor, GRANT_ACTION, payload, reason)
    return _grant(Initiative(actor, actor), user_id, amount, reason, key, locked)


@transactional
def grant_approved(request: ApprovedRequest) -> Mapping[str, Any]:
    """Carry out an approved reward after all checks of `grant_request`, with its errors."""
    require(request.requester, GRANT_ACTION, scope=SCOPE)
    person_hold(request.requester, request.approver)
    asked = request.payload
    amount = parse_amount(asked["amount"])
    locked = _lock(asked["user_id"], amount, request.requester, request.approver)
    initiative = Initiative(request.requester, request.approver, request.approval_id)
    outcome = _grant(initiative, asked["user_id"], amount, asked["reason"], asked["key"], locked)
    return {"transaction_id": outcome.transaction_id}


def _lock(user_id: str, amount: int, *people: Actor) -> LockedAccounts:
    if user_id in {person.user_id for person in people}:
        raise CannotChangeSelf
    wallet_pk = Wallet.objects.filter(user__public_id=user_id).values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    locked = lock_accounts((AccountKind.REWARDS_POOL, *_own_keys(user_id).values()))
    if lock_wallets([wallet_pk])[0].status == WalletStatus.CLOSED:
        raise WalletClosed
    cover_check([Leg(AccountKind.REWARDS_POOL, -amount)], locked)
    return locked


def _own_keys(user_id: str) -> dict[str, str]:
    return {
        kind.value: user_account_key(user_id, kind) for kind in (AccountKind.PENDING, AccountKind.AVAILABLE)
    }


def _grant(
    initiative: Initiative, user_id: str, amount: int, reason: str, key: str, locked: LockedAccounts
) -> StaffMoveOutcome:
    source_key = f"grant:{key}"
    if posting_transaction_id(source_key):
        raise SourceKeyUsed(source_key=source_key)
    before = _balances(user_id, locked)
    transaction_id = reward_give(
        actor=initiative.executor,
        user_id=user_id,
        amount=amount,
        source=RewardSource.GRANT,
        source_key=source_key,
        reference=f"grant:{initiative.approval_id or key}",
        from_account=AccountKind.REWARDS_POOL,
        memo=memo_of(reason),
    )
    # The same rows again, still under lock: `reward_give` may have released what it gave.
    after = _balances(user_id, lock_accounts((AccountKind.REWARDS_POOL, *_own_keys(user_id).values())))
    staff_move_record(
        initiative=initiative,
        kind=StaffMoveKind.REWARD,
        transaction_id=transaction_id,
        amount=amount,
        reason=reason,
        target=("user", user_id),
        before=before,
        after={**after, "amount": amount},
    )
    return StaffMoveOutcome(transaction_id, user_id)


def _balances(user_id: str, locked: LockedAccounts) -> dict[str, int]:
    keys = {AccountKind.REWARDS_POOL.value: AccountKind.REWARDS_POOL, **_own_keys(user_id)}
    return {kind: locked[key].balance for kind, key in keys.items()}
