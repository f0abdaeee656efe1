"""What adjustments, rewards by hand and reversals share: who counts as whose, and when two people decide.

Each is one function `…_request` that checks, then either moves the tokens or asks for the second person, and
one `…_approved` that checks everything again and moves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Sum

from accounts.selectors import user_pk
from accounts.services import user_hold
from governance.models import Approval
from governance.services import approval_request
from ogc import clock
from ogc.access import Decision, Outcome
from ogc.actors import Actor
from ogc.errors import NotAuthenticated
from ogc.ports import audit_record
from wallets.constants import (
    ADJUST_ACTION,
    GRANT_ACTION,
    REVERSE_ACTION,
    STAFF_MOVE_HOURS,
    StaffMoveKind,
)
from wallets.errors import InsufficientBalance
from wallets.locks import LockedAccounts
from wallets.models import StaffMove, Transaction
from wallets.rules import balance_is_allowed
from wallets.services.posting import Leg

_ACTIONS = {
    StaffMoveKind.ADJUSTMENT: ADJUST_ACTION,
    StaffMoveKind.REWARD: GRANT_ACTION,
    StaffMoveKind.REVERSAL: REVERSE_ACTION,
}
"""What the audit trail calls them: the names that policies and approvals know."""


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


def approval_ask(actor: Actor, action: str, payload: dict[str, Any], reason: str) -> StaffMoveOutcome:
    """Let a second person decide; the same wish that is open already is that wish."""
    asked = {**payload, "reason": reason}
    return StaffMoveOutcome(
        approval=approval_request(actor=actor, action=action, payload=asked, reason=reason, once=True)
    )


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
