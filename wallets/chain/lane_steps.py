"""The steps of the lane, each a commit of its own; the network is only used between them."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet, Sum

from ogc import context
from ogc.amounts import to_wei
from ogc.clock import real_now
from ogc.db.transactions import transactional
from wallets.chain.constants import (
    LANE_BATCH,
    REPLACE_AFTER_SECONDS,
    RESEND_AFTER_SECONDS,
    TRANSFER_GAS,
    ChainStatus,
    SignerStatus,
)
from wallets.chain.contracts import transfer_call
from wallets.chain.fees import Fees, market_asks_more, replace
from wallets.chain.locks import lock_queued, lock_row, lock_rows, lock_signer
from wallets.chain.network import Network
from wallets.chain.rpc import RpcClient
from wallets.chain.sending import SendOutcome, known_hashes, outcome, receipts, send_raw
from wallets.chain.signer import SignedTransaction, Signer, UnsignedTransaction
from wallets.models.chain import ChainTransaction, SignedAttempt

log = logging.getLogger(__name__)

IN_FLIGHT = (ChainStatus.NONCE_RESERVED, ChainStatus.SIGNED, ChainStatus.BROADCAST)


def rows_due() -> QuerySet[ChainTransaction]:
    """Rows with a nonce that the lane has to sign, send, or send again."""
    return ChainTransaction.objects.filter(
        Q(status__in=(ChainStatus.NONCE_RESERVED, ChainStatus.SIGNED)) | _unseen()
    )


def room_for_more(signer_id: int) -> int:
    """How many more rows may be on their way at once: nodes keep few of one account that are not mined."""
    flying = ChainTransaction.objects.filter(signer_id=signer_id, status__in=IN_FLIGHT)
    return max(0, LANE_BATCH - flying.count())


@transactional
def reserve(signer_id: int, token_wei: int) -> str:
    """Step 1: give the next nonces to the oldest queued rows that the hot wallet can pay.

    Returns: why rows were left behind, or nothing.
    Effects: locks the signer and the rows; queued → nonce_reserved.
    """
    signer = lock_signer(signer_id)
    room = room_for_more(signer_id)
    if signer.status != SignerStatus.ACTIVE or not room:
        return ""
    rows = lock_queued(room)
    flying = ChainTransaction.objects.filter(signer=signer, status__in=IN_FLIGHT)
    left_wei = token_wei - to_wei(flying.aggregate(total=Sum("amount"))["total"] or 0)
    chosen = []
    for row in rows:
        if to_wei(row.amount) <= left_wei:
            left_wei -= to_wei(row.amount)
            row.status, row.signer, row.nonce = ChainStatus.NONCE_RESERVED, signer, signer.next_nonce
            signer.next_nonce += 1
            chosen.append(row)
    if chosen:
        signer.save(update_fields=["next_nonce"])
        ChainTransaction.objects.bulk_update(chosen, ["status", "signer", "nonce"])
    return "the hot wallet holds too few tokens" if len(chosen) < len(rows) else ""


def sign_reserved(signer_id: int, signer: Signer, network: Network, fees: Fees) -> int:
    """Step 2: sign all rows that have a nonce and no bytes, outside any lock, then store by
    compare-and-set."""
    rows = ChainTransaction.objects.filter(signer_id=signer_id, status=ChainStatus.NONCE_RESERVED)
    signed = {row.pk: signer.sign(unsigned(row, network, fees)) for row in rows.order_by("nonce")}
    return _store_signed(signed, fees) if signed else 0


def send_stored(signer_id: int, client: RpcClient) -> int:
    """Step 3: send stored bytes in nonce order. Returns how many the node took for the first time."""
    rows = ChainTransaction.objects.filter(signer_id=signer_id, status=ChainStatus.SIGNED)
    return _send(list(rows.order_by("nonce")[:LANE_BATCH]), client)


def send_again(signer_id: int, client: RpcClient) -> None:
    """Send rows again, the same bytes, that nobody saw mined for a while or that a reorganisation removed."""
    rows = ChainTransaction.objects.filter(_unseen(), signer_id=signer_id)
    _send(list(rows.order_by("nonce")[:LANE_BATCH]), client)


def replace_stuck(signer_id: int, signer: Signer, network: Network, market: Fees, client: RpcClient) -> None:
    """Sign the oldest stuck row anew at a higher price, when the market asks more than it offers.

    Only the lowest nonce can be what holds the others up. All hashes stay; any may be the one mined.
    """
    rows = ChainTransaction.objects.filter(signer_id=signer_id, status=ChainStatus.BROADCAST)
    row = rows.order_by("nonce").first()
    if row is None:
        return
    attempts = list(row.attempts.order_by("id"))
    last = attempts[-1]
    old = Fees(last.max_fee_wei, last.priority_fee_wei)
    age = real_now() - last.created_at
    if age < timedelta(seconds=REPLACE_AFTER_SECONDS) or not market_asks_more(old, market):
        return
    if receipts(client, [attempt.tx_hash for attempt in attempts]):
        return
    fees = replace(old, market)
    if _store_replacement(row.pk, last.pk, signer.sign(unsigned(row, network, fees)), fees):
        _send([ChainTransaction.objects.get(pk=row.pk)], client)


def unsigned(row: ChainTransaction, network: Network, fees: Fees) -> UnsignedTransaction:
    """The transaction that carries out a row. The row must have its nonce."""
    if row.nonce is None:
        raise ValueError(f"{row} has no nonce")
    return UnsignedTransaction(
        chain_id=network.chain_id,
        nonce=row.nonce,
        to=network.token,
        data=transfer_call(row.receiver, to_wei(row.amount)),
        gas_limit=TRANSFER_GAS,
        max_fee_wei=fees.max_fee_wei,
        priority_fee_wei=fees.priority_fee_wei,
    )


@transactional
def _store_signed(signed: dict[int, SignedTransaction], fees: Fees) -> int:
    rows = lock_rows(signed, ChainStatus.NONCE_RESERVED)
    for row in rows:
        row.status, row.tx_hash = ChainStatus.SIGNED, signed[row.pk].tx_hash
    SignedAttempt.objects.bulk_create(_attempt(row.pk, signed[row.pk], fees) for row in rows)
    ChainTransaction.objects.bulk_update(rows, ["status", "tx_hash"])
    return len(rows)


@transactional
def _store_replacement(row_id: int, last_attempt_id: int, signed: SignedTransaction, fees: Fees) -> bool:
    row = lock_row(row_id)
    newest = row.attempts.order_by("-id").values_list("id", flat=True).first()
    if row.status != ChainStatus.BROADCAST or newest != last_attempt_id:
        return False
    _attempt(row_id, signed, fees).save()
    row.tx_hash, row.sent_at = signed.tx_hash, None
    row.save(update_fields=["tx_hash", "sent_at"])
    return True


def _attempt(row_id: int, signed: SignedTransaction, fees: Fees) -> SignedAttempt:
    return SignedAttempt(
        chain_transaction_id=row_id,
        raw=signed.raw,
        tx_hash=signed.tx_hash,
        max_fee_wei=fees.max_fee_wei,
        priority_fee_wei=fees.priority_fee_wei,
    )


def _send(rows: Sequence[ChainTransaction], client: RpcClient) -> int:
    if not rows:
        return 0
    raws: dict[str, str] = {}
    hashes: dict[int, list[str]] = {}
    for attempt in SignedAttempt.objects.filter(chain_transaction__in=rows).order_by("id"):
        raws.setdefault(attempt.tx_hash, attempt.raw)
        hashes.setdefault(attempt.chain_transaction_id, []).append(attempt.tx_hash)
    answers = send_raw(client, [raws[row.tx_hash] for row in rows])
    outcomes = {row.pk: outcome(answer) for row, answer in zip(rows, answers, strict=True)}
    unsure = [
        tx_hash for pk, result in outcomes.items() if result is SendOutcome.LOOK_UP for tx_hash in hashes[pk]
    ]
    known = known_hashes(client, unsure) if unsure else set()
    taken = [
        row.pk
        for row in rows
        if outcomes[row.pk] is SendOutcome.IN_POOL or known.intersection(hashes[row.pk])
    ]
    for row, answer in zip(rows, answers, strict=True):
        _tell(row, row.pk in taken, str(answer.error or ""))
    return _record_sent(taken)


def _record_sent(taken: list[int]) -> int:
    now = real_now()
    ChainTransaction.objects.filter(pk__in=taken, status=ChainStatus.BROADCAST).update(
        sent_at=now, last_error=""
    )
    first = ChainTransaction.objects.filter(pk__in=taken, status=ChainStatus.SIGNED)
    return first.update(status=ChainStatus.BROADCAST, sent_at=now, last_error="")


def _tell(row: ChainTransaction, taken: bool, error: str) -> None:
    with context.bind(correlation_id=row.correlation_id):
        fields = {
            "chain_transaction": row.public_id,
            "tx_hash": row.tx_hash,
            "nonce": row.nonce,
            "error": error,
        }
        log.log(logging.INFO if taken else logging.WARNING, "sent" if taken else "not taken", extra=fields)
    if not taken:
        ChainTransaction.objects.filter(pk=row.pk).update(last_error=error[:200], sent_at=real_now())


def _unseen() -> Q:
    before = real_now() - timedelta(seconds=RESEND_AFTER_SECONDS)
    return Q(status=ChainStatus.BROADCAST) & (Q(sent_at__isnull=True) | Q(sent_at__lt=before))
