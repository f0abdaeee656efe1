"""Opening, freezing and unfreezing wallets."""

from collections.abc import Collection

from django.db.models import Q

from ogc.access import require
from ogc.actors import SYSTEM, Actor
from ogc.db.statements import InsertStatement
from ogc.db.transactions import transactional
from ogc.errors import CannotChangeSelf, NotFound
from ogc.ports import audit_record
from wallets.constants import WALLET_KINDS, FreezeCause, WalletStatus
from wallets.locks import lock_wallet
from wallets.models import LedgerAccount, Wallet
from wallets.rules import user_account_key
from wallets.signals import wallet_frozen, wallet_unfrozen

_INSERT_WALLET = InsertStatement(Wallet)
_INSERT_ACCOUNT = InsertStatement(LedgerAccount, "key", "kind", "wallet", "balance", "entry_count", "lazy")


@transactional
def wallet_open(user_pk: int, user_public_id: str) -> None:
    """Give a new user a wallet with its four empty accounts, in the transaction that makes the user.

    Fills `accounts.ports.open_wallet`.
    """
    wallet = Wallet(user_id=user_pk)
    _INSERT_WALLET.save(wallet)
    _INSERT_ACCOUNT.execute(
        [
            (user_account_key(user_public_id, kind), kind.value, wallet.pk, 0, 0, False)
            for kind in WALLET_KINDS
        ]
    )


@transactional
def wallet_freeze(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Stop everything that leaves a wallet; credits still arrive. Freezing a frozen one changes nothing
    but the audit trail.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.
        CannotChangeSelf: it is one's own.

    Effects:
        Locks the wallet's accounts, so that no move is under way when this returns. Audited. Emits
        wallet_frozen.
    """
    require(actor, "wallet.freeze", scope="wallet.adjust")
    own_wallet_refuse(actor, wallet_id)
    return _freeze(actor, Q(public_id=wallet_id), FreezeCause.PERSON, reason)


@transactional
def wallet_unfreeze(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Let a frozen wallet give again. Unfreezing an active one changes nothing but the audit
    trail.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.
        CannotChangeSelf: it is one's own.

    Effects:
        Audited. Emits wallet_unfrozen.
    """
    require(actor, "wallet.unfreeze", scope="wallet.adjust")
    own_wallet_refuse(actor, wallet_id)
    return _unfreeze(actor, Q(public_id=wallet_id), tuple(FreezeCause), reason)


@transactional
def user_wallet_freeze(user_id: str, reason: str) -> None:
    """Freeze the wallet of a suspended user; the caller answers for the permission.

    Fills `governance.ports.freeze_wallet`.

    Raises:
        NotFound: the user has no open wallet.
    """
    _freeze(SYSTEM, Q(user__public_id=user_id), FreezeCause.SUSPENSION, reason)


@transactional
def user_wallet_release(user_id: str, reason: str) -> None:
    """Undo `user_wallet_freeze`; what a person froze stays frozen.

    Fills `governance.ports.release_wallet`.

    Raises:
        NotFound: the user has no open wallet.
    """
    _unfreeze(SYSTEM, Q(user__public_id=user_id), (FreezeCause.SUSPENSION,), reason)


@transactional
def user_wallet_hold(user_id: str, reason: str) -> None:
    """Freeze the wallet of a user who says that somebody else was in the account; staff release it.

    Fills `accounts.ports.hold_wallet`.

    Raises:
        NotFound: the user has no open wallet.
    """
    _freeze(SYSTEM, Q(user__public_id=user_id), FreezeCause.PERSON, reason)


def _freeze(actor: Actor, which: Q, cause: FreezeCause, reason: str) -> Wallet:
    wallet = open_wallet_lock(which)
    if wallet.freeze_cause == FreezeCause.PERSON:
        cause = FreezeCause.PERSON
    _set_status(actor, wallet, "wallet.freeze", WalletStatus.FROZEN, cause, reason)
    return wallet


def _unfreeze(actor: Actor, which: Q, causes: Collection[str], reason: str) -> Wallet:
    wallet = open_wallet_lock(which)
    stays = wallet.status == WalletStatus.FROZEN and wallet.freeze_cause not in causes
    status, cause = (wallet.status, wallet.freeze_cause) if stays else (WalletStatus.ACTIVE, "")
    _set_status(actor, wallet, "wallet.unfreeze", status, cause, reason)
    return wallet


def open_wallet_lock(which: Q) -> Wallet:
    """Lock the accounts of one wallet and then the wallet. Raises: NotFound, also for a closed one."""
    wallet = lock_wallet(Wallet.objects.filter(which))
    if wallet is None or wallet.status == WalletStatus.CLOSED:
        raise NotFound
    return wallet


def own_wallet_refuse(actor: Actor, wallet_id: str) -> None:
    """Nobody frees their own wallet of what keeps it, nor puts it there. Raises: CannotChangeSelf."""
    if actor.user_id and Wallet.objects.filter(public_id=wallet_id, user__public_id=actor.user_id).exists():
        raise CannotChangeSelf


def _set_status(actor: Actor, wallet: Wallet, action: str, status: str, cause: str, reason: str) -> None:
    """Audited also when nothing changes: before and after are the same then."""
    before = {"status": wallet.status, "cause": wallet.freeze_cause}
    wallet.status, wallet.freeze_cause = str(status), str(cause)
    wallet.save(update_fields=["status", "freeze_cause"])
    if actor.kind == "user" and before["status"] != wallet.status:
        fact = wallet_frozen if status == WalletStatus.FROZEN else wallet_unfrozen
        fact.emit(wallet_id=wallet.public_id, user_id=wallet.user.public_id)
    audit_record(
        actor=actor,
        action=action,
        target_type="wallet",
        target_id=wallet.public_id,
        severity="warning",
        before=before,
        after={"status": wallet.status, "cause": wallet.freeze_cause},
        reason=reason,
    )
