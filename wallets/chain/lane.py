"""The sender lane: one job per signer that claims many rows, signs them, and sends one JSON-RPC array.

Step 1 gives nonces under the signer's lock and commits. Step 2 signs outside any lock and stores raw bytes
and hash by compare-and-set. Step 3 sends what is stored. A lane that dies anywhere leaves rows from which the
next one goes on: a nonce without bytes is signed, bytes without a known send are sent again, the same bytes.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from ogc.clock import real_now
from ogc.jobs import claim
from ogc.jobs.outbox import is_free
from wallets.chain import lane_steps
from wallets.chain.constants import LANE_LEASE_SECONDS, SignerStatus
from wallets.chain.contracts import balance_call, decode_uint
from wallets.chain.fees import Fees, suggest
from wallets.chain.locks import queued
from wallets.chain.network import (
    Network,
    NetworkMismatch,
    NetworkUnknown,
    gas_alarm_wei,
    network_get,
    verify,
)
from wallets.chain.rpc import RpcClient, RpcError, RpcUnavailable, default_client
from wallets.chain.signer import Signer, load_signers
from wallets.models.chain import ChainPosition, ChainSigner

log = logging.getLogger(__name__)

MAX_ROUNDS = 20

RETRY_SECONDS = 4
"""Wait of a signer whose rows can't go on now; below the lane sweep's 5 s."""


@dataclass(frozen=True, slots=True)
class View:
    """What the node says of a hot wallet: next nonce, native coin, tokens, and what a transaction costs."""

    nonce: int
    gas_wei: int
    token_wei: int
    fees: Fees


def lane_run(signer_id: int, *, client: RpcClient | None = None) -> int:
    """Move what waits for this signer, round by round, until a round finds nothing new.

    Returns: rows sent for the first time. 0 when another lane holds the signer, or everything is held back.
    Effects: rows by step; the signer's hold or stop reason; a log line per row with its correlation id. When
        the node can't be reached or is another chain, the rows wait for a later lane.
    Idempotency: any number of lanes, at once or after a crash, send one transaction per row.
    """
    lease = claim(ChainSigner, signer_id, statuses=[SignerStatus.ACTIVE], lease_seconds=LANE_LEASE_SECONDS)
    if lease is None:
        return 0
    sent, error = 0, ""
    try:
        for _ in range(MAX_ROUNDS):
            row = ChainSigner.objects.get(pk=signer_id)
            progress = _round(row, client or default_client())
            sent += progress
            if not progress and not _may_go_on(row):
                break
            longer = lease.extend(LANE_LEASE_SECONDS)
            if longer is None:
                break
            lease = longer
    except (RpcUnavailable, RpcError, NetworkMismatch, NetworkUnknown) as problem:
        error = str(problem)
        log.warning("the lane waits", extra={"signer": signer_id, "error": error})
    finally:
        waits = _has_work(signer_id)
        later = real_now() + timedelta(seconds=RETRY_SECONDS) if waits else None
        lease.release(next_attempt_at=later, last_error=error)
    return sent


def signers_due(limit: int) -> list[int]:
    """Active, free signers that have rows to reserve, sign, send, or send again."""
    free = ChainSigner.objects.filter(is_free(), status=SignerStatus.ACTIVE)
    if not queued().exists():
        free = free.filter(chain_transactions__in=lane_steps.rows_due()).distinct()
    return list(free.order_by("pk").values_list("pk", flat=True)[:limit])


def _may_go_on(row: ChainSigner) -> bool:
    """Whether rows came in while a round was under way that found nothing to send."""
    is_held = bool(row.hold_reason) or row.status != SignerStatus.ACTIVE
    return not is_held and queued().exists() and lane_steps.room_for_more(row.pk) > 0


def _has_work(signer_id: int) -> bool:
    return queued().exists() or lane_steps.rows_due().filter(signer_id=signer_id).exists()


def _round(row: ChainSigner, client: RpcClient) -> int:
    network = network_get()
    verify(client, network)
    signer = next((one for one in load_signers() if one.address == row.address), None)
    if signer is None:
        _hold(row, "this installation holds no key for the signer")
        return 0
    view = _look(client, network, row.address)
    if _stop_if_behind(row, view):
        return 0
    reason = _hold_reason(view)
    if reason:
        _hold(row, reason)
    else:
        _prepare(row, signer, network, view)
    sent = lane_steps.send_stored(row.pk, client)
    lane_steps.send_again(row.pk, client)
    if not reason:
        lane_steps.replace_stuck(row.pk, signer, network, view.fees, client)
    return sent


def _prepare(row: ChainSigner, signer: Signer, network: Network, view: View) -> None:
    _hold(row, lane_steps.reserve(row.pk, view.token_wei))
    lane_steps.sign_reserved(row.pk, signer, network, view.fees)


def _look(client: RpcClient, network: Network, address: str) -> View:
    nonce, gas, tokens, head, tip = (
        answer.unwrap()
        for answer in client.batch(
            [
                ("eth_getTransactionCount", [address, "latest"]),
                ("eth_getBalance", [address, "latest"]),
                ("eth_call", [{"to": network.token, "data": balance_call(address)}, "latest"]),
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_maxPriorityFeePerGas", []),
            ]
        )
    )
    return View(
        nonce=int(nonce, 16),
        gas_wei=int(gas, 16),
        token_wei=decode_uint(tokens),
        fees=suggest(base_fee_wei=int(head["baseFeePerGas"], 16), tip_wei=int(tip, 16)),
    )


def _stop_if_behind(row: ChainSigner, view: View) -> bool:
    """Stop a signer whose key somebody else uses: the chain has seen more nonces than we gave out."""
    # Read again after the node's answer: our own count only grows, so a larger one on the chain is foreign.
    row.refresh_from_db(fields=["next_nonce", "status"])
    if view.nonce > row.next_nonce:
        reason = f"the chain's next nonce is {view.nonce}, ours {row.next_nonce}: the key is used elsewhere"
        row.status, row.stop_reason = SignerStatus.STOPPED, reason
        row.save(update_fields=["status", "stop_reason"])
        log.critical("signer stopped", extra={"signer": row.address, "reason": reason})
        return True
    return row.status != SignerStatus.ACTIVE


def _hold_reason(view: View) -> str:
    """Why new sends wait, or nothing."""
    position = ChainPosition.objects.get(key="active")
    if position.stopped:
        return f"withdrawals are stopped: {position.stop_reason}"
    if position.breaker:
        return f"finality stalls: {position.breaker_reason}"
    if view.gas_wei < gas_alarm_wei():
        return "the hot wallet is low on native coin (GAS_ALARM)"
    return ""


def _hold(row: ChainSigner, reason: str) -> None:
    if row.hold_reason != reason:
        ChainSigner.objects.filter(pk=row.pk).update(hold_reason=reason[:200])
        log.warning(
            "sends are held" if reason else "sends go on", extra={"signer": row.address, "reason": reason}
        )
        row.hold_reason = reason
