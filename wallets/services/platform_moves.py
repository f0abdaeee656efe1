"""What the platform moves between its own accounts, and what it gives of deposits nobody claimed."""

from dataclasses import dataclass

from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound, PermissionDenied
from ogc.ports import audit_record
from wallets.constants import AccountKind, PostingKind, TransactionType, WalletStatus
from wallets.locks import LockedAccounts, lock_accounts
from wallets.models import LedgerAccount, Posting, Wallet
from wallets.rules import user_account_key
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)
from wallets.signals import deposit_claimed

REVENUES = (AccountKind.FEES, AccountKind.SUBSCRIPTION_REVENUE)


@dataclass(frozen=True, slots=True)
class Move:
    """What was moved: base units, and the public id of the transaction (None: nothing to move)."""

    amount: int
    transaction_id: str | None


@transactional
def revenue_sweep(*, actor: Actor, account: str, source_key: str, keep: int = 0) -> Move:
    """Move what an account earned into the treasury, but for what is to stay (for refunds).

    Args:
        actor: the system.
        account: `fees` or `subscription_revenue`.
        source_key: names the one sweep, such as its day.
        keep: base units that stay.

    Raises:
        PermissionDenied: the actor is not the system, or this is no account that is swept.

    Effects:
        Locks the account. Audited.

    Idempotency:
        By the source key; calling again returns the first sweep.
    """
    _require_system(actor)
    if account not in REVENUES:
        raise PermissionDenied
    locked = lock_accounts((account,), credited=(AccountKind.TREASURY,))
    cause = f"sweep:{account}:{source_key}"
    if booked := posting_transaction_id(cause):
        return Move(_amount_of(cause), booked)
    amount = locked[account].balance - keep
    if amount <= 0:
        return Move(0, None)
    draft = TransactionDraft(type=TransactionType.SWEEP.value, amount=amount)
    _move(draft, account, AccountKind.TREASURY, cause, locked)
    _audit(actor, "ledger.sweep", account, draft, "")
    return Move(amount, draft.public_id)


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
        SourceKeyUsed: somebody books the same at this moment.

    Effects:
        Locks the account unless it is lazy and credited. Audited.

    Idempotency:
        By the source key; calling again returns the first booking.
    """
    _require_system(actor)
    if to_account == AccountKind.LOSSES or not LedgerAccount.objects.filter(key=to_account).exists():
        raise NotFound(account=to_account)
    cause = f"loss:{source_key}"
    if booked := posting_transaction_id(cause):
        return Move(_amount_of(cause), booked)
    draft = TransactionDraft(type=TransactionType.LOSS.value, amount=amount, recipient_pk=_owner(to_account))
    _move(draft, AccountKind.LOSSES, to_account, cause)
    _audit(actor, "ledger.loss", to_account, draft, reason)
    return Move(amount, draft.public_id)


@transactional
def deposit_claim(*, actor: Actor, user_id: str, amount: int, source_key: str, reference: str) -> str:
    """Give a deposit to whom it belongs: unclaimed_deposits → available.

    Args:
        actor: the system; whoever calls knows that the deposit is this user's.
        user_id: public id.
        amount: base units, above zero.
        source_key: names the one deposit.
        reference: what was deposited, such as `tx:<hash>`.

    Returns:
        Public id of the transaction.

    Raises:
        PermissionDenied: the actor is not the system.
        NotFound: the user has no open wallet.
        InsufficientBalance: less is unclaimed.

    Effects:
        Locks both accounts. Emits deposit_claimed.

    Idempotency:
        By the source key; calling again returns the first claim, whoever got it.
    """
    _require_system(actor)
    available = user_account_key(user_id, AccountKind.AVAILABLE)
    locked = lock_accounts((AccountKind.UNCLAIMED_DEPOSITS, available))
    if booked := posting_transaction_id(f"claim:{source_key}"):
        return booked
    owner = Wallet.objects.filter(user__public_id=user_id).exclude(status=WalletStatus.CLOSED)
    wallet_pk = owner.values_list("pk", flat=True).first()
    if wallet_pk is None:
        raise NotFound
    draft = TransactionDraft(
        type=TransactionType.CLAIM.value, amount=amount, recipient_pk=wallet_pk, reference=reference
    )
    _move(draft, AccountKind.UNCLAIMED_DEPOSITS, available, f"claim:{source_key}", locked)
    deposit_claimed.emit(transaction_id=draft.public_id, user_id=user_id, amount=amount)
    return draft.public_id


def _require_system(actor: Actor) -> None:
    if actor.kind != "system":
        raise PermissionDenied


def _move(
    draft: TransactionDraft, giver: str, receiver: str, cause: str, locked: LockedAccounts | None = None
) -> None:
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=cause,
        legs=(Leg(giver, -draft.amount), Leg(receiver, draft.amount)),
        locked=locked,
    )


def _amount_of(cause: str) -> int:
    return int(Posting.objects.values_list("transaction__amount", flat=True).get(source_key=cause))


def _owner(key: str) -> int | None:
    return LedgerAccount.objects.values_list("wallet_id", flat=True).get(key=key)


def _audit(actor: Actor, action: str, account: str, draft: TransactionDraft, reason: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="ledger_account",
        target_id=account,
        severity="warning",
        after={"amount": draft.amount, "transaction": draft.public_id},
        reason=reason,
    )
