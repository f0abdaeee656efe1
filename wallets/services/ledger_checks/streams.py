"""Reading large tables by their keys, in chunks."""

import heapq
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet, Sum, Value

from wallets.models import Checkpoint, Entry, FoldedEntry
from wallets.services.ledger_checks.results import CHUNK

CHECKPOINT, PLAIN, FOLDED = range(3)


class Part(NamedTuple):
    """Something of one section of one account: a checkpoint (the sum before it), or the sum and number of its
    plain or folded entries, with the row number of the last one."""

    account_id: int
    section: int
    what: int
    total: int
    number: int
    last_id: int


def by_pk(rows: "QuerySet[Any, Any]", *columns: str) -> Iterator[tuple[Any, ...]]:
    """Rows by row number, as tuples that start with it."""
    after = 0
    while chunk := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", *columns)[:CHUNK]):
        yield from chunk
        after = chunk[-1][0]


def parts_by_account(which: Q | None = None) -> Iterator[tuple[int, Iterator[Part]]]:
    """All parts of all sections, account by account, each account's by section, checkpoints first.

    Args:
        which: a condition on `account_id`; None: all accounts.
    """
    among = which or Q()
    streams = (_checkpoints(among), _entries(among), _folded(among))
    return groupby(heapq.merge(*streams), key=lambda part: part.account_id)


def _checkpoints(among: Q) -> Iterator[Part]:
    rows = Checkpoint.objects.filter(among)
    told = rows.annotate(total=F("balance"), number=Value(0), last=F("entry_id"))
    return _parts(CHECKPOINT, told.order_by("account_id", "section"))


def _entries(among: Q) -> Iterator[Part]:
    return _parts(PLAIN, _summed(Entry.objects.filter(among, section__isnull=False), "pk"))


def _folded(among: Q) -> Iterator[Part]:
    return _parts(FOLDED, _summed(FoldedEntry.objects.filter(among), "entry_id"))


def _summed(rows: "QuerySet[Any, Any]", last: str) -> "QuerySet[Any, Any]":
    grouped = rows.values("account_id", "section").order_by("account_id", "section")
    summed: QuerySet[Any, Any] = grouped.annotate(total=Sum("amount"), number=Count("pk"), last=Max(last))
    return summed


def _parts(what: int, rows: "QuerySet[Any, Any]") -> Iterator[Part]:
    """By account and section. One account may fill many chunks: it is finished before the next begins."""
    wanted = rows.values_list("account_id", "section", "total", "number", "last")
    account, section = 0, -1
    while True:
        chunk = list(wanted.filter(account_id=account, section__gt=section)[:CHUNK])
        if len(chunk) < CHUNK:
            chunk += wanted.filter(account_id__gt=account)[:CHUNK]
        if not chunk:
            return
        for account, section, total, number, last in chunk:
            yield Part(account, section, what, int(total), number, last)
