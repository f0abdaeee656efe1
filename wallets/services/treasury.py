"""What the treasury gives: the pools, and tokens to try the platform with."""

from django.conf import settings

from accounts.services import email_verify_untold
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.errors import InvalidError, NotFound, PermissionDenied
from ogc.ports import audit_record
from wallets.constants import AccountKind, PostingKind, TransactionType
from wallets.locks import lock_accounts
from wallets.models import Wallet
from wallets.rules import user_account_key
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)

POOLS = (AccountKind.REWARDS_POOL, AccountKind.MINING_POOL)


class PoolUnknown(InvalidError):
    """Only pools are funded."""

    code = "POOL_UNKNOWN"
    message = "The pools are rewards_pool and mining_pool."


@transactional
def pool_fund(*, actor: Actor, pool: str, amount: int, source_key: str = "") -> str:
    """Move tokens from the treasury into a pool; for commands and seeding (`SYSTEM`) only.

    Args:
        actor: the system.
        pool: `rewards_pool` or `mining_pool`.
        amount: base units, above zero.
        source_key: names the cause where it must be booked once; empty books each call.

    Returns:
        Public id of the transaction: the first one where the cause is booked already.

    Raises:
        PermissionDenied: the actor is not the system.
        PoolUnknown: not one of the two pools.
        InsufficientBalance: the treasury does not hold that much.

    Effects:
        Locks the treasury. Audited.
    """
    if actor.kind != "system":
        raise PermissionDenied
    if pool not in POOLS:
        raise PoolUnknown
    transaction_id, is_new = _give(
        TransactionDraft(type=TransactionType.POOL_FUNDING.value, amount=amount), pool, source_key
    )
    if is_new:
        audit_record(
            actor=actor,
            action="pool.fund",
            target_type="ledger_account",
            target_id=pool,
            after={"amount": amount, "transaction": transaction_id},
        )
    return transaction_id


@transactional
def faucet_user(*, user_id: str, amount: int, source_key: str = "") -> str:
    """Give a user tokens of the treasury to try the platform with, and verify the address; with DEBUG only.

    Args:
        user_id: public id.
        amount: base units, above zero.
        source_key: names the cause where it must be booked once; empty books each call.

    Returns:
        Public id of the transaction.

    Raises:
        PermissionDenied: DEBUG is off.
        NotFound: the user has no wallet.
        InsufficientBalance: the treasury does not hold that much.

    Effects:
        Locks the user, the treasury, and the user's `available` unless it is lazy. Audited.
    """
    if not settings.DEBUG:
        raise PermissionDenied("The faucet runs with DEBUG only.")
    wallet_pk = Wallet.objects.filter(user__public_id=user_id).values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    email_verify_untold(actor=SYSTEM, user_id=user_id)
    draft = TransactionDraft(type=TransactionType.FAUCET.value, amount=amount, recipient_pk=wallet_pk)
    transaction_id, is_new = _give(draft, user_account_key(user_id, AccountKind.AVAILABLE), source_key)
    if is_new:
        audit_record(
            actor=SYSTEM,
            action="wallet.faucet",
            target_type="user",
            target_id=user_id,
            after={"amount": amount, "transaction": transaction_id},
        )
    return transaction_id


def _give(draft: TransactionDraft, to_key: str, source_key: str) -> tuple[str, bool]:
    """Treasury → another account; the public id of the transaction and whether it is new."""
    locked = lock_accounts((AccountKind.TREASURY,), credited=(to_key,))
    source_key = source_key or f"{draft.type}:{draft.public_id}"
    if booked := posting_transaction_id(source_key):
        return booked, False
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=source_key,
        legs=(Leg(AccountKind.TREASURY, -draft.amount), Leg(to_key, draft.amount)),
        locked=locked,
    )
    return draft.public_id, True
