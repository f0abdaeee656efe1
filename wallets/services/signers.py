"""What people do about a signer that stopped itself."""

from ogc.access import require
from ogc.actors import Actor
from ogc.db.transactions import on_commit, transactional
from ogc.errors import NotFound, ServiceUnavailable
from ogc.ports import audit_record
from wallets.chain.constants import SignerStatus
from wallets.chain.jobs import poke_lanes
from wallets.chain.locks import lock_signer
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable, default_client
from wallets.models import ChainSigner


def signer_resume(*, actor: Actor, signer_id: int, reason: str, client: RpcClient | None = None) -> None:
    """Let a stopped signer send again, from the chain's next nonce where that is above ours.

    Raises:
        PermissionDenied: no `wallet.approve`.
        NotFound: no such signer.
        ServiceUnavailable: the node does not tell its nonce.

    Effects: audited as critical; asks for a lane.
    """
    require(actor, "wallet.resume_signer", scope="wallet.approve")
    address = ChainSigner.objects.filter(pk=signer_id).values_list("address", flat=True).first()
    if address is None:
        raise NotFound
    try:
        asked = (client or default_client()).call("eth_getTransactionCount", address, "latest")
    except (RpcUnavailable, RpcError):
        raise ServiceUnavailable("The chain node does not answer: try again.", retry_after=5) from None
    _resume(actor, signer_id, int(asked, 16), reason)


@transactional
def _resume(actor: Actor, signer_id: int, chain_nonce: int, reason: str) -> None:
    signer = lock_signer(signer_id)
    before = {"status": signer.status, "next_nonce": signer.next_nonce}
    signer.status, signer.stop_reason = SignerStatus.ACTIVE, ""
    signer.next_nonce = max(signer.next_nonce, chain_nonce)
    signer.save(update_fields=["status", "stop_reason", "next_nonce"])
    audit_record(
        actor=actor,
        action="signer.resume",
        target_type="signer",
        target_id=signer.address,
        severity="critical",
        before=before,
        after={"status": signer.status, "next_nonce": signer.next_nonce},
        reason=reason,
    )
    on_commit(poke_lanes)
