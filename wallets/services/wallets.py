"""Opening, freezing and unfreezing wallets."""

from django.db.models import Q

from ogc import clock
from ogc.access import require
from ogc.actors import SYSTEM, Actor
from ogc.db.statements import InsertStatement
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ids import uuid7
from ogc.ports import audit_record
from wallets.constants import WALLET_KINDS, WalletStatus
from wallets.locks import lock_wallet
from wallets.models import LedgerAccount, Wallet
from wallets.rules import user_account_key

_INSERT_WALLET = InsertStatement(Wallet, "public_id", "created_at", "user", "status", "address")
_INSERT_ACCOUNT = InsertStatement(LedgerAccount, "key", "kind", "wallet", "balance", "entry_count", "lazy")


@transactional
def wallet_open(user_pk: int, user_public_id: str) -> None:
    """Give a new user a wallet with its four empty accounts, in the transaction that makes the user.

    Fills `accounts.ports.open_wallet`.
    """
    wallet_pk = _INSERT_WALLET.execute([(uuid7(), clock.now(), user_pk, WalletStatus.ACTIVE.value, None)])
    _INSERT_ACCOUNT.execute(
        [
            (user_account_key(user_public_id, kind), kind.value, wallet_pk, 0, 0, False)
            for kind in WALLET_KINDS
        ]
    )


@transactional
def wallet_freeze(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Stop everything that leaves a wallet; credits still arrive. Freezing a frozen one changes nothing.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.

    Effects:
        Locks the wallet's accounts, so that no move is under way when this returns. Audited.
    """
    require(actor, "wallet.freeze", scope="wallet.adjust")
    return _set_status(actor, Q(public_id=wallet_id), WalletStatus.FROZEN, reason)


@transactional
def wallet_unfreeze(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Let a frozen wallet give again. Unfreezing an active one changes nothing.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.

    Effects:
        Audited.
    """
    require(actor, "wallet.unfreeze", scope="wallet.adjust")
    return _set_status(actor, Q(public_id=wallet_id), WalletStatus.ACTIVE, reason)


@transactional
def user_wallet_freeze(user_id: str, reason: str) -> None:
    """Freeze the wallet of a suspended user; the caller answers for the permission.

    Fills `governance.ports.freeze_wallet`.

    Raises:
        NotFound: the user has no open wallet.
    """
    _set_status(SYSTEM, Q(user__public_id=user_id), WalletStatus.FROZEN, reason)


def _set_status(actor: Actor, which: Q, status: WalletStatus, reason: str) -> Wallet:
    wallet = lock_wallet(Wallet.objects.filter(which))
    if wallet is None or wallet.status == WalletStatus.CLOSED:
        raise NotFound
    before = wallet.status
    if before == status:
        return wallet
    wallet.status = status.value
    wallet.save(update_fields=["status"])
    audit_record(
        actor=actor,
        action="wallet.freeze" if status == WalletStatus.FROZEN else "wallet.unfreeze",
        target_type="wallet",
        target_id=wallet.public_id,
        severity="warning",
        before={"status": before},
        after={"status": wallet.status},
        reason=reason,
    )
    return wallet
