"""Transactions: each status has the postings that it needs and no others, and they move its amount."""

from typing import Any

from django.db.models import Q, Sum

from wallets.constants import PostingKind, TransactionStatus
from wallets.models import Posting, Transaction
from wallets.services.ledger_checks.results import CHUNK, CheckResult, Findings

POST, HOLD, SETTLE = PostingKind.POST, PostingKind.HOLD, PostingKind.SETTLE
VOID, RELEASE, REVERSE = PostingKind.VOID, PostingKind.RELEASE, PostingKind.REVERSE

_MOVED = ({POST}, {POST, RELEASE}, {HOLD, SETTLE}, {HOLD, SETTLE, VOID}, {REVERSE})
POSTINGS_BY_STATUS: dict[str, tuple[set[PostingKind], ...]] = {
    TransactionStatus.PENDING: (set(), {POST}, {HOLD}),
    TransactionStatus.COMPLETED: _MOVED,
    TransactionStatus.FAILED: (set(), {HOLD, VOID}),
    TransactionStatus.CANCELLED: (set(), {HOLD, VOID}),
    TransactionStatus.REVERSED: _MOVED,
}
"""Kinds of postings that a transaction of each status may have: one of these sets, each kind once."""


def check_transactions() -> CheckResult:
    """Compare the postings of every transaction with its status and amount."""
    found = Findings("transactions_match_postings")
    count = after = 0
    rows = Transaction.objects.order_by("pk").values_list("pk", "public_id", "type", "status", "amount")
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
        _check(chunk, found)
        count, after = count + len(chunk), chunk[-1][0]
    return found.result(f"{count} transactions")


def _check(rows: list[tuple[int, str, str, str, int]], found: Findings) -> None:
    moved: dict[int, dict[str, int]] = {row[0]: {} for row in rows}
    twice: set[int] = set()
    postings: Any = Posting.objects.filter(transaction_id__gte=rows[0][0], transaction_id__lte=rows[-1][0])
    given = postings.annotate(moved=Sum("entries__amount", filter=Q(entries__amount__gt=0)))
    for transaction_id, kind, amount in given.values_list("transaction_id", "kind", "moved"):
        if kind in moved[transaction_id]:
            twice.add(transaction_id)
        moved[transaction_id][kind] = int(amount or 0)
    for pk, public_id, type_, status, amount in rows:
        has = moved[pk]
        if pk in twice or set(has) not in POSTINGS_BY_STATUS[status]:
            kinds = "+".join(sorted(has)) or "nothing"
            found.add(f"transaction {public_id} ({type_}) is {status} with {kinds}")
        elif not _amounts_fit(has, amount):
            found.add(f"transaction {public_id} ({type_}) is of {amount}, its postings move {has}")


def _amounts_fit(moved: dict[str, int], amount: int) -> bool:
    """What was posted is the amount; what is held covers it (and a fee), and ends whole."""
    if HOLD in moved:
        has_ended = SETTLE in moved or VOID in moved
        ended = moved.get(SETTLE, 0) + moved.get(VOID, 0)
        return moved[HOLD] >= amount and (not has_ended or ended == moved[HOLD])
    return all(units == amount for units in moved.values())
