"""Statements and explanations of a balance: what a wallet held at a moment, and the entries behind it."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ogc.db.snapshots import snapshot
from wallets.constants import Direction, TransactionType
from wallets.selectors.books import SKEW, WAITING, Book, Line, Place, balance_at, books_of
from wallets.selectors.transactions import Counterparty, counterparty_of


class Cause(NamedTuple):
    """What made an entry: its kind, and the id of the challenge, the transaction on chain and so on."""

    kind: str
    id: str


class BookLine(NamedTuple):
    """An entry of one account as its owner sees it; base units."""

    place: Place
    account: str
    amount: int
    balance_after: int
    posted_at: datetime
    posting: str
    transaction_id: str
    type: str
    direction: str
    counterparty: Counterparty
    memo: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Balances:
    """What the accounts of a wallet held at a moment, by kind, in base units."""

    by_kind: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The sum of all four."""
        return sum(self.by_kind.values())


@dataclass(frozen=True, slots=True)
class StatementFilter:
    """What narrows the lines of a statement; its balances are never narrowed. None: does not."""

    type: str | None = None
    direction: str | None = None
    account: str | None = None

    def takes(self, line: BookLine) -> bool:
        """Whether the line is listed."""
        return (
            self.type in (None, line.type)
            and self.direction in (None, line.direction)
            and self.account in (None, line.account)
        )


def balances_at(user_id: str, moment: datetime) -> Balances:
    """What a user's accounts held at a moment, entries of that moment included.

    Raises:
        NotFound: the user has no wallet.
    """
    with snapshot():
        return Balances({book.kind: balance_at(book, moment) for book in books_of(user_id)})


def statement_lines(
    user_id: str, *, since: datetime, until: datetime, where: StatementFilter
) -> Iterator[Balances | BookLine]:
    """A statement: the opening balances, the lines, the closing balances, from one snapshot.

    Read it to its end at once: the snapshot is open meanwhile. Memory does not grow with the lines.

    Args:
        user_id: public id.
        since: the first moment.
        until: the first moment after the last.

    Raises:
        NotFound: the user has no wallet.
    """
    with snapshot():
        books = books_of(user_id)
        opening, streams = {}, []
        for book in books:
            start = book.section_before(since)
            opening[book.kind] = _sum_before(book, start, since)
            streams.append(_within(book, start, since, until))
        yield Balances(dict(opening))
        closing = dict(opening)
        for _, line in heapq.merge(*streams, key=lambda pair: pair[0]):
            closing[line.account] += line.amount
            if where.takes(line):
                yield line
        yield Balances(closing)


def _sum_before(book: Book, start: int, moment: datetime) -> int:
    total = book.sum_before(start)
    for line in book.lines(start):
        if line.posted_at >= moment + SKEW:
            break
        if line.posted_at < moment:
            total += line.amount
    return total


def _within(book: Book, start: int, since: datetime, until: datetime) -> Iterator[tuple[int, BookLine]]:
    """Lines of the period with their entry's row number, by which those of several accounts are merged."""
    for line in book.lines(start):
        if line.posted_at >= until + SKEW:
            return
        if since <= line.posted_at < until:
            yield line.entry_id, _shown(book, line)


def entries_until(
    user_id: str, kind: str, moment: datetime, *, limit: int, beyond: Place | None, is_backward: bool
) -> list[BookLine]:
    """Entries of one account up to and with a moment, newest first (backward: oldest first).

    Args:
        user_id: public id.
        kind: of the account.
        beyond: place after which to read, in the direction of reading; None starts at the moment.

    Raises:
        NotFound: the user has no wallet.
    """
    with snapshot():
        book = next(book for book in books_of(user_id) if book.kind == kind)
        beyond = beyond and book.place_now(beyond)
        end = book.section_after(moment)
        if end == book.last_section:
            end = WAITING
        if is_backward and beyond is not None:
            return _first(book, _upwards(book, moment, beyond), limit)
        return _first(book, _downwards(book, end, moment, beyond), limit)


def _downwards(book: Book, end: int, moment: datetime, beyond: Place | None) -> Iterator[Line]:
    """Lines from the newest on, some sections at a time."""
    last = end if beyond is None else beyond[0]
    sections = 8
    while last >= 0:
        first = max(0, min(last, book.last_section) - sections + 1)
        for line in sorted(book.lines(first, last), reverse=True):
            if line.posted_at <= moment and (beyond is None or line[:2] < beyond):
                yield line
        last = first - 1


def _upwards(book: Book, moment: datetime, beyond: Place) -> Iterator[Line]:
    for line in book.lines(min(beyond[0], book.last_section)):
        if line.posted_at > moment + SKEW:
            return
        if line.posted_at <= moment and line[:2] > beyond:
            yield line


def _first(book: Book, lines: Iterator[Line], limit: int) -> list[BookLine]:
    found: list[BookLine] = []
    for line in lines:
        found.append(_shown(book, line))
        if len(found) == limit:
            break
    return found


def _shown(book: Book, line: Line) -> BookLine:
    gave = line.sender_pk == book.wallet_pk
    party = line[13:16] if gave else line[10:13]
    return BookLine(
        place=(line.section, line.entry_id),
        account=book.kind,
        amount=line.amount,
        balance_after=line.balance_after,
        posted_at=line.posted_at,
        posting=line.posting_kind,
        transaction_id=line.transaction_id,
        type=line.type,
        direction=(Direction.OUT if gave else Direction.IN).value,
        counterparty=counterparty_of(party[1], party[2], line.reference),
        memo=line.memo,
        cause=cause_of(line.type, line.reference, line.transaction_id),
    )


_CAUSE_OF_REFERENCE = {"tx": "chain_log"}
"""Causes that are not called like the first part of the reference."""


def cause_of(type_: str, reference: str, transaction_id: str) -> Cause:
    """What a transaction goes back to: what its reference names, or else the transaction itself."""
    kind, separator, id_ = reference.partition(":")
    if not separator:
        return Cause(TransactionType(type_).value, transaction_id)
    return Cause(_CAUSE_OF_REFERENCE.get(kind, kind), id_)
