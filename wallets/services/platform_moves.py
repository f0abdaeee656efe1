"""What the platform moves between its own accounts, and what it gives of deposits nobody claimed."""

from dataclasses import dataclass

from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound, PermissionDenied
from wallets.constants import AccountKind, TransactionStatus, TransactionType, WalletStatus
from wallets.locks import lock_accounts
from wallets.models import LedgerAccount, Posting, Wallet
from wallets.rules import user_account_key
from wallets.services.plain_moves import move_book
from wallets.services.posting import TransactionDraft, posting_transaction_id
from wallets.signals import deposit_claimed

REVENUES = (AccountKind.FEES, AccountKind.SUBSCRIPTION_REVENUE)


@dataclass(frozen=True, slots=True)
class Move:
    """What was moved: base units, and the public id of the transaction (None: nothing to move)."""

    amount: int
    transaction_id: str | None


@transactional
def revenue_sweep(*, actor: Actor, account: str, source_key: str, keep: int = 0, reason: str = "") -> Move:
    """Move what an account earned into the treasury, but for what is to stay (for refunds).

    Args:
        actor: the system.
        account: `fees` or `subscription_revenue`.
        source_key: names the one sweep, such as its day.
        keep: base units that stay.
        reason: kept in the audit trail.

    Raises:
        PermissionDenied: the actor is not the system, or this is no account that is swept.

    Effects:
        Locks both accounts. Audited with both balances.

    Idempotency:
        By the source key; calling again returns the first sweep.
    """
    _require_system(actor)
    if account not in REVENUES:
        raise PermissionDenied
    locked = lock_accounts((account, AccountKind.TREASURY))
    cause = f"sweep:{account}:{source_key}"
    if booked := posting_transaction_id(cause):
        return Move(_amount_of(cause), booked)
    amount = locked[account].balance - keep
    if amount <= 0:
        return Move(0, None)
    transaction_id = move_book(
        TransactionDraft(type=TransactionType.SWEEP.value, amount=amount),
        giver=account,
        receiver=AccountKind.TREASURY,
        cause=cause,
        locked=locked,
        actor=actor,
        action="ledger.sweep",
        target=("ledger_account", account),
        reason=reason,
    )
    return Move(amount, transaction_id)


@transactional
def loss_book(*, actor: Actor, to_account: str, amount: int, source_key: str, reason: str) -> Move:
    """Book what was lost outside: losses → the account that lacks it.

    Args:
        actor: the system.
        to_account: key of the account, such as `onchain_hot`.
        amount: base units, above zero.
        source_key: names the one loss.
        reason: what happened; kept in the audit trail.

    Raises:
        PermissionDenied: the actor is not the system.
        NotFound: there is no such account.
        InsufficientBalance: a contra account would come above zero.

    Effects:
        Locks both accounts. Audited with both balances.

    Idempotency:
        By the source key; calling again returns the first booking.
    """
    _require_system(actor)
    locked = lock_accounts((AccountKind.LOSSES, to_account))
    if to_account == AccountKind.LOSSES or to_account not in locked:
        raise NotFound(account=to_account)
    cause = f"loss:{source_key}"
    if booked := posting_transaction_id(cause):
        return Move(_amount_of(cause), booked)
    owner = LedgerAccount.objects.values_list("wallet_id", flat=True).get(key=to_account)
    transaction_id = move_book(
        TransactionDraft(type=TransactionType.LOSS.value, amount=amount, recipient_pk=owner),
        giver=AccountKind.LOSSES,
        receiver=to_account,
        cause=cause,
        locked=locked,
        actor=actor,
        action="ledger.loss",
        target=("ledger_account", to_account),
        reason=reason,
    )
    return Move(amount, transaction_id)


@transactional
def deposit_claim(
    *, actor: Actor, user_id: str, amount: int, source_key: str, reference: str, reason: str = ""
) -> str:
    """Give a deposit to whom it belongs: unclaimed_deposits → available.

    Args:
        actor: the system; whoever calls knows that the deposit is this user's.
        user_id: public id.
        amount: base units, above zero.
        source_key: names the one deposit.
        reference: what was deposited, such as `tx:<hash>`.
        reason: kept in the audit trail.

    Returns:
        Public id of the transaction.

    Raises:
        PermissionDenied: the actor is not the system.
        NotFound: the user has no open wallet.
        InsufficientBalance: less is unclaimed.

    Effects:
        Locks both accounts. Audited with both balances. Emits deposit_claimed.

    Idempotency:
        By the source key; calling again returns the first claim, whoever got it. When that was reversed, the
        deposit is unclaimed again, and the next call is another claim.
    """
    _require_system(actor)
    available = user_account_key(user_id, AccountKind.AVAILABLE)
    locked = lock_accounts((AccountKind.UNCLAIMED_DEPOSITS, available))
    cause = _claim_cause(source_key)
    if booked := posting_transaction_id(cause):
        return booked
    owner = Wallet.objects.filter(user__public_id=user_id).exclude(status=WalletStatus.CLOSED)
    wallet_pk = owner.values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    transaction_id = move_book(
        TransactionDraft(
            type=TransactionType.CLAIM.value, amount=amount, recipient_pk=wallet_pk, reference=reference
        ),
        giver=AccountKind.UNCLAIMED_DEPOSITS,
        receiver=available,
        cause=cause,
        locked=locked,
        actor=actor,
        action="ledger.claim",
        target=("user", user_id),
        reason=reason,
    )
    deposit_claimed.emit(transaction_id=transaction_id, user_id=user_id, amount=amount)
    return transaction_id


def _claim_cause(deposit: str) -> str:
    """Source key of the claim of a deposit that counts: each that was reversed makes room for another."""
    cause = f"claim:{deposit}"
    while reversed_id := _reversed_id(cause):
        cause = f"claim:{deposit}:after:{reversed_id}"
    return cause


def _reversed_id(cause: str) -> str | None:
    """Public id of the transaction of this cause, if it was reversed."""
    reversed_ = Posting.objects.filter(source_key=cause, transaction__status=TransactionStatus.REVERSED)
    return reversed_.values_list("transaction__public_id", flat=True).first()


def _require_system(actor: Actor) -> None:
    if actor.kind != "system":
        raise PermissionDenied


def _amount_of(cause: str) -> int:
    return int(Posting.objects.values_list("transaction__amount", flat=True).get(source_key=cause))
