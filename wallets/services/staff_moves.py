"""What adjustments, rewards by hand and reversals share: who counts as whose, and when two people decide.

Each kind is one `MoveByHand`: it checks and locks, and what is ready is either carried out or waits for the
second person; then everything is checked and locked again.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db.models import Q, Sum

from accounts.selectors import user_pk
from accounts.services import user_hold
from governance.models import Approval
from governance.ports import ApprovedRequest
from governance.services import approval_request
from ogc import clock
from ogc.access import Decision, Outcome, require
from ogc.actors import Actor
from ogc.errors import CannotChangeSelf, NotAuthenticated, NotFound
from ogc.ports import audit_record
from wallets.constants import (
    ADJUST_ACTION,
    GRANT_ACTION,
    REVERSE_ACTION,
    STAFF_MOVE_HOURS,
    StaffMoveKind,
    WalletStatus,
)
from wallets.errors import InsufficientBalance, WalletClosed
from wallets.locks import LockedAccounts, lock_accounts, lock_statuses
from wallets.models import StaffMove, Transaction, Wallet
from wallets.rules import balance_is_allowed
from wallets.services.posting import Leg

_ACTIONS = {
    StaffMoveKind.ADJUSTMENT: ADJUST_ACTION,
    StaffMoveKind.REWARD: GRANT_ACTION,
    StaffMoveKind.REVERSAL: REVERSE_ACTION,
}
"""What policies, approvals and the audit trail call them."""


@dataclass(frozen=True, slots=True)
class Initiative:
    """On whose initiative tokens move, and who let it happen; without an approval the same person."""

    requester: Actor
    executor: Actor
    approval_id: str = ""


@dataclass(frozen=True, slots=True)
class StaffMoveOutcome:
    """What a call led to: a transaction and the user whose history shows it, or the approval it waits for."""

    transaction_id: str = ""
    user_id: str = ""
    approval: Approval | None = None


class ReadyMove(Protocol):
    """A move that passed all checks, with everything that it touches under lock."""

    @property
    def amount(self) -> int:
        """Base units, without sign: what counts for the threshold."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What was found out about the wish and belongs into its approval, in plain JSON values."""

    def carry_out(self, initiative: Initiative) -> StaffMoveOutcome:
        """Move the tokens."""


@dataclass(frozen=True, slots=True)
class MoveByHand:
    """A kind of move: who may make it, and its checks.

    `prepare` gets the wish in plain JSON values, as an approval keeps it, and those whose move it is: first
    who asks for it, then who approves, none of whom may be its subject.
    """

    kind: StaffMoveKind
    scope: str
    prepare: Callable[[Mapping[str, Any], Sequence[Actor]], ReadyMove]

    @property
    def action(self) -> str:
        """What policies, approvals and the audit trail call it."""
        return _ACTIONS[self.kind]

    def request(self, actor: Actor, wish: Mapping[str, Any]) -> StaffMoveOutcome:
        """Make the move now, or ask for the second person: once for the same wish."""
        decision = require(actor, self.action, scope=self.scope)
        person_hold(actor)
        move = self.prepare(wish, [actor])
        if not needs_second_person(actor, decision, move.amount):
            return move.carry_out(Initiative(actor, actor))
        payload = {**wish, **move.facts}
        approval = approval_request(
            actor=actor, action=self.action, payload=payload, reason=wish["reason"], once=True
        )
        return StaffMoveOutcome(approval=approval)

    def approved(self, request: ApprovedRequest) -> Mapping[str, Any]:
        """Carry out what a second person approved, after all checks of `request`, with its errors."""
        require(request.requester, self.action, scope=self.scope)
        person_hold(request.requester, request.approver)
        move = self.prepare(request.payload, [request.requester, request.approver])
        initiative = Initiative(request.requester, request.approver, request.approval_id)
        return {"transaction_id": move.carry_out(initiative).transaction_id}


def person_hold(*people: Actor) -> None:
    """Lock the rows of these members of staff, so that what one of them moves is counted one by one.

    First of all locks: rows of people come before accounts, and are taken in one order.

    Raises:
        NotAuthenticated: not a person.
    """
    ids = {person.user_id for person in people}
    if None in ids:
        raise NotAuthenticated
    for user_id in sorted((user_id for user_id in ids if user_id), key=user_pk):
        user_hold(user_id=user_id)


def needs_second_person(actor: Actor, decision: Decision, amount: int) -> bool:
    """Whether this move takes this person to the threshold; ask under `person_hold`.

    The sum is that of all three kinds within 24 hours, approved ones too, this one included.
    """
    if decision.outcome is Outcome.REQUIRE_ESCALATION:
        return True
    since = clock.now() - timedelta(hours=STAFF_MOVE_HOURS)
    moved = StaffMove.objects.filter(actor_id=user_pk(actor.user_id or ""), created_at__gt=since)
    total = moved.aggregate(total=Sum("amount"))["total"] or 0
    return bool(total + amount >= settings.ADJUST_APPROVAL_THRESHOLD)


def subject_wallet(which: Q, people: Collection[Actor]) -> Wallet:
    """The wallet of somebody else, with its owner.

    Raises:
        NotFound: there is none.
        CannotChangeSelf: it is of one of these people.
    """
    wallet = Wallet.objects.select_related("user").filter(which).first()
    if wallet is None:
        raise NotFound
    selves_refuse([wallet], people)
    return wallet


def selves_refuse(wallets: Collection[Wallet], people: Collection[Actor]) -> None:
    """Nobody moves tokens of their own by hand. Raises: CannotChangeSelf."""
    if {wallet.user.public_id for wallet in wallets} & {person.user_id for person in people}:
        raise CannotChangeSelf


def move_lock(wallets: Collection[Wallet], keys: Collection[str]) -> LockedAccounts:
    """Lock the accounts with these keys, then the wallets.

    Raises:
        WalletClosed: nothing enters or leaves one of them.
    """
    locked = lock_accounts(keys)
    if WalletStatus.CLOSED in lock_statuses(wallet.pk for wallet in wallets):
        raise WalletClosed
    return locked


def cover_check(legs: Sequence[Leg], locked: LockedAccounts) -> None:
    """Whether locked accounts can bear these legs, asked before a second person is bothered.

    Raises:
        InsufficientBalance: `details.account` is the kind that can't.
    """
    for leg in legs:
        account = locked[leg.account_key]
        if not balance_is_allowed(account.kind, account.balance + leg.amount):
            raise InsufficientBalance(account=account.kind)


def staff_move_record(
    *,
    initiative: Initiative,
    kind: StaffMoveKind,
    transaction_id: str,
    amount: int,
    reason: str,
    target: tuple[str, str],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    """Count a move for whoever wanted it, and write who did it, with before and after, into the audit trail.

    Args:
        amount: base units, without sign.
        target: type and public id of what was changed.
    """
    requester = initiative.requester.user_id or ""
    StaffMove.objects.create(
        kind=kind,
        actor_id=user_pk(requester),
        transaction=Transaction.objects.only("pk").get(public_id=transaction_id),
        approval_id=initiative.approval_id,
        amount=amount,
        reason=reason,
    )
    target_type, target_id = target
    approved = {"requested_by": requester, "approval": initiative.approval_id}
    audit_record(
        actor=initiative.executor,
        action=_ACTIONS[kind],
        target_type=target_type,
        target_id=target_id,
        severity="critical",
        before=before,
        after={**after, "transaction": transaction_id, **(approved if initiative.approval_id else {})},
        reason=reason,
    )
