"""Withdrawals: from the request that holds the tokens to the proof that settles or gives them back.

Everything between is the chain engine's (`wallets.chain`); the states and their moves are one table in
`wallets.chain.constants`.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Q, Sum

from accounts.services.step_up import require_step_up, step_up_is_needed
from accounts.step_up import APPROVE_WITHDRAWAL, WITHDRAW
from ogc import clock, context
from ogc.access import require
from ogc.actors import Actor
from ogc.amounts import format_amount
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound, SecondPersonRequired
from ogc.ports import audit_record
from wallets.chain.constants import TRANSITIONS, ChainAction, ChainPurpose, ChainStatus
from wallets.chain.jobs import poke_lanes
from wallets.chain.locks import lock_row
from wallets.chain.network import own_addresses
from wallets.chain.rules import checked_address, move
from wallets.chain.status import expected_seconds
from wallets.constants import AccountKind, HoldPurpose, TransactionStatus, TransactionType, WalletStatus
from wallets.errors import AddressNotAllowed, LimitExceeded, WalletFrozen, WithdrawalNotCancellable
from wallets.limits import require_limits, withdrawal_limits
from wallets.locks import Party, lock_parties
from wallets.models import ChainTransaction, PayoutDay
from wallets.ports import payout_check
from wallets.rules import user_account_key
from wallets.services.holds import hold_open, hold_settle, hold_void
from wallets.services.parties import giver_check
from wallets.services.posting import Leg, TransactionDraft
from wallets.services.previews import Preview
from wallets.signals import withdrawal_failed, withdrawal_settled

_ENDED = (ChainStatus.REJECTED, ChainStatus.CANCELLED, ChainStatus.FAILED)


@dataclass(frozen=True, slots=True)
class _Wish:
    user_id: str
    receiver: str
    amount: int
    fee: int


@dataclass(frozen=True, slots=True)
class _Spent:
    """Base units of one wallet's withdrawals."""

    last_24_hours: int
    today: int


@transactional
def withdrawal_request(*, actor: Actor, to: str, amount: int, memo: str = "") -> str:
    """Hold the tokens of a withdrawal and queue it, or let it wait for approval.

    Args:
        to: 0x address, see `ogc.addresses`.
        amount: base units above zero; WITHDRAWAL_FEE comes on top.

    Returns:
        Public id of the pending transaction, which is the withdrawal's id too.

    Raises (in this order):
        PermissionDenied, NotFound: the caller may not, or has no wallet.
        AccountDisabled, EmailNotVerified, TermsAcceptanceRequired: what keeps the caller from moving money.
        WalletFrozen: nothing leaves the wallet.
        StepUpRequired: the withdrawals of 24 hours reach STEP_UP_WITHDRAWAL_FROM with this one.
        ValidationFailed, AddressNotAllowed: not an address, or one that is never paid (ours, denied).
        LimitExceeded: per transaction, per user and day, or per platform and day.
        InsufficientBalance: amount and fee are not there.

    Effects:
        Locks `available` and `reserved`, then the day's total. Rows Transaction, Posting (hold),
        ChainTransaction. Asks for a lane after the commit.
    """
    giver, spent = _giver(actor)
    require_step_up(actor, WITHDRAW, amount=spent.last_24_hours + amount)
    wish = _Wish(actor.user_id or "", checked_address(to), amount, settings.WITHDRAWAL_FEE)
    waits = _waits_for_approval(wish)
    platform = platform_paid_today()
    require_limits(withdrawal_limits(amount, user_today=spent.today, platform_today=platform))
    status = ChainStatus.AWAITING_APPROVAL if waits else ChainStatus.QUEUED
    return _open(wish, giver.wallet_pk, status, memo)


@transactional
def withdrawal_preview(*, actor: Actor, to: str, amount: int) -> Preview:
    """What `withdrawal_request` would do, with the same checks; nothing is written.

    Raises: as `withdrawal_request`, but for step-up, limits and balance, which the preview tells.
    """
    giver, spent = _giver(actor)
    wish = _Wish(actor.user_id or "", checked_address(to), amount, settings.WITHDRAWAL_FEE)
    return Preview(
        type=TransactionType.WITHDRAWAL.value,
        amount=amount,
        fee=wish.fee,
        available=giver.account.balance,
        limits=withdrawal_limits(amount, user_today=spent.today, platform_today=platform_paid_today()),
        needs_approval=_waits_for_approval(wish),
        needs_step_up=step_up_is_needed(actor, WITHDRAW, amount=spent.last_24_hours + amount),
        expected_seconds=expected_seconds(),
    )


