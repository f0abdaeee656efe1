"""Paying with tokens: held at checkout, settled when what was bought is given, refunded later.

Fills the token payment ports of accounts. All of it joins the caller's transaction, so that what was bought
and what was paid become true together.
"""

from datetime import timedelta

from django.conf import settings

from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.amounts import format_amount
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from wallets.constants import (
    AccountKind,
    HoldPurpose,
    PostingKind,
    TransactionStatus,
    TransactionType,
    WalletStatus,
)
from wallets.errors import RefundTooHigh, WalletFrozen
from wallets.locks import lock_accounts, lock_parties
from wallets.models import Hold, Transaction
from wallets.rules import user_account_key
from wallets.selectors.refunds import refund_reference, refunded_amount
from wallets.services.holds import hold_open, hold_settle, hold_void
from wallets.services.parties import giver_check
from wallets.services.posting import (
    Leg,
    TransactionDraft,
    post,
    posting_transaction_id,
    transaction_open,
)
from wallets.signals import checkout_settled, checkout_voided, payment_refunded


@transactional
def token_checkout_hold(*, actor: Actor, user_id: str, amount: int, source_key: str, reference: str) -> str:
    """Set tokens aside for something that is about to be bought.

    They come back by themselves after `CHECKOUT_HOLD_SECONDS` unless the checkout is settled before.

    Args:
        actor: the buyer, or the system for a renewal.
        user_id: public id of the buyer.
        amount: base units, above zero.
        source_key: names the one cause, such as a period of a subscription.
        reference: what is bought, such as `plan:<public id>`.

    Returns:
        Public id of the pending transaction.

    Raises:
        NotFound: there is no wallet, or it is not the actor's.
        AccountDisabled, EmailNotVerified, TermsAcceptanceRequired: what keeps a person from moving money.
        WalletFrozen: nothing leaves the wallet.
        InsufficientBalance: less is available.

    Effects:
        Locks the buyer's `available` and `reserved`.

    Idempotency:
        By the source key: calling again returns the first transaction, whatever became of it.
    """
    require(actor, "subscription.checkout", scope="self")
    if actor.kind != "system" and actor.user_id != user_id:
        raise NotFound
    key = user_account_key(user_id, AccountKind.AVAILABLE)
    party = lock_parties(sender_key=key).get(key)
    if party is None:
        raise NotFound
    if booked := posting_transaction_id(f"checkout:{source_key}"):
        return booked
    if actor.kind != "system":
        giver_check(party)
    if party.wallet_status != WalletStatus.ACTIVE:
        raise WalletFrozen
    draft = TransactionDraft(
        type=TransactionType.SUBSCRIPTION.value,
        status=TransactionStatus.PENDING.value,
        amount=amount,
        sender_pk=party.wallet_pk,
        reference=reference,
    )
    hold_open(
        draft=draft,
        user_id=user_id,
        amount=amount,
        purpose=HoldPurpose.CHECKOUT,
        source_key=f"checkout:{source_key}",
        expires_at=clock.now() + timedelta(seconds=settings.CHECKOUT_HOLD_SECONDS),
    )
    return draft.public_id


@transactional
def token_checkout_settle(*, actor: Actor, transaction_id: str, amount: int | None = None) -> int:
    """Take what was bought out of the held tokens: reserved → subscription_revenue; the rest comes back.

    Args:
        actor: the buyer, or the system.
        transaction_id: what `token_checkout_hold` returned.
        amount: base units, above zero and at most what is held; None takes all.

    Returns:
        Base units that were paid.

    Raises:
        NotFound: there is no such checkout, or it is not the actor's.
        HoldEnded: it was settled or voided before, or its time is over.

    Effects:
        Locks the hold, then the accounts. The transaction is completed. Emits checkout_settled.
    """
    hold = _checkout(actor, transaction_id)
    paid = hold.amount if amount is None else amount
    to = (Leg(AccountKind.SUBSCRIPTION_REVENUE, paid),)
    hold_settle(transaction_pk=hold.transaction_id, to=to)
    checkout_settled.emit(
        transaction_id=transaction_id,
        user_id=hold.wallet.user.public_id,
        amount=paid,
        reference=hold.transaction.reference,
    )
    return paid


