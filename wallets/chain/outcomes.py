"""What became of sent transactions: seen in a block, final and paid, or finally unable to pay.

A first receipt only says `mined`. Money moves when a final block holds the transaction, and never on a
time-out, a missing answer or a drop.
"""

import logging
from collections.abc import Sequence
from typing import Any

from ogc import context
from ogc.amounts import to_wei
from ogc.db.transactions import transactional
from wallets.chain.blocks import find_headers
from wallets.chain.constants import ChainAction, ChainPurpose, ChainStatus
from wallets.chain.contracts import TransferLog, read_transfers
from wallets.chain.locks import lock_row
from wallets.chain.network import Network
from wallets.chain.rpc import RpcClient
from wallets.chain.rules import may_move, move
from wallets.chain.sending import receipts
from wallets.models.chain import ChainPosition, ChainTransaction, SignedAttempt
from wallets.services.faucet_sends import faucet_send_fail, faucet_send_settle
from wallets.services.withdrawals import withdrawal_settle, withdrawal_void

log = logging.getLogger(__name__)

BATCH = 300


def track_mined(client: RpcClient) -> int:
    """Note which sent transactions are in a block now, whichever of their attempts it is.

    Returns: rows that moved to `mined`.
    """
    rows = ChainTransaction.objects.filter(status__in=(ChainStatus.SIGNED, ChainStatus.BROADCAST))
    attempts = _attempts(list(rows.order_by("id").values_list("pk", flat=True)[:BATCH]))
    found = receipts(client, [attempt.tx_hash for attempt in attempts]) if attempts else {}
    mined = 0
    for attempt in attempts:
        if attempt.tx_hash in found:
            mined += _mark_mined(attempt.chain_transaction_id, attempt.tx_hash, found[attempt.tx_hash])
    return mined


def close_final(client: RpcClient, network: Network, finalized: int) -> int:
    """Finish mined rows of posted blocks that the final read did not finish.

    A receipt with status 0, or of a transaction of ours that does not pay, in a final block gives the tokens
    back. A paid one whose log was hidden from the final read is settled from its receipt.

    Returns: rows that ended.
    """
    posted = ChainPosition.objects.values_list("final_number", flat=True).get(key="active")
    limit = min(posted, finalized)
    rows = ChainTransaction.objects.filter(status=ChainStatus.MINED, block_number__lte=limit)
    attempts = _attempts(list(rows.order_by("id").values_list("pk", flat=True)[:BATCH]))
    if not attempts:
        return 0
    found = receipts(client, [attempt.tx_hash for attempt in attempts])
    numbers = sorted({int(receipt["blockNumber"], 16) for receipt in found.values()})
    headers = find_headers(client, numbers)
    ended = 0
    for attempt in attempts:
        receipt = found.get(attempt.tx_hash)
        if receipt is None:
            continue
        number = int(receipt["blockNumber"], 16)
        header = headers.get(number)
        if number <= limit and header is not None and header.hash == receipt["blockHash"]:
            ended += _close(network, attempt, receipt)
    return ended


@transactional
def confirm_paid(row_id: int, transfer: TransferLog, receipt: dict[str, Any] | None = None) -> bool:
    """A final block holds the payment of a row: confirm and settle it, once. False when it was confirmed
    before.

    A transfer that is not what the row wants (other receiver or amount) changes nothing and is logged as
    critical.
    """
    row = lock_row(row_id)
    if (transfer.receiver, transfer.value_wei) != (row.receiver, to_wei(row.amount)):
        log.critical("a payment is not what its row wants", extra={"chain_transaction": row.public_id})
        return False
    if may_move(row.status, ChainAction.MINE):
        row.status = move(row.status, ChainAction.MINE)
    if not may_move(row.status, ChainAction.CONFIRM):
        return False
    row.status = move(row.status, ChainAction.CONFIRM)
    row.tx_hash, row.block_number, row.block_hash = (
        transfer.tx_hash,
        transfer.block_number,
        transfer.block_hash,
    )
    row.gas_wei = _gas_wei(receipt) if receipt else row.gas_wei
    row.last_error = ""
    row.save(update_fields=["status", "tx_hash", "block_number", "block_hash", "gas_wei", "last_error"])
    with context.bind(correlation_id=row.correlation_id):
        if row.purpose == ChainPurpose.WITHDRAWAL:
            withdrawal_settle(row.pk)
        else:
            faucet_send_settle(row.pk)
        _tell("confirmed", row)
    return True


@transactional
def fail_final(row_id: int, tx_hash: str, reason: str) -> bool:
    """A final block proves that a row's nonce is used up without paying: give the tokens back, once."""
    row = lock_row(row_id)
    if not may_move(row.status, ChainAction.FAIL):
        return False
    row.status, row.tx_hash, row.last_error = move(row.status, ChainAction.FAIL), tx_hash, reason
    row.save(update_fields=["status", "tx_hash", "last_error"])
    with context.bind(correlation_id=row.correlation_id):
        if row.purpose == ChainPurpose.WITHDRAWAL:
            withdrawal_void(row.pk, reason)
        else:
            faucet_send_fail(row.pk, reason)
        _tell("failed", row)
    return True


@transactional
def _mark_mined(row_id: int, tx_hash: str, receipt: dict[str, Any]) -> int:
    row = lock_row(row_id)
    if not may_move(row.status, ChainAction.MINE):
        return 0
    row.status, row.tx_hash = move(row.status, ChainAction.MINE), tx_hash
    row.block_number, row.block_hash = int(receipt["blockNumber"], 16), receipt["blockHash"]
    row.gas_wei = _gas_wei(receipt)
    row.save(update_fields=["status", "tx_hash", "block_number", "block_hash", "gas_wei"])
    with context.bind(correlation_id=row.correlation_id):
        _tell("mined", row)
    return 1


def _close(network: Network, attempt: SignedAttempt, receipt: dict[str, Any]) -> int:
    if int(receipt["status"], 16) == 0:
        return fail_final(attempt.chain_transaction_id, attempt.tx_hash, "the transaction was reverted")
    if not attempt.pays:
        return fail_final(
            attempt.chain_transaction_id, attempt.tx_hash, "its nonce went to another transaction"
        )
    row = attempt.chain_transaction
    for transfer in read_transfers(receipt["logs"], network.token):
        if (transfer.receiver, transfer.value_wei) == (row.receiver, to_wei(row.amount)):
            return confirm_paid(row.pk, transfer, receipt)
    log.critical("a final transaction holds no payment", extra={"chain_transaction": row.public_id})
    return 0


def _attempts(row_ids: Sequence[int]) -> list[SignedAttempt]:
    attempts = SignedAttempt.objects.filter(chain_transaction_id__in=row_ids).select_related(
        "chain_transaction"
    )
    return list(attempts.order_by("id"))


def _gas_wei(receipt: dict[str, Any]) -> str:
    return str(int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16))


def _tell(what: str, row: ChainTransaction) -> None:
    fields = {"chain_transaction": row.public_id, "tx_hash": row.tx_hash, "block": row.block_number}
    log.info(what, extra=fields)
