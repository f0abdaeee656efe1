"""Moving tokens from one person to another."""

from accounts.selectors import email_normalise
from ogc import clock
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from wallets.constants import (
    AccountKind,
    Direction,
    PostingKind,
    TransactionType,
    WalletStatus,
)
from wallets.errors import RecipientNotFound, RecipientSelf, WalletFrozen
from wallets.limits import require_limits, transfer_limits
from wallets.locks import LockedAccounts, Party, lock_parties
from wallets.rules import user_account_key
from wallets.selectors import Counterparty, EntryView, TransactionView, iso_text, transaction_for_user
from wallets.services.parties import giver_check, may_receive
from wallets.services.posting import Leg, TransactionDraft, post, transaction_open
from wallets.services.previews import Preview
from wallets.services.withdrawals import withdrawal_preview, withdrawal_request
from wallets.signals import transfer_settled


def transfer_request(*, actor: Actor, to: str, amount: int, memo: str = "") -> TransactionView:
    """Move tokens to whom `to` names: inside at once, to a 0x address as a withdrawal.

    Args:
        actor: the giver.
        to: public id or e-mail address of a user, or a checksummed 0x address.
        amount: base units, above zero.
        memo: shown to both; kept with a withdrawal.

    Returns:
        The transaction as the giver sees it, `pending` for a withdrawal.

    Raises:
        See `transfer_settle` and `withdrawals.withdrawal_request`.
    """
    if not to.startswith("0x"):
        return transfer_settle(actor=actor, to=to, amount=amount, memo=memo)
    transaction_id = withdrawal_request(actor=actor, to=to, amount=amount, memo=memo)
    return transaction_for_user(actor.user_id or "", transaction_id)


@transactional
def transfer_settle(*, actor: Actor, to: str, amount: int, memo: str = "") -> TransactionView:
    """Move tokens to another wallet of the platform, at once.

    Args:
        actor: the giver.
        to: public id or e-mail address of the receiver.
        amount: base units, above zero.
        memo: shown to both.

    Returns:
        The transaction as the giver sees it.

    Raises:
        EmailNotVerified, TermsAcceptanceRequired, AccountDisabled: the giver may not move money.
        RecipientSelf, RecipientNotFound: unknown, unverified, suspended and closed receivers look the same.
        WalletFrozen: nothing leaves the giver's wallet now.
        LimitExceeded: too much, or too often, in this hour or day.
        InsufficientBalance: less is available.

    Effects:
        Locks both `available` accounts, a lazy receiver's not. Emits transfer_settled. Five statements.
    """
    sender, recipient = _parties(actor, to)
    require_limits(transfer_limits(sender.outflow, amount, clock.now()))
    draft = TransactionDraft(
        type=TransactionType.TRANSFER.value,
        amount=amount,
        sender_pk=sender.wallet_pk,
        recipient_pk=recipient.wallet_pk,
        memo=memo,
    )
    transaction_pk = transaction_open(draft)
    post(
        transaction_id=transaction_pk,
        kind=PostingKind.POST,
        source_key=f"transfer:{draft.public_id}",
        legs=(Leg(sender.account.key, -amount), Leg(recipient.account.key, amount)),
        locked=LockedAccounts((sender.account, recipient.account)),
    )
    transfer_settled.emit(
        transaction_id=draft.public_id,
        sender_id=sender.user_id,
        recipient_id=recipient.user_id,
        amount=amount,
    )
    moment = iso_text(draft.created_at)
    return TransactionView(
        pk=transaction_pk,
        id=draft.public_id,
        type=draft.type,
        status=draft.status,
        amount=amount,
        direction=Direction.OUT.value,
        counterparty=Counterparty("user", recipient.user_id, recipient.user_name),
        memo=memo,
        created_at=moment,
        completed_at=moment,
        entries=[EntryView(sender.account.kind, -amount, sender.account.balance)],
    )


@transactional
def transfer_preview(*, actor: Actor, to: str, amount: int, memo: str = "") -> Preview:
    """What `transfer_request` would do with the same arguments; nothing is written.

    Raises: as `transfer_settle` and `withdrawals.withdrawal_preview` say of the giver and the receiver.
        Limits and balance are told, not raised.
    """
    if to.startswith("0x"):
        return withdrawal_preview(actor=actor, to=to, amount=amount)
    sender, _ = _parties(actor, to)
    return Preview(
        type=TransactionType.TRANSFER.value,
        amount=amount,
        fee=0,
        available=sender.account.balance,
        limits=transfer_limits(sender.outflow, amount, clock.now()),
    )


def _parties(actor: Actor, to: str) -> tuple[Party, Party]:
    """Both sides, locked and allowed to move this way. Raises: see `transfer_settle`."""
    sender, recipient = _lock(actor, to)
    giver_check(sender)
    if recipient is sender:
        raise RecipientSelf
    if recipient is None or not may_receive(recipient):
        raise RecipientNotFound
    if sender.wallet_status != WalletStatus.ACTIVE:
        raise WalletFrozen
    return sender, recipient


def _lock(actor: Actor, to: str) -> tuple[Party, Party | None]:
    if actor.user_id is None:
        raise NotFound
    own_key = user_account_key(actor.user_id, AccountKind.AVAILABLE)
    if "@" in to:
        email = email_normalise(to)
        parties = lock_parties(sender_key=own_key, recipient_email=email)
        names_giver = own_key in parties and parties[own_key].user_email == email
    else:
        key = user_account_key(to, AccountKind.AVAILABLE)
        parties = lock_parties(sender_key=own_key, recipient_key=key)
        names_giver = key == own_key
    sender = parties.pop(own_key, None)
    if sender is None:
        raise NotFound
    return sender, sender if names_giver else next(iter(parties.values()), None)
