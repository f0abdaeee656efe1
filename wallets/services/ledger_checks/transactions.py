"""Transactions: each status has the postings that it needs and no others, and they move its amount."""

from typing import Any

from django.db.models import Q, Sum

from wallets.constants import HoldStatus, PostingKind, TransactionStatus
from wallets.models import Entry, Hold, Posting, Transaction
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
    """Compare the postings of every transaction with its status, amount and parties, with its hold, and with
    what undid it."""
    found = Findings("transactions_match_postings")
    count = after = 0
    rows = Transaction.objects.order_by("pk").values_list("pk", "public_id", "type", "status", "amount")
    while chunk := list(rows.filter(pk__gt=after)[:CHUNK]):
        span = (chunk[0][0], chunk[-1][0])
        _check_holds(span, _check(chunk, found), found)
        _check_parties(span, found)
        _check_reversed([row[1] for row in chunk if row[3] == TransactionStatus.REVERSED], found)
        _check_reversals(span, found)
        count, after = count + len(chunk), chunk[-1][0]
    return found.result(f"{count} transactions")


def _check(rows: list[tuple[int, str, str, str, int]], found: Findings) -> dict[int, dict[str, int]]:
    """What each kind of posting of these transactions moved, by row number, after it is checked."""
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
    return moved


def _amounts_fit(moved: dict[str, int], amount: int) -> bool:
    """What was posted is the amount; what is held covers it (and a fee), and ends whole."""
    if HOLD in moved:
        has_ended = SETTLE in moved or VOID in moved
        ended = moved.get(SETTLE, 0) + moved.get(VOID, 0)
        return moved[HOLD] >= amount and (not has_ended or ended == moved[HOLD])
    return all(units == amount for units in moved.values())


def _check_holds(span: tuple[int, int], moved: dict[int, dict[str, int]], found: Findings) -> None:
    """A hold says of itself what its postings did."""
    columns = ("transaction_id", "public_id", "status", "amount", "settled", "voided")
    for pk, name, status, *sums in Hold.objects.filter(transaction__id__range=span).values_list(*columns):
        has = [moved[pk].get(kind, 0) for kind in (HOLD, SETTLE, VOID)]
        if has != sums or (status == HoldStatus.OPEN) != (not has[1] and not has[2]):
            found.add(f"hold {name} is {status} with {sums} held, settled, voided; its postings moved {has}")


def _check_parties(span: tuple[int, int], found: Findings) -> None:
    """Only wallets that a transaction names are moved by it."""
    postings = Posting.objects.filter(transaction__id__range=span)
    columns = (f"transaction__{name}" for name in ("public_id", "sender_id", "recipient_id"))
    # From the postings outwards, whatever the database knows of its tables: outer joins keep that order. With
    # inner ones MariaDB read the entries of all accounts for each span.
    told = postings.values_list(*columns, "entries__account__wallet_id")
    for public_id, sender, recipient, wallet in told.distinct():
        if wallet not in (sender, recipient, None):
            found.add(f"transaction {public_id} moves the wallet with row number {wallet}, which is no party")


def _check_reversed(names: list[str], found: Findings) -> None:
    """What is reversed was reversed by something."""
    keys = Posting.objects.filter(kind=REVERSE, source_key__in=[f"reverse:{name}" for name in names])
    known = set(keys.values_list("source_key", flat=True))
    for name in names:
        if f"reverse:{name}" not in known:
            found.add(f"transaction {name} is reversed, but nothing reversed it")


def _check_reversals(span: tuple[int, int], found: Findings) -> None:
    """A reversal takes back all that its original did, and the original says so."""
    rows = Posting.objects.filter(transaction__id__range=span, kind=REVERSE)
    pairs = {
        name: key.removeprefix("reverse:")
        for name, key in rows.values_list("transaction__public_id", "source_key")
    }
    reversed_ = Transaction.objects.filter(public_id__in=pairs.values(), status=TransactionStatus.REVERSED)
    known = set(reversed_.values_list("public_id", flat=True))
    nets = _nets([*pairs, *pairs.values()])
    for name, original in pairs.items():
        if original not in known:
            found.add(f"transaction {original} is not reversed, though {name} reversed it")
        elif nets[name] != {account: -net for account, net in nets[original].items()}:
            found.add(f"transaction {name} is no mirror of {original}")


def _nets(names: list[str]) -> dict[str, dict[int, int]]:
    """What each of these transactions did to each account, all its postings together."""
    nets: dict[str, dict[int, int]] = {name: {} for name in names}
    entries = Entry.objects.filter(posting__transaction__public_id__in=names)
    sums = entries.values_list("posting__transaction__public_id", "account_id").annotate(net=Sum("amount"))
    for name, account, net in sums.exclude(net=0):
        nets[name][account] = int(net)
    return nets
