"""The stop switch of withdrawals: thrown by staff, or by the indexer at a payment that no row explains."""

from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound
from ogc.ports import audit_record
from wallets.chain.jobs import poke_lanes
from wallets.models import ChainPosition


@transactional
def withdrawals_stop(*, actor: Actor, reason: str) -> None:
    """Give no nonce any more; requests are taken and wait.

    Raises:
        PermissionDenied: no `wallet.approve`.
        NotFound: no chain is recorded yet.

    Effects: audited as critical.
    """
    _switch(actor, "withdrawals.stop", reason, stopped=True)


@transactional
def withdrawals_resume(*, actor: Actor, reason: str) -> None:
    """Let what waits go. Raises: as `withdrawals_stop`. Effects: audited; asks for a lane."""
    _switch(actor, "withdrawals.resume", reason, stopped=False)
    on_commit(poke_lanes)


def _switch(actor: Actor, action: str, reason: str, *, stopped: bool) -> None:
    require(actor, action, scope="wallet.approve")
    row = ChainPosition.objects.filter(key="active")
    before = row.values("stopped", "stop_reason").first()
    if before is None:
        raise NotFound
    after = {"stopped": stopped, "stop_reason": reason[:200] if stopped else ""}
    row.update(**after)
    audit_record(
        actor=actor,
        action=action,
        target_type="withdrawals",
        severity="critical",
        before=before,
        after=after,
        reason=reason,
    )
