"""The second read, of final blocks only: the one that moves the ledger.

Every range is read again from another endpoint where there is one. An empty answer for a block whose bloom
may hold one of our transfers is asked again by block hash, then read from the block's receipts.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ogc.db.transactions import transactional
from wallets.chain.blocks import (
    Header,
    read_headers,
    transfers_by_hash,
    transfers_by_range,
    transfers_by_receipts,
)
from wallets.chain.constants import FINAL_CHUNK, LogStatus
from wallets.chain.contracts import TransferLog
from wallets.chain.locks import lock_position
from wallets.chain.near import seen_get
from wallets.chain.network import Network
from wallets.chain.outcomes import confirm_paid
from wallets.chain.rpc import RpcClient
from wallets.chain.sending import receipts
from wallets.models.chain import ChainPosition, SeenTransfer, SignedAttempt
from wallets.services.custody import custody_in_book, deposit_book

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A read range: its headers, the transfers from or to us, and receipts of those that we sent, by hash."""

    headers: list[Header]
    transfers: list[TransferLog]
    receipts: dict[str, dict[str, Any]]


def read_final(client: RpcClient, network: Network, finalized: int, hot: frozenset[str]) -> int:
    """Read the next range of final blocks and post what it holds.

    Returns: blocks posted; 0 when nothing is new, or the answers do not fit together yet.
    Effects: per transfer one transaction, then the position. A crash between repeats what is already
    recorded.
    """
    position = ChainPosition.objects.get(key="active")
    first, last = position.final_number + 1, min(finalized, position.final_number + FINAL_CHUNK)
    if first > last:
        return 0
    chunk = _read(client, network, range(first, last + 1), hot)
    if position.final_hash and chunk.headers[0].parent != position.final_hash:
        log.warning("the final read does not go on from the last posted block", extra={"block": first})
        return 0
    for transfer in chunk.transfers:
        post_transfer(network, transfer, hot, chunk.receipts.get(transfer.tx_hash))
    return _advance(first - 1, chunk.headers[-1], len(chunk.headers))


@transactional
def post_transfer(
    network: Network, transfer: TransferLog, hot: frozenset[str], receipt: dict[str, Any] | None = None
) -> None:
    """Record one final transfer and what it means for the ledger, exactly once.

    Idempotency: by the live key of transaction and ordinal, under the position's lock.
    """
    lock_position()
    key = f"{transfer.tx_hash}:{transfer.ordinal}"
    live = SeenTransfer.objects.filter(live_key=key).first()
    if live is not None:
        _moved(live, transfer)
        if transfer.sender in hot:
            _paid_by_us(transfer, receipt)
        return
    row = seen_get(network.chain_id, transfer)
    row.status, row.live_key = LogStatus.FINAL, key
    if transfer.sender in hot:
        row.transaction_id = _paid_by_us(transfer, receipt)
    elif transfer.sender == network.cold:
        row.transaction_id = custody_in_book(transfer)
    else:
        row.transaction_id, row.dust_wei = deposit_book(transfer)
    row.save(update_fields=["status", "live_key", "transaction", "dust_wei"])


def _paid_by_us(transfer: TransferLog, receipt: dict[str, Any] | None) -> int | None:
    """Confirm the row that a transfer out of the hot wallet carries out; stop withdrawals if there is
    none."""
    attempt = (
        SignedAttempt.objects.select_related("chain_transaction").filter(tx_hash=transfer.tx_hash).first()
    )
    if attempt is None or not attempt.pays:
        reason = f"transfer {transfer.tx_hash} out of the hot wallet matches no row of ours"
        ChainPosition.objects.filter(key="active", stopped=False).update(
            stopped=True, stop_reason=reason[:200]
        )
        log.critical("withdrawals stopped", extra={"reason": reason})
        return None
    confirm_paid(attempt.chain_transaction_id, transfer, receipt)
    return attempt.chain_transaction.transaction_id


def _moved(live: SeenTransfer, transfer: TransferLog) -> None:
    """A transfer that was posted and is mined in another block now: the same credit, elsewhere."""
    if live.block_hash != transfer.block_hash:
        live.block_hash, live.block_number = transfer.block_hash, transfer.block_number
        SeenTransfer.objects.filter(
            chain_id=live.chain_id, block_hash=live.block_hash, tx_hash=live.tx_hash, ordinal=live.ordinal
        ).delete()
        live.save(update_fields=["block_hash", "block_number"])


def _read(client: RpcClient, network: Network, numbers: range, hot: frozenset[str]) -> Chunk:
    headers = read_headers(client, numbers)
    hashes = {header.hash for header in headers}
    transfers = [
        transfer
        for transfer in transfers_by_range(client, network.token, numbers[0], numbers[-1])
        if transfer.block_hash in hashes
    ]
    transfers += _asked_again(client, network, headers, transfers, hot)
    ours = [transfer for transfer in transfers if {transfer.sender, transfer.receiver} & hot]
    ours.sort(key=lambda transfer: transfer.block_number)
    sent = sorted({transfer.tx_hash for transfer in ours if transfer.sender in hot})
    return Chunk(headers, ours, receipts(client, sent) if sent else {})


def _asked_again(
    client: RpcClient,
    network: Network,
    headers: Sequence[Header],
    transfers: Sequence[TransferLog],
    hot: frozenset[str],
) -> list[TransferLog]:
    """Transfers of blocks that came back empty although their bloom may hold one of ours."""
    full = {transfer.block_hash for transfer in transfers}
    doubtful = [h for h in headers if h.hash not in full and h.may_touch(network.token, hot)]
    if not doubtful:
        return []
    found = transfers_by_hash(client, network.token, doubtful)
    answered = {transfer.block_hash for transfer in found}
    for header in doubtful:
        if header.hash not in answered:
            found += transfers_by_receipts(client, network.token, header) or []
    return found


@transactional
def _advance(expected: int, last: Header, count: int) -> int:
    position = lock_position()
    if position.final_number != expected:
        return 0
    position.final_number, position.final_hash = last.number, last.hash
    position.save(update_fields=["final_number", "final_hash"])
    left = SeenTransfer.objects.filter(status=LogStatus.SEEN, block_number__lte=last.number)
    left.update(status=LogStatus.ORPHANED)
    return count
