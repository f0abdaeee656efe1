"""The entries of one account in their order, and where a moment falls among them.

An entry counts from the moment its posting was written. Under an account's lock these moments rise with the
order of its entries; clocks of several machines, and credits to lazy accounts whose transaction stays open
for a while, may be off by `SKEW` at most, so that much is read more on both sides of a moment.

Places are pairs of section and entry. What waits to be folded comes last, in section `WAITING`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from ogc.errors import NotFound
from wallets.constants import SECTION_ENTRIES
from wallets.models import Checkpoint, Entry, FoldedEntry, LedgerAccount, UnfoldedEntry

SKEW = timedelta(seconds=60)
SPAN = 32
"""Sections that one statement reads: at most 512 entries."""

WAITING = 2**31 - 1

Place = tuple[int, int]
"""Section and entry."""

_COLUMNS = (
    "amount", "posting__kind", "posting__created_at", "posting__transaction__public_id",
    "posting__transaction__type", "posting__transaction__status", "posting__transaction__memo",
    "posting__transaction__reference", "posting__transaction__sender_id",
    "posting__transaction__sender__user__public_id", "posting__transaction__sender__user__name",
    "posting__transaction__recipient_id", "posting__transaction__recipient__user__public_id",
    "posting__transaction__recipient__user__name",
)  # fmt: skip


class Line(NamedTuple):
    """An entry of one account with the transaction behind it; base units. Wallets are row numbers."""

    section: int
    entry_id: int
    amount: int
    posting_kind: str
    posted_at: datetime
    transaction_id: str
    type: str
    status: str
    memo: str
    reference: str
    sender_pk: int | None
    sender_id: str | None
    sender_name: str | None
    recipient_pk: int | None
    recipient_id: str | None
    recipient_name: str | None
    balance_after: int = 0


@dataclass(frozen=True, slots=True)
class Book:
    """One account of a wallet, opened for reading."""

    account_pk: int
    wallet_pk: int
    kind: str
    is_lazy: bool
    last_section: int

    def section_before(self, moment: datetime) -> int:
        """A section that starts before this moment (by SKEW at least), as late as can be told.

        One query for each halving: nothing grows with the history but their number, by its logarithm.
        """
        low, high = 0, self.last_section
        while low < high:
            middle = (low + high + 1) // 2
            starts = Checkpoint.objects.filter(account_id=self.account_pk, section=middle).values("entry_id")
            posted = Entry.objects.filter(pk__in=starts).values_list("posting__created_at", flat=True).first()
            if posted is not None and posted < moment - SKEW:
                low = middle
            else:
                high = middle - 1
        return low

    def section_after(self, moment: datetime) -> int:
        """The last section that can hold entries of this moment or before."""
        return self.section_before(moment + 2 * SKEW)

    def sum_before(self, section: int) -> int:
        """The balance with which a section starts."""
        if section == 0:
            return 0
        at = Checkpoint.objects.filter(account_id=self.account_pk, section=section)
        return at.values_list("balance", flat=True).get()

    def place_now(self, place: Place) -> Place:
        """Where the line is that had this place: what waited may be folded by now."""
        if place[0] != WAITING:
            return place
        folded = FoldedEntry.objects.filter(account_id=self.account_pk, entry_id=place[1])
        section = folded.values_list("section", flat=True).first()
        return place if section is None else (section, place[1])

    def lines(self, first: int, last: int = WAITING) -> Iterator[Line]:
        """Lines of these sections in order, each with the balance after it; read in chunks."""
        running = self.sum_before(first)
        for line in self._lines(first, last):
            running += line.amount
            yield line._replace(balance_after=running)

    def _lines(self, first: int, last: int) -> Iterator[Line]:
        for start in range(first, min(last, self.last_section) + 1, SPAN):
            end = min(start + SPAN - 1, last)
            here = Q(account_id=self.account_pk, section__gte=start, section__lte=end)
            rows = _read(Entry.objects.filter(here), "", "section")
            if self.is_lazy:
                rows += _read(FoldedEntry.objects.filter(here), "entry__", "section")
            yield from sorted(rows)
        if self.is_lazy and last == WAITING:
            waiting = UnfoldedEntry.objects.filter(account_id=self.account_pk)
            yield from sorted(_read(waiting, "entry__", None))


def books_of(user_id: str) -> list[Book]:
    """The books of a user's wallet, by kind in the order of their row numbers.

    Raises:
        NotFound: the user has no wallet.
    """
    accounts = LedgerAccount.objects.filter(wallet__user__public_id=user_id).order_by("pk")
    rows = accounts.values_list("pk", "wallet_id", "kind", "lazy", "entry_count")
    books = [
        Book(pk, wallet_pk, kind, lazy, max(0, count - 1) // SECTION_ENTRIES)
        for pk, wallet_pk, kind, lazy, count in rows
    ]
    if not books:
        raise NotFound
    return books


def balance_at(book: Book, moment: datetime) -> int:
    """The sum of the entries that were posted up to and with this moment."""
    start = book.section_before(moment)
    total = book.sum_before(start)
    for line in book.lines(start):
        if line.posted_at > moment + SKEW:
            break
        if line.posted_at <= moment:
            total += line.amount
    return total


def _read(rows: "QuerySet[Any, Any]", prefix: str, section: str | None) -> list[Line]:
    names = [prefix + column for column in _COLUMNS]
    entry = f"{prefix}id" if prefix else "pk"
    if section is None:
        return [Line(WAITING, *row) for row in rows.values_list(entry, *names)]
    return [Line(*row) for row in rows.values_list(section, entry, *names)]