@transactional
def withdrawal_approve(*, actor: Actor, withdrawal_id: str) -> ChainTransaction:
    """Let a waiting withdrawal go.

    Raises:
        PermissionDenied: no `wallet.approve`.
        NotFound: no such withdrawal.
        SecondPersonRequired: it is the actor's own.
        StepUpRequired: no step-up of this session.
        AddressNotAllowed: the address is refused by now.
        TransactionMoveInvalid: it does not wait.

    Effects: audited; asks for a lane after the commit.
    """
    require(actor, "wallet.approve_withdrawal", scope="wallet.approve")
    row = _lock(withdrawal_id)
    _refuse_own(actor, row)
    require_step_up(actor, APPROVE_WITHDRAWAL)
    if payout_check(_user_id(row), row.receiver, row.amount) == "refuse":
        raise AddressNotAllowed
    before, row = row.status, _walk(row, ChainAction.APPROVE)
    _audit(actor, row, before, "withdrawal.approve", "")
    on_commit(poke_lanes)
    return row


@transactional
def withdrawal_reject(*, actor: Actor, withdrawal_id: str, reason: str) -> ChainTransaction:
    """Refuse a waiting withdrawal; its tokens are available again.

    Raises: as `withdrawal_approve`. Effects: the hold is voided; audited; `withdrawal_failed`.
    """
    require(actor, "wallet.approve_withdrawal", scope="wallet.approve")
    row = _lock(withdrawal_id)
    _refuse_own(actor, row)
    before, row = row.status, _walk(row, ChainAction.REJECT)
    _void(row, TransactionStatus.FAILED, reason or "rejected")
    _audit(actor, row, before, "withdrawal.reject", reason)
    return row


@transactional
def withdrawal_cancel(*, actor: Actor, withdrawal_id: str) -> ChainTransaction:
    """Take one's own withdrawal back before a nonce is reserved.

    Raises:
        NotFound: not the actor's.
        WithdrawalNotCancellable: it is too late.

    Effects: the hold is voided.
    """
    require(actor, "wallet.withdraw", scope="self")
    row = _lock(withdrawal_id)
    if _user_id(row) != actor.user_id:
        raise NotFound
    if row.status not in TRANSITIONS[ChainAction.CANCEL].sources:
        raise WithdrawalNotCancellable(status=row.status)
    row = _walk(row, ChainAction.CANCEL)
    _void(row, TransactionStatus.CANCELLED, "cancelled")
    return row


@transactional
def withdrawal_settle(row_id: int) -> None:
    """Book a withdrawal whose payment is final: reserved → onchain_hot, the fee → fees. Call once it is
    locked.

    Idempotency: a row settled before (and mined anew after a deep reorganisation) is left alone.
    Effects: `withdrawal_settled`.
    """
    row = lock_row(row_id)
    if row.settled_at is not None:
        return
    to = [Leg(AccountKind.ONCHAIN_HOT, row.amount)]
    if row.fee:
        to.append(Leg(AccountKind.FEES, row.fee))
    hold_settle(transaction_pk=row.transaction_id, to=to)
    ChainTransaction.objects.filter(pk=row.pk).update(settled_at=clock.real_now())
    withdrawal_settled.emit(
        transaction_id=row.transaction.public_id,
        user_id=_user_id(row),
        amount=row.amount,
        tx_hash=row.tx_hash,
    )


@transactional
def withdrawal_void(row_id: int, reason: str) -> None:
    """Give the tokens of a withdrawal back whose payment finally can't happen any more.

    Idempotency: once; a row that was settled or voided before is left alone.
    Effects: `withdrawal_failed`.
    """
    row = lock_row(row_id)
    if row.settled_at is None:
        _void(row, TransactionStatus.FAILED, reason)


def default_payout_check(user_id: str, address: str, amount: int) -> str:
    """Fills `ports.payout_check`: the deny list refuses; with an allow list, whatever is not on it is
    refused."""
    is_denied = address in settings.PAYOUT_DENY
    is_left_out = bool(settings.PAYOUT_ALLOW) and address not in settings.PAYOUT_ALLOW
    return "refuse" if is_denied or is_left_out else "allow"


def _giver(actor: Actor) -> tuple[Party, _Spent]:
    """The caller's locked account, and what went out of it lately; refuses whoever may not move money."""
    require(actor, "wallet.withdraw", scope="self")
    key = user_account_key(actor.user_id or "", AccountKind.AVAILABLE)
    party = lock_parties(sender_key=key).get(key)
    if party is None:
        raise NotFound
    giver_check(party)
    if party.wallet_status != WalletStatus.ACTIVE:
        raise WalletFrozen
    return party, _spent(party.wallet_pk)


