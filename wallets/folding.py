"""Folding: what waits beside the balances of lazy accounts goes into them. Call it under their locks.

Deleting a row of `UnfoldedEntry` is the fold: a trigger adds its amount to the balance. Rows are read first,
without a lock, and deleted by number, so that nobody waits for credits that are not committed yet.
"""

from collections.abc import Iterator, Sequence

from django.db import connection
from django.db.models import Sum

from wallets.constants import FOLD_MAX
from wallets.models import UnfoldedEntry

# The index is named: a scan, which a small table invites, would wait for rows that others just wrote.
_DELETE_FROM = {
    "mysql": "DELETE u FROM wallets_unfoldedentry u FORCE INDEX (PRIMARY) WHERE u.entry_id IN",
    "sqlite": "DELETE FROM wallets_unfoldedentry WHERE entry_id IN",
}


def unfolded_take(account_pks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Fold all that is committed for these accounts; two statements for each 500 entries.

    Args:
        account_pks: row numbers of lazy accounts whose rows this transaction holds.

    Returns:
        Account and amount of each entry that was folded.
    """
    is_more = bool(account_pks)
    while is_more:
        taken = unfolded_take_some(account_pks)
        yield from taken
        is_more = len(taken) == FOLD_MAX


def unfolded_amounts(account_pks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """What `unfolded_take` would fold, summed by account; nothing is written."""
    if account_pks:
        waiting = UnfoldedEntry.objects.filter(account_id__in=account_pks)
        yield from waiting.values_list("account_id").annotate(total=Sum("amount")).order_by()


def unfolded_take_some(account_pks: Sequence[int]) -> list[tuple[int, int]]:
    """As `unfolded_take`, but at most 500 entries, the oldest ones."""
    waiting = UnfoldedEntry.objects.filter(account_id__in=account_pks).order_by("entry_id")
    rows = list(waiting.values_list("entry_id", "account_id", "amount")[:FOLD_MAX])
    if rows:
        slots = ", ".join(["%s"] * len(rows))
        with connection.cursor() as cursor:
            # Only our own words stand in the text, values are bound.
            cursor.execute(f"{_DELETE_FROM[connection.vendor]} ({slots})", [row[0] for row in rows])  # nosec B608
    return [(account_pk, amount) for _, account_pk, amount in rows]
