"""A move between two accounts that somebody at a command, or the system, decided on: booked and audited."""

from ogc.actors import Actor
from ogc.ports import audit_record
from wallets.constants import PostingKind
from wallets.locks import LockedAccounts
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open


def move_book(
    draft: TransactionDraft,
    *,
    giver: str,
    receiver: str,
    cause: str,
    locked: LockedAccounts,
    actor: Actor,
    action: str,
    target: tuple[str, str],
    reason: str = "",
) -> str:
    """Move the amount of a draft, and write it into the audit trail with both balances before and after.

    Args:
        giver, receiver: account keys; both are locked whole, so that the balances are what they were.
        cause: source key of the posting; ask under the locks whether it is booked.
        target: type and id of what was changed.

    Returns:
        Public id of the transaction.

    Raises:
        InsufficientBalance: the giver does not hold that much, or a contra account would come above zero.
        SourceKeyUsed: somebody booked the cause without these locks.
    """
    before = locked.balances()
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=cause,
        legs=(Leg(giver, -draft.amount), Leg(receiver, draft.amount)),
        locked=locked,
    )
    target_type, target_id = target
    audit_record(
        actor=actor,
        action=action,
        target_type=target_type,
        target_id=target_id,
        severity="warning",
        before={"balances": before},
        after={"balances": locked.balances(), "amount": draft.amount, "transaction": draft.public_id},
        reason=reason,
    )
    return draft.public_id
