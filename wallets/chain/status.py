"""What the chain engine says of itself: to /readyz, to operators, to metrics."""

import time
from typing import Any

from django.conf import settings

from wallets.chain.constants import ChainStatus
from wallets.chain.network import NetworkMismatch, NetworkUnknown, deposit_address, network_get, verify
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable
from wallets.models.chain import ChainPosition, ChainSigner, ChainTransaction

HEALTH_TIMEOUT_SECONDS = 1.5
LANE_SECONDS, BLOCK_SECONDS, LOCAL_FINALITY_SECONDS = 5, 2, 2
"""Until a lane looks, and until a block of Polygon PoS takes the transaction in."""


def health() -> dict[str, object]:
    """State for /readyz: `status` ok | wrong, `time_ms`, `message`.

    Held withdrawals (breaker, stop switch, stopped signer) are told in the message and are not `wrong`:
    requests are taken and wait.
    """
    started = time.monotonic()
    try:
        client = RpcClient(tuple(settings.CHAIN_RPC_URLS), timeout_seconds=HEALTH_TIMEOUT_SECONDS)
        verify(client, network_get())
        status, message = "ok", "; ".join(holds())
    except (NetworkMismatch, NetworkUnknown) as error:
        status, message = "wrong", str(error)
    except (RpcUnavailable, RpcError):
        status, message = "wrong", "the chain node does not answer"
    return {"status": status, "time_ms": round((time.monotonic() - started) * 1000, 1), "message": message}


def probe() -> str:
    """For /readyz: "ok", or what is wrong or held."""
    report = health()
    return str(report["message"] or "ok")


def identity_probe() -> str:
    """For /readyz: "ok" unless the node is another chain than the database's, or none is recorded."""
    try:
        client = RpcClient(tuple(settings.CHAIN_RPC_URLS), timeout_seconds=HEALTH_TIMEOUT_SECONDS)
        verify(client, network_get())
    except (NetworkMismatch, NetworkUnknown) as error:
        return str(error)
    except (RpcUnavailable, RpcError):
        pass
    return "ok"


def holds() -> list[str]:
    """Why withdrawals wait, in words; empty when they go."""
    position = ChainPosition.objects.filter(key="active").first()
    reasons = []
    if position is not None and position.stopped:
        reasons.append(f"withdrawals are stopped: {position.stop_reason}")
    if position is not None and position.breaker:
        reasons.append(f"withdrawals are held: {position.breaker_reason}")
    # A lane looks again only when there is work: without any, its last reason tells nothing.
    waiting = ChainTransaction.objects.filter(status=ChainStatus.QUEUED).exists()
    for signer in ChainSigner.objects.order_by("id"):
        if signer.stop_reason:
            reasons.append(f"signer {signer.address} is stopped: {signer.stop_reason}")
        elif signer.hold_reason and waiting:
            reasons.append(f"signer {signer.address} waits: {signer.hold_reason}")
    return list(dict.fromkeys(reasons))


def expected_seconds() -> int | None:
    """How long a withdrawal takes from its request to finality, as things go now; None while all wait."""
    if holds():
        return None
    try:
        # An idle local node mines once a minute: what it lags behind says nothing of how fast it can be.
        lag = LOCAL_FINALITY_SECONDS if network_get().is_local else None
    except NetworkUnknown:
        lag = None
    if lag is None:
        lag = ChainPosition.objects.filter(key="active").values_list("lag_seconds", flat=True).first()
    return LANE_SECONDS + BLOCK_SECONDS + (lag or 0)


def chain_status(client: RpcClient) -> dict[str, Any]:
    """The report of `chain_status` (api.md, Chain): network, heads as the node has them now, breaker,
    signers.

    `ok` is False, and `problems` say why, when the node can't be used or something is stopped.
    """
    position = ChainPosition.objects.filter(key="active").first()
    report: dict[str, Any] = {
        "rpc_url": client.endpoints[0].url if client.endpoints else "",
        "chain_id": None,
        "token": None,
        "vault": None,
        "deposit_address": deposit_address() or None,
        "block": position.head_number if position else None,
        "finalized": position.finalized_number if position else None,
        "posted": position.final_number if position else None,
        "lag_seconds": position.lag_seconds if position else None,
        "breaker": bool(position and position.breaker),
        "stopped": bool(position and position.stopped),
        "signers": [_signer(signer) for signer in ChainSigner.objects.order_by("id")],
        "problems": holds(),
    }
    report["problems"] += _look(client, report)
    report["ok"] = not report["problems"]
    return report


def counts() -> dict[str, int]:
    """Outgoing transactions by state, for metrics and dashboards."""
    rows = ChainTransaction.objects.values_list("status", flat=True)
    totals: dict[str, int] = {}
    for status in rows.distinct():
        totals[status] = ChainTransaction.objects.filter(status=status).count()
    return totals


def _look(client: RpcClient, report: dict[str, Any]) -> list[str]:
    """Fill in what the node says; returns what is wrong with it."""
    try:
        network = network_get()
        report |= {"chain_id": network.chain_id, "token": network.token, "vault": network.vault or None}
        verify(client, network)
        latest, finalized = client.batch(
            [("eth_getBlockByNumber", ["latest", False]), ("eth_getBlockByNumber", ["finalized", False])]
        )
        head, final = latest.unwrap(), finalized.value or latest.unwrap()
        report["block"], report["finalized"] = int(head["number"], 16), int(final["number"], 16)
        report["lag_seconds"] = max(0, int(head["timestamp"], 16) - int(final["timestamp"], 16))
    except (NetworkMismatch, NetworkUnknown) as error:
        return [str(error)]
    except (RpcUnavailable, RpcError) as error:
        return [f"the chain node does not answer: {error}"]
    return []


def _signer(signer: ChainSigner) -> dict[str, Any]:
    return {
        "address": signer.address,
        "status": signer.status,
        "next_nonce": signer.next_nonce,
        "reason": signer.stop_reason or signer.hold_reason,
    }
