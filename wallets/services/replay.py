"""All balances once more from the journal alone, beside the real ones: what differs, and since when."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Max, Sum

from ogc.db.snapshots import snapshot
from ogc.db.transactions import run_in_transaction
from wallets.constants import SECTION_ENTRIES
from wallets.models import (
    Checkpoint,
    Entry,
    FoldedEntry,
    LedgerAccount,
    Posting,
    ShadowBalance,
    UnfoldedEntry,
)

CHUNK = 500
"""Accounts in one snapshot, and in one transaction of shadow rows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose balance is not what its entries come to; base units.

    `since` names the posting and transaction with which the stored sums begin to differ; empty: none of them
    does, so the balance itself was changed after the last of them.
    """

    account: str
    stored: int
    replayed: int
    stored_count: int
    replayed_count: int
    since: str


@dataclass(slots=True)
class Replay:
    """What a run did; `first` is the first account that differs."""

    accounts: int = 0
    entries: int = 0
    differing: int = 0
    first: Difference | None = None


def replay(*, progress: Callable[[int], object] = lambda done: None) -> Replay:
    """Rebuild every balance into `ShadowBalance` and compare; safe to run at any time and again.

    An account's balance and entries change together, so each chunk of accounts is compared in a snapshot of
    its own; moves go on meanwhile. Chunks are committed one by one.

    Args:
        progress: called with the number of accounts that are done.
    """
    found, after = Replay(), 0
    while True:
        shadows, accounts = _chunk(after)
        if not accounts:
            return found
        _write(shadows)
        for pk, key, balance, count in accounts:
            shadow = shadows[pk]
            if (shadow.balance, shadow.entry_count) != (balance, count):
                found.differing += 1
                found.first = found.first or _difference(key, balance, count, shadow)
            found.entries += shadow.entry_count
        found.accounts += len(accounts)
        after = accounts[-1][0]
        progress(found.accounts)


def _chunk(after: int) -> tuple[dict[int, ShadowBalance], list[tuple[int, str, int, int]]]:
    """Shadow rows and what is stored, of the accounts after this row number."""
    with snapshot():
        rows = LedgerAccount.objects.filter(pk__gt=after).order_by("pk")
        stored = list(rows.values_list("pk", "key", "balance", "entry_count")[:CHUNK])
        if not stored:
            return {}, []
        here = {"account_id__gt": after, "account_id__lte": stored[-1][0]}
        entries = Entry.objects.filter(**here).values("account_id").order_by("account_id")
        sums = {
            pk: ShadowBalance(account_id=pk, balance=int(total), entry_count=count, last_entry_id=last)
            for pk, total, count, last in entries.annotate(
                total=Sum("amount"), count=Count("pk"), last=Max("pk")
            ).values_list("account_id", "total", "count", "last")
        }
        waiting = UnfoldedEntry.objects.filter(**here).values("account_id").order_by("account_id")
        unfolded = {
            pk: (int(total), count)
            for pk, total, count in waiting.annotate(total=Sum("amount"), count=Count("pk")).values_list(
                "account_id", "total", "count"
            )
        }
    shadows, accounts = {}, []
    for pk, key, balance, count in stored:
        empty = ShadowBalance(account_id=pk, balance=0, entry_count=0, last_entry_id=0)
        shadows[pk] = sums.get(pk, empty)
        more, more_count = unfolded.get(pk, (0, 0))
        accounts.append((pk, key, balance + more, count + more_count))
    return shadows, accounts


def _write(shadows: dict[int, ShadowBalance]) -> None:
    def write() -> None:
        ShadowBalance.objects.filter(pk__in=list(shadows)).delete()
        ShadowBalance.objects.bulk_create(shadows.values())

    run_in_transaction(write)


def _difference(key: str, balance: int, count: int, shadow: ShadowBalance) -> Difference:
    return Difference(key, balance, shadow.balance, count, shadow.entry_count, _since(shadow.account_id))


def _since(account_pk: int) -> str:
    """The last posting of the first section whose stored sum is not that of the entries up to it."""
    running = after = 0
    checkpoints = Checkpoint.objects.filter(account_id=account_pk).order_by("section")
    for section, entry_id, balance in checkpoints.values_list("section", "entry_id", "balance").iterator():
        # By section, since those of a lazy account were not filled in the order of row numbers.
        here = {"account_id": account_pk, "section__gte": after, "section__lt": section}
        for model in (Entry, FoldedEntry):
            running += model._default_manager.filter(**here).aggregate(total=Sum("amount"))["total"] or 0
        if running != balance:
            columns = ("source_key", "transaction__public_id")
            posting = Posting.objects.filter(entries=entry_id).values_list(*columns).first()
            where = f"posting {posting[0]}, transaction {posting[1]}" if posting else f"entry {entry_id}"
            return f"{where} or one of the {SECTION_ENTRIES} entries before it"
        after = section
    return ""
