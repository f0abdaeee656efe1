"""Following the head: block hashes, forks, and transfers that are seen but not final.

Nothing here credits anybody. Logs are read by block hash, so that they belong to the block they are stored
with.
"""

import logging
from collections.abc import Sequence

from ogc.db.transactions import transactional
from wallets.chain.blocks import Header, Heads, find_headers, read_headers, transfers_by_hash
from wallets.chain.constants import FINAL_CHUNK, KEPT_BLOCKS, TRANSITIONS, ChainAction, ChainStatus, LogStatus
from wallets.chain.contracts import TransferLog
from wallets.chain.locks import lock_position
from wallets.chain.network import Network
from wallets.chain.rpc import RpcClient
from wallets.models.chain import ChainBlock, ChainPosition, ChainTransaction, SeenTransfer

log = logging.getLogger(__name__)


def read_near(client: RpcClient, network: Network, heads: Heads, hot: frozenset[str]) -> int:
    """Follow the chain from the last block read to the head, rolling back what a fork removed.

    Returns: blocks read.
    Effects: rows ChainBlock and SeenTransfer; after a fork, rows go back to `broadcast` (see `roll_back`).
    """
    position = ChainPosition.objects.get(key="active")
    if not _on_same_chain(client, position, heads):
        return 0
    position.refresh_from_db()
    first = position.near_number + 1
    if position.near_number < heads.finalized.number - KEPT_BLOCKS:
        # Far behind: what is final needs no following, the final read covers it.
        first = heads.finalized.number
    last = min(heads.latest.number, first + FINAL_CHUNK - 1)
    if first > last:
        return 0
    headers = read_headers(client, range(first, last + 1))
    if not _are_linked(headers, position):
        return 0
    touched = [header for header in headers if header.may_touch(network.token, hot)]
    transfers = transfers_by_hash(client, network.token, touched) if touched else []
    return _store(
        network, position.near_number, headers, [t for t in transfers if {t.sender, t.receiver} & hot]
    )


@transactional
def roll_back(to_number: int) -> None:
    """Forget blocks above a number: what was mined there is broadcast again, what was seen there is orphaned.

    A fork below the last posted block moves the final read back too. What was posted stays posted: the same
    transfer, mined again, is recognised by its transaction and ordinal.
    """
    position = lock_position()
    ChainBlock.objects.filter(number__gt=to_number).delete()
    SeenTransfer.objects.filter(status=LogStatus.SEEN, block_number__gt=to_number).update(
        status=LogStatus.ORPHANED
    )
    removed = ChainTransaction.objects.filter(
        status__in=TRANSITIONS[ChainAction.ORPHAN].sources, block_number__gt=to_number
    )
    count = removed.update(
        status=ChainStatus.BROADCAST, block_number=None, block_hash="", gas_wei="", sent_at=None
    )
    position.near_number = min(position.near_number, to_number)
    position.near_hash = ""
    if to_number < position.final_number:
        log.critical(
            "reorganisation deeper than finality", extra={"to": to_number, "final": position.final_number}
        )
        position.final_number, position.final_hash = to_number, ""
    position.save(update_fields=["near_number", "near_hash", "final_number", "final_hash"])
    log.warning("reorganisation", extra={"to": to_number, "sent_again": count})


def _on_same_chain(client: RpcClient, position: ChainPosition, heads: Heads) -> bool:
    """Whether the node's chain goes on from ours, after rolling back where it does not."""
    stored = dict(
        ChainBlock.objects.filter(number__lte=heads.latest.number)
        .order_by("-number")
        .values_list("number", "block_hash")[:KEPT_BLOCKS]
    )
    if not stored:
        return True
    tip = max(stored)
    if stored[tip] == _hash_at(client, tip, heads):
        # A node whose head is behind what we read is late, not forked.
        return position.near_number <= heads.latest.number
    for start in range(0, len(stored), FINAL_CHUNK):
        numbers = sorted(stored, reverse=True)[start : start + FINAL_CHUNK]
        theirs = find_headers(client, numbers)
        common = [n for n in numbers if n in theirs and theirs[n].hash == stored[n]]
        if common:
            roll_back(common[0])
            return True
    log.critical("reorganisation deeper than all kept blocks", extra={"lowest": min(stored)})
    roll_back(min(stored) - 1)
    return True


def _hash_at(client: RpcClient, number: int, heads: Heads) -> str:
    if number == heads.latest.number:
        return heads.latest.hash
    header = find_headers(client, [number]).get(number)
    return header.hash if header else ""


def _are_linked(headers: Sequence[Header], position: ChainPosition) -> bool:
    """Whether each header names the one before as its parent; if not, the chain moved while we read."""
    known = (
        ChainBlock.objects.filter(number=headers[0].number - 1).values_list("block_hash", flat=True).first()
    )
    parents = [known or headers[0].parent, *(header.hash for header in headers[:-1])]
    return all(header.parent == parent for header, parent in zip(headers, parents, strict=True))


@transactional
def _store(
    network: Network, expected: int, headers: Sequence[Header], transfers: Sequence[TransferLog]
) -> int:
    position = lock_position()
    if position.near_number != expected:
        return 0
    ChainBlock.objects.filter(number__gte=headers[0].number).delete()
    ChainBlock.objects.bulk_create(ChainBlock(number=h.number, block_hash=h.hash) for h in headers)
    ChainBlock.objects.filter(number__lte=headers[-1].number - KEPT_BLOCKS).delete()
    for transfer in transfers:
        seen_get(network.chain_id, transfer)
    position.near_number, position.near_hash = headers[-1].number, headers[-1].hash
    position.save(update_fields=["near_number", "near_hash"])
    return len(headers)


def seen_get(chain_id: int, transfer: TransferLog) -> SeenTransfer:
    """The row of a transfer in its block, made when it is new; call it under the position's lock."""
    row, created = SeenTransfer.objects.get_or_create(
        chain_id=chain_id,
        block_hash=transfer.block_hash,
        tx_hash=transfer.tx_hash,
        ordinal=transfer.ordinal,
        defaults={
            "block_number": transfer.block_number,
            "sender": transfer.sender,
            "receiver": transfer.receiver,
            "value_wei": str(transfer.value_wei),
        },
    )
    if not created and row.status == LogStatus.ORPHANED:
        # The block came back: a reorganisation was itself undone.
        row.status = LogStatus.SEEN
        row.save(update_fields=["status"])
    return row