@transactional
def token_checkout_void(*, actor: Actor, transaction_id: str) -> None:
    """Give the tokens of a checkout back that leads to nothing.

    Raises:
        NotFound: there is no such checkout, or it is not the actor's.
        HoldEnded: it was settled, voided or expired before.

    Effects:
        Locks the hold, then the accounts. The transaction is cancelled. Emits checkout_voided.
    """
    hold = _checkout(actor, transaction_id)
    hold_void(transaction_pk=hold.transaction_id, to_status=TransactionStatus.CANCELLED)
    checkout_voided.emit(
        transaction_id=transaction_id,
        user_id=hold.wallet.user.public_id,
        amount=hold.amount,
        reference=hold.transaction.reference,
    )


@transactional
def token_refund(*, actor: Actor, transaction_id: str, amount: int, source_key: str) -> str:
    """Give back what was paid by a checkout, or a part of it: subscription_revenue → available.

    Args:
        actor: the system, or staff with `wallet.adjust`.
        transaction_id: of the settled checkout.
        amount: base units, above zero; all refunds of a checkout together at most what was paid.
        source_key: names the one cause.

    Returns:
        Public id of the refund's transaction.

    Raises:
        PermissionDenied: the actor may not.
        NotFound: no such checkout was settled, or it was reversed.
        RefundTooHigh: less than that is left of the payment.
        InsufficientBalance: the revenue was swept; the treasury holds it.

    Effects:
        Locks subscription_revenue and the buyer's `available`. Emits payment_refunded.

    Idempotency:
        By the source key; calling again returns the first refund.
    """
    require(actor, "subscription.refund", scope="wallet.adjust")
    hold = _hold(transaction_id)
    user_id = hold.wallet.user.public_id
    available = user_account_key(user_id, AccountKind.AVAILABLE)
    locked = lock_accounts((AccountKind.SUBSCRIPTION_REVENUE, available))
    if booked := posting_transaction_id(f"refund:{source_key}"):
        return booked
    left = _left_of(hold)
    if amount > left:
        raise RefundTooHigh(left=format_amount(left))
    draft = TransactionDraft(
        type=TransactionType.REFUND.value,
        amount=amount,
        recipient_pk=hold.wallet_id,
        reference=refund_reference(transaction_id),
    )
    post(
        transaction_id=transaction_open(draft),
        kind=PostingKind.POST,
        source_key=f"refund:{source_key}",
        legs=(Leg(AccountKind.SUBSCRIPTION_REVENUE, -amount), Leg(available, amount)),
        locked=locked,
    )
    payment_refunded.emit(
        transaction_id=draft.public_id, payment_id=transaction_id, user_id=user_id, amount=amount
    )
    return draft.public_id


def _checkout(actor: Actor, transaction_id: str) -> Hold:
    require(actor, "subscription.checkout", scope="self")
    hold = _hold(transaction_id)
    if actor.kind != "system" and hold.wallet.user.public_id != actor.user_id:
        raise NotFound
    return hold


def _hold(transaction_id: str) -> Hold:
    found = Hold.objects.filter(purpose=HoldPurpose.CHECKOUT, public_id=transaction_id)
    hold = found.select_related("transaction", "wallet__user").first()
    if hold is None:
        raise NotFound
    return hold


def _left_of(hold: Hold) -> int:
    """What was paid and not yet refunded, read under the lock of the revenue that pays each refund."""
    payment = Transaction.objects.filter(pk=hold.transaction_id, status=TransactionStatus.COMPLETED)
    paid = payment.values_list("hold__settled", flat=True).first()
    if paid is None:
        raise NotFound
    return paid - refunded_amount(hold.public_id, hold.wallet_id)
