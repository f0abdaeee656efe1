"""The entries of one account in their order, and where a moment falls among them.

An entry counts from the moment its posting was written. Under an account's lock these moments rise with the
order of its entries; clocks of several machines, and credits to lazy accounts whose transaction stays open
for a while, may be off by `SKEW` at most, so that much is read more on both sides of a moment.

Places are pairs of section and entry. What waits to be folded comes last, in section `WAITING`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from ogc.errors import NotFound
from wallets.constants import SECTION_ENTRIES
from wallets.models import Checkpoint, Entry, FoldedEntry, UnfoldedEntry
from wallets.selectors.books_sql import books_sql

Place = tuple[int, int]
"""Section and entry."""

SKEW = timedelta(seconds=60)
SPAN = 32
"""Sections that one statement reads: at most 512 entries."""

WAITING = 2**31 - 1

_COLUMNS = (
    "amount", "posting__kind", "posting__created_at", "posting__transaction_id",
    "posting__transaction__public_id", "posting__transaction__type", "posting__transaction__memo",
    "posting__transaction__reference", "posting__transaction__sender_id",
    "posting__transaction__sender__user__public_id", "posting__transaction__sender__user__name",
    "posting__transaction__recipient__user__public_id", "posting__transaction__recipient__user__name",
)  # fmt: skip
_SECTION_SUM = Checkpoint.objects.filter(account_id=OuterRef("account_id"), section=OuterRef("section"))


class Line(NamedTuple):
    """An entry of one account with the transaction behind it; base units. Numbers of rows end in `_pk`."""

    section: int
    entry_pk: int
    amount: int
    posting_kind: str
    posted_at: datetime
    transaction_pk: int
    transaction_id: str
    type: str
    memo: str
    reference: str
    sender_pk: int | None
    sender_id: str | None
    sender_name: str | None
    recipient_id: str | None
    recipient_name: str | None
    section_sum: int | None
    balance_after: int = 0

    @property
    def place(self) -> Place:
        """Section and entry."""
        return self.section, self.entry_pk


@dataclass(frozen=True, slots=True)
class Book:
    """One account of a wallet, opened for reading at a moment.

    `first` is a section that starts before the moment, with `first_sum`, and `end` the last one that can hold
    entries of it or before. `row_balance` is without what waits to be folded.
    """

    account_pk: int
    wallet_pk: int
    kind: str
    is_lazy: bool
    row_balance: int
    entry_count: int
    first: int
    end: int
    first_sum: int

    @property
    def last_section(self) -> int:
        """The section of the last entry that is in the row's balance."""
        return max(0, self.entry_count - 1) // SECTION_ENTRIES

    def place_now(self, place: Place) -> Place:
        """Where the line is that had this place: what waited may be folded by now."""
        if place[0] != WAITING:
            return place
        folded = FoldedEntry.objects.filter(account_id=self.account_pk, entry_id=place[1])
        section = folded.values_list("section", flat=True).first()
        return place if section is None else (section, place[1])

    def lines(self, first: int, last: int = WAITING) -> Iterator[Line]:
        """Lines of these sections in order, each with the balance after it; read in chunks."""
        for start in range(first, min(last, self.last_section) + 1 if self.entry_count else 0, SPAN):
            end = min(start + SPAN - 1, last)
            here = Q(account_id=self.account_pk, section__gte=start, section__lte=end)
            rows = _read(Entry.objects.filter(here), "", is_placed=True)
            if self.is_lazy:
                rows += _read(FoldedEntry.objects.filter(here), "entry__", is_placed=True)
            for _, section in groupby(sorted(rows), key=lambda line: line.section):
                yield from _running(section)
        if self.is_lazy and last == WAITING:
            waiting = UnfoldedEntry.objects.filter(account_id=self.account_pk)
            rows = _read(waiting, "entry__", is_placed=False)
            yield from _running(line._replace(section_sum=self.row_balance) for line in sorted(rows))


def books_of(user_id: str, moment: datetime) -> list[Book]:
    """The books of a user's wallet at a moment, by row number; one query.

    Raises:
        NotFound: the user has no wallet.
    """
    adapt = connection.ops.adapt_datetimefield_value
    values = {"user_id": user_id, "early": adapt(moment - SKEW), "late": adapt(moment + SKEW)}
    with connection.cursor() as cursor:
        cursor.execute(books_sql(connection.vendor), values)
        rows = cursor.fetchall()
    if not rows:
        raise NotFound
    return [
        Book(pk, wallet_pk, kind, bool(lazy), balance, count, int(first), int(end), int(first_sum))
        for pk, wallet_pk, kind, lazy, balance, count, first, end, first_sum in rows
    ]


def balances_of(books: Sequence[Book], moment: datetime, *, inclusive: bool) -> dict[str, int]:
    """What the accounts held at the moment for which the books are open, by kind; one query, and two more
    when one of them is lazy.

    Args:
        inclusive: whether entries of the moment itself count.
    """
    places = Q(pk__in=[])
    for book in books:
        places |= Q(account_id=book.account_pk, section__gte=book.first, section__lte=book.end)
    sums = {book.account_pk: book.first_sum for book in books}
    lazy = [book.account_pk for book in books if book.is_lazy]
    sources: list[tuple[QuerySet[Any], str]] = [(Entry.objects.filter(places), "")]
    if lazy:
        sources.append((FoldedEntry.objects.filter(places, account_id__in=lazy), "entry__"))
        sources.append((UnfoldedEntry.objects.filter(account_id__in=lazy), "entry__"))
    until = "lte" if inclusive else "lt"
    for rows, prefix in sources:
        counting = rows.filter(**{f"{prefix}posting__created_at__{until}": moment}).order_by()
        for pk, total in counting.values_list("account_id").annotate(total=Sum("amount")):
            sums[pk] += int(total)
    return {book.kind: sums[book.account_pk] for book in books}


def _running(lines: Iterator[Line]) -> Iterator[Line]:
    """Lines that start from one sum, with the balance after each."""
    running = None
    for line in lines:
        running = ((line.section_sum or 0) if running is None else running) + line.amount
        yield line._replace(balance_after=running)


def _read(rows: "QuerySet[Any, Any]", prefix: str, *, is_placed: bool) -> list[Line]:
    names = [f"{prefix}{column}" for column in ("pk", *_COLUMNS)]
    if is_placed:
        rows = rows.annotate(section_sum=Subquery(_SECTION_SUM.values("balance")))
        return [Line(*row) for row in rows.values_list("section", *names, "section_sum")]
    return [Line(*(WAITING, *row, None)) for row in rows.values_list(*names)]
