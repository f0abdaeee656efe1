"""Flagged wallets: what their owners earned stays pending until somebody looked at it."""

from django.db.models import Q

from ogc import clock
from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.ports import audit_record
from wallets.models import Wallet
from wallets.services.wallets import open_wallet_lock, own_wallet_refuse


@transactional
def wallet_risk_hold(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Keep all rewards of a wallet pending, later ones too. Holding a held one changes nothing but the
    audit trail.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.
        CannotChangeSelf: it is one's own.

    Effects:
        Locks the wallet's accounts and the wallet, so that no release is under way when this returns.
        Audited.
    """
    require(actor, "wallet.risk_hold", scope="wallet.adjust")
    own_wallet_refuse(actor, wallet_id)
    wallet = open_wallet_lock(Q(public_id=wallet_id))
    was_held = wallet.risk_held_at is not None
    if not was_held:
        wallet.risk_held_at, wallet.risk_reason = clock.now(), reason
    _save(actor, "wallet.risk_hold", wallet, was_held, reason)
    return wallet


@transactional
def wallet_risk_release(*, actor: Actor, wallet_id: str, reason: str) -> Wallet:
    """Let the rewards of a wallet go whose time is over, and later ones when it is.

    Releasing one that is not held changes nothing but the audit trail.

    Raises:
        PermissionDenied: the actor lacks `wallet.adjust`.
        NotFound: there is no such wallet, or it is closed.
        CannotChangeSelf: it is one's own.

    Effects:
        Audited; the sweep releases the rewards.
    """
    require(actor, "wallet.risk_release", scope="wallet.adjust")
    own_wallet_refuse(actor, wallet_id)
    wallet = open_wallet_lock(Q(public_id=wallet_id))
    was_held = wallet.risk_held_at is not None
    wallet.risk_held_at, wallet.risk_reason = None, ""
    _save(actor, "wallet.risk_release", wallet, was_held, reason)
    return wallet


def _save(actor: Actor, action: str, wallet: Wallet, was_held: bool, reason: str) -> None:
    wallet.save(update_fields=["risk_held_at", "risk_reason"])
    audit_record(
        actor=actor,
        action=action,
        target_type="wallet",
        target_id=wallet.public_id,
        severity="warning",
        before={"risk_held": was_held},
        after={"risk_held": wallet.risk_held_at is not None},
        reason=reason,
    )
