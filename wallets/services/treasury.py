"""What the treasury gives: the pools, and tokens to try the platform with."""

from django.conf import settings

from accounts.services import email_verify_untold
from ogc.actors import SYSTEM, Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound, PermissionDenied
from wallets.constants import AccountKind, TransactionType
from wallets.errors import PoolUnknown
from wallets.locks import lock_accounts
from wallets.models import Wallet
from wallets.rules import user_account_key
from wallets.services.plain_moves import move_book
from wallets.services.posting import TransactionDraft, posting_transaction_id

POOLS = (AccountKind.REWARDS_POOL, AccountKind.MINING_POOL)


@transactional
def pool_fund(*, actor: Actor, pool: str, amount: int, source_key: str = "", reason: str = "") -> str:
    """Move tokens from the treasury into a pool; for commands and seeding (`SYSTEM`) only.

    Args:
        actor: the system.
        pool: `rewards_pool` or `mining_pool`.
        amount: base units, above zero.
        source_key: names the cause where it must be booked once; empty books each call.
        reason: kept in the audit trail.

    Returns:
        Public id of the transaction: the first one where the cause is booked already.

    Raises:
        PermissionDenied: the actor is not the system.
        PoolUnknown: not one of the two pools.
        InsufficientBalance: the treasury does not hold that much.

    Effects:
        Locks both accounts. Audited with both balances.
    """
    if actor.kind != "system":
        raise PermissionDenied
    if pool not in POOLS:
        raise PoolUnknown
    draft = TransactionDraft(type=TransactionType.POOL_FUNDING.value, amount=amount)
    return _give(draft, pool, source_key, "pool.fund", ("ledger_account", pool), reason)


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
        Locks the user, the treasury and the user's `available`. Audited with both balances.
    """
    if not settings.DEBUG:
        raise PermissionDenied("The faucet runs with DEBUG only.")
    wallet_pk = Wallet.objects.filter(user__public_id=user_id).values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    email_verify_untold(actor=SYSTEM, user_id=user_id)
    draft = TransactionDraft(type=TransactionType.FAUCET.value, amount=amount, recipient_pk=wallet_pk)
    available = user_account_key(user_id, AccountKind.AVAILABLE)
    return _give(draft, available, source_key, "wallet.faucet", ("user", user_id))


def _give(
    draft: TransactionDraft,
    to_key: str,
    source_key: str,
    action: str,
    target: tuple[str, str],
    reason: str = "",
) -> str:
    """Treasury → another account, once for each source key."""
    locked = lock_accounts((AccountKind.TREASURY, to_key))
    cause = source_key or f"{draft.type}:{draft.public_id}"
    if booked := posting_transaction_id(cause):
        return booked
    return move_book(
        draft,
        giver=AccountKind.TREASURY,
        receiver=to_key,
        cause=cause,
        locked=locked,
        actor=SYSTEM,
        action=action,
        target=target,
        reason=reason,
    )
