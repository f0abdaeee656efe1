"""All balances once more from the journal alone, beside the real ones: what differs, and since when."""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from ogc.db.snapshots import snapshot
from ogc.db.transactions import run_in_transaction
from wallets.models import (
    Checkpoint,
    Entry,
    FoldedEntry,
    LedgerAccount,
    Posting,
    ShadowBalance,
    UnfoldedEntry,
)
from wallets.selectors.balances import BALANCE

CHUNK = 500
"""Accounts in one snapshot, and in one transaction of shadow rows."""

ENTRIES = 200_000
"""Entries in one snapshot, unless one account alone has more."""

WINDOW = 2_000
"""Checkpoints that are compared at once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose balance is not what its entries come to; base units.

    `posting` (source key) and `transaction` (public id) are of the last entry before the first stored sum
    that is wrong: the difference begins there or in one of the 15 entries before. Both empty: no stored sum
    is wrong, so it begins after the posting `right_until`, the last one up to which a sum is stored (empty:
    there is none), or the balance itself was changed.
    """

    account: str
    stored: int
    replayed: int
    stored_count: int
    replayed_count: int
    posting: str = ""
    transaction: str = ""
    right_until: str = ""


@dataclass(slots=True)
class Replay:
    """What a run found, with what it goes on from; `first` is the first account that differs."""

    accounts: int = 0
    entries: int = 0
    differing: int = 0
    first: Difference | None = None


def replay(*, resume: bool = False, progress: Callable[[int], object] = lambda done: None) -> Replay:
    """Rebuild every balance into `ShadowBalance` and compare; safe to run at any time and again.

    An account's balance and entries change together, so each chunk of accounts is compared in a snapshot of
    its own; moves go on meanwhile. Chunks are committed one by one. Entries of accounts that are not there
    count as differences too.

    Args:
        resume: go on after the last account of a run that was stopped, instead of beginning anew.
        progress: called with the number of accounts that are done.
    """
    found, after = _resumed() if resume else (Replay(), 0)
    if not resume:
        _empty()
    while True:
        shadows, stored, is_last = _chunk(after)
        _write(shadows.values())
        found.accounts += len(stored)
        found.entries += sum(shadow.entry_count for shadow in shadows.values())
        wrong = [shadow for pk, shadow in sorted(shadows.items()) if shadow.differs]
        found.differing += len(wrong)
        if wrong and found.first is None:
            found.first = _difference(wrong[0], stored.get(wrong[0].pk))
        if is_last:
            return found
        after = max(stored)
        progress(found.accounts)


Stored = tuple[str, int, int]
"""Key, balance and entry count of an account, with what waits to be folded."""


def _chunk(after: int) -> tuple[dict[int, ShadowBalance], dict[int, Stored], bool]:
    """Shadow rows and what is stored of some accounts after this row number; whether they are the last."""
    with snapshot():
        stored, is_last = _accounts(after)
        here: dict[str, Any] = {"account_id__gt": after}
        if not is_last:
            here["account_id__lte"] = max(stored)
        shadows = {pk: _shadow(pk, 0, 0, 0) for pk in stored}
        rows = Entry.objects.filter(**here).order_by().values_list("account_id")
        for pk, total, count, last in rows.annotate(total=Sum("amount"), count=Count("pk"), last=Max("pk")):
            shadows[pk] = _shadow(pk, int(total), count, last)
        waiting = UnfoldedEntry.objects.filter(**here).order_by().values_list("account_id")
        for pk, total, count in waiting.annotate(total=Sum("amount"), count=Count("pk")):
            if pk in stored:
                key, balance, entry_count = stored[pk]
                stored[pk] = (key, balance + int(total), entry_count + count)
    for pk, shadow in shadows.items():
        shadow.differs = pk not in stored or (shadow.balance, shadow.entry_count) != stored[pk][1:]
    return shadows, stored, is_last


def _shadow(account_pk: int, total: int, count: int, last: int) -> ShadowBalance:
    return ShadowBalance(account_id=account_pk, balance=total, entry_count=count, last_entry_id=last)