def _waits_for_approval(wish: _Wish) -> bool:
    """Whether finance looks at it first. Raises AddressNotAllowed."""
    if wish.receiver in own_addresses():
        raise AddressNotAllowed(address=wish.receiver)
    verdict = payout_check(wish.user_id, wish.receiver, wish.amount)
    if verdict == "refuse":
        raise AddressNotAllowed(address=wish.receiver)
    return verdict == "hold" or wish.amount >= settings.WITHDRAWAL_APPROVAL_THRESHOLD


def _spent(wallet_pk: int) -> _Spent:
    """In one query; what was rejected, cancelled or failed does not count."""
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    mine = ChainTransaction.objects.filter(
        wallet_id=wallet_pk, purpose=ChainPurpose.WITHDRAWAL, created_at__gt=now - timedelta(hours=24)
    ).exclude(status__in=_ENDED)
    sums = mine.aggregate(last=Sum("amount"), today=Sum("amount", filter=Q(created_at__gte=midnight)))
    return _Spent(sums["last"] or 0, sums["today"] or 0)


def platform_paid_today() -> int:
    """Base units of all withdrawals of today; those that ended without payment do not count."""
    return PayoutDay.objects.filter(day=clock.today()).values_list("total", flat=True).first() or 0


def _take_day(amount: int) -> None:
    """Raise the platform's total of today, unless it passes the limit: others may have taken it meanwhile."""
    today = clock.today()
    PayoutDay.objects.get_or_create(day=today)
    room = settings.WITHDRAWAL_LIMIT_PLATFORM_DAY - amount
    if not PayoutDay.objects.filter(day=today, total__lte=room).update(total=F("total") + amount):
        left = max(0, settings.WITHDRAWAL_LIMIT_PLATFORM_DAY - platform_paid_today())
        raise LimitExceeded(limit="platform_day", left=format_amount(left))


def _open(wish: _Wish, wallet_pk: int, status: str, memo: str) -> str:
    draft = TransactionDraft(
        type=TransactionType.WITHDRAWAL,
        status=TransactionStatus.PENDING,
        amount=wish.amount,
        sender_pk=wallet_pk,
        memo=memo,
        reference=f"address:{wish.receiver}",
    )
    transaction_pk = hold_open(
        draft=draft, user_id=wish.user_id, amount=wish.amount + wish.fee, purpose=HoldPurpose.WITHDRAWAL
    )
    # After all accounts, as where tokens come back: the whole platform waits for this row.
    _take_day(wish.amount)
    ChainTransaction.objects.create(
        public_id=draft.public_id,
        purpose=ChainPurpose.WITHDRAWAL,
        status=status,
        transaction_id=transaction_pk,
        wallet_id=wallet_pk,
        receiver=wish.receiver,
        amount=wish.amount,
        fee=wish.fee,
        correlation_id=context.current().correlation_id,
    )
    if status == ChainStatus.QUEUED:
        on_commit(poke_lanes)
    return draft.public_id


def _lock(withdrawal_id: str) -> ChainTransaction:
    found = ChainTransaction.objects.filter(public_id=withdrawal_id, purpose=ChainPurpose.WITHDRAWAL)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound
    return lock_row(pk)


def _walk(row: ChainTransaction, action: str) -> ChainTransaction:
    row.status = move(row.status, action)
    row.save(update_fields=["status"])
    return row


def _void(row: ChainTransaction, status: TransactionStatus, reason: str) -> None:
    hold_void(transaction_pk=row.transaction_id, to_status=status)
    PayoutDay.objects.filter(day=row.created_at.date()).update(total=F("total") - row.amount)
    ChainTransaction.objects.filter(pk=row.pk).update(settled_at=clock.real_now(), last_error=reason[:200])
    withdrawal_failed.emit(
        transaction_id=row.transaction.public_id, user_id=_user_id(row), amount=row.amount, reason=reason
    )


def _user_id(row: ChainTransaction) -> str:
    return str(row.wallet.user.public_id) if row.wallet else ""


def _refuse_own(actor: Actor, row: ChainTransaction) -> None:
    if actor.user_id is not None and _user_id(row) == actor.user_id:
        raise SecondPersonRequired


def _audit(actor: Actor, row: ChainTransaction, before: str, action: str, reason: str) -> None:
    audit_record(
        actor=actor,
        action=action,
        target_type="withdrawal",
        target_id=row.public_id,
        severity="critical",
        before={"status": before},
        after={"status": row.status},
        reason=reason,
    )
