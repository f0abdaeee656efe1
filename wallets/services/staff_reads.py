"""What staff read of people's money leaves a trace, as what they read of people does."""

from collections.abc import Mapping
from typing import Any

from ogc import access
from ogc.actors import Actor
from ogc.db.transactions import transactional
from ogc.errors import NotFound
from ogc.ports import audit_record
from wallets.selectors.transactions import TransactionView, transaction_for_user, transaction_of_anybody
from wallets.selectors.wallets import wallet_owner

SCOPE = "admin.read"


@transactional
def transactions_owner(*, actor: Actor, wallet_id: str | None, filters: Mapping[str, Any]) -> str | None:
    """Whose transactions this caller reads: public id of the user, or None for everybody's.

    Args:
        wallet_id: the wallet that was asked for; None: none was named, staff read all, others their own.
        filters: what else was asked for, for the record.

    Raises:
        NotFound: no such wallet, or somebody else's and the caller is no staff.
        PermissionDenied: a policy keeps staff from it.

    Effects: audit record when it is not the caller's own.
    """
    owner = wallet_owner(wallet_id) if wallet_id else None
    if owner == actor.key or (owner is None and not actor.has(SCOPE)):
        return actor.key
    if not actor.has(SCOPE):
        raise NotFound
    access.require(actor, "transactions.list", scope=SCOPE, write=False)
    audit_record(
        actor=actor,
        action="transactions.listed",
        target_type="wallet" if wallet_id else "",
        target_id=wallet_id or "",
        after=dict(filters),
    )
    return owner


@transactional
def transaction_view(*, actor: Actor, transaction_id: str) -> TransactionView:
    """One of the caller's transactions; for staff anybody's.

    Raises:
        NotFound: there is none that the caller may know of.
        PermissionDenied: a policy keeps staff from it.

    Effects: audit record when it is not the caller's own.
    """
    try:
        return transaction_for_user(actor.key, transaction_id)
    except NotFound:
        if not actor.has(SCOPE):
            raise
    access.require(actor, "transactions.read", scope=SCOPE, write=False)
    view = transaction_of_anybody(transaction_id)
    audit_record(
        actor=actor, action="transactions.viewed", target_type="transaction", target_id=transaction_id
    )
    return view