def _accounts(after: int) -> tuple[dict[int, Stored], bool]:
    rows = LedgerAccount.objects.filter(pk__gt=after).order_by("pk")
    stored: dict[int, Stored] = {}
    entries = 0
    for pk, key, balance, count in rows.values_list("pk", "key", "balance", "entry_count")[: CHUNK + 1]:
        if len(stored) == CHUNK or (stored and entries + count > ENTRIES):
            return stored, False
        stored[pk] = (key, balance, count)
        entries += count
    return stored, True


def _empty() -> None:
    while pks := list(ShadowBalance.objects.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        run_in_transaction(ShadowBalance.objects.filter(pk__in=pks).delete)


def _write(shadows: Iterable[ShadowBalance]) -> None:
    rows = list(shadows)

    def write() -> None:
        ShadowBalance.objects.filter(pk__in=[row.pk for row in rows]).delete()
        ShadowBalance.objects.bulk_create(rows)

    run_in_transaction(write)


def _resumed() -> tuple[Replay, int]:
    """What a run that was stopped had found, and its last account. The first difference is looked at anew."""
    accounts = LedgerAccount.objects.values("pk")
    last = ShadowBalance.objects.filter(pk__in=accounts).aggregate(last=Max("pk"))["last"] or 0
    # What follows the last account is looked at again.
    run_in_transaction(ShadowBalance.objects.filter(pk__gt=last).delete)
    done = ShadowBalance.objects.aggregate(accounts=Count("pk"), entries=Sum("entry_count"))
    wrong = ShadowBalance.objects.filter(differs=True).order_by("pk")
    found = Replay(done["accounts"], int(done["entries"] or 0), wrong.count())
    if (first := wrong.first()) is not None:
        rows = LedgerAccount.objects.filter(pk=first.pk).annotate(held=BALANCE)
        account = rows.values_list("key", "held", "entry_count").first()
        found.first = _difference(first, account)
    return found, last


def _difference(shadow: ShadowBalance, stored: Stored | None) -> Difference:
    missing = (f"no account with the row number {shadow.account_id}", 0, 0)
    key, balance, count = stored or missing
    found = Difference(key, balance, shadow.balance, count, shadow.entry_count)
    return _located(found, shadow.account_id)


def _located(difference: Difference, account_pk: int) -> Difference:
    """The same with the posting since which stored sums are not the journal's, or up to which they are."""
    running, right_until = 0, 0
    sections = _section_sums(account_pk)
    known = next(sections, None)
    for section, entry_pk, balance in _checkpoints(account_pk):
        # By section, since those of a lazy account were not filled in the order of row numbers.
        while known is not None and known[0] < section:
            running += known[1]
            known = next(sections, None)
        if running != balance:
            source_key, transaction_id = _posting(entry_pk)
            return replace(difference, posting=source_key, transaction=transaction_id)
        right_until = entry_pk
    return replace(difference, right_until=_posting(right_until)[0] if right_until else "")


def _checkpoints(account_pk: int) -> Iterator[tuple[int, int, int]]:
    rows = Checkpoint.objects.filter(account_id=account_pk).order_by("section")
    return _windows(rows.values_list("section", "entry_id", "balance"))


def _section_sums(account_pk: int) -> Iterator[tuple[int, int]]:
    """Section and sum of its entries, rising, of sections that have any."""
    plain = Entry.objects.filter(account_id=account_pk, section__isnull=False).values_list("section")
    folded = FoldedEntry.objects.filter(account_id=account_pk).values_list("section")
    streams = [
        _windows(plain.annotate(total=Sum("amount")).order_by("section")),
        _windows(folded.annotate(total=Sum("entry__amount")).order_by("section")),
    ]
    for section, parts in groupby(heapq.merge(*streams), key=lambda part: part[0]):
        yield section, sum(int(total) for _, total in parts)


def _windows(rows: "QuerySet[Any, Any]") -> Iterator[Any]:
    """Rows by section, which comes first in each; read in chunks."""
    after = -1
    while chunk := list(rows.filter(section__gt=after)[:WINDOW]):
        yield from chunk
        after = chunk[-1][0]


def _posting(entry_pk: int) -> tuple[str, str]:
    """Source key and transaction of the posting of an entry; what is known of it where there is none."""
    rows = Posting.objects.filter(entries=entry_pk)
    found = rows.values_list("source_key", "transaction__public_id").first()
    return found or (f"none that has the entry {entry_pk}", "")
