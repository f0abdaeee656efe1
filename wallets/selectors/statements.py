"""Statements and explanations of a balance: what a wallet held at a moment, and the entries behind it."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from ogc.db.snapshots import snapshot
from wallets.constants import SECTION_ENTRIES, Direction, PostingKind, TransactionType
from wallets.selectors.books import SKEW, WAITING, Book, Line, Place, balances_of, books_of
from wallets.selectors.chain_data import chain_data_for
from wallets.selectors.transactions import Counterparty, counterparty_of, with_titles

CHUNK = 500
"""Lines of a statement that are made at once."""


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


@dataclass(frozen=True, slots=True)
class Explained:
    """The balances of a wallet at a moment, and a page of the entries of one account behind them."""

    balances: Balances
    lines: list[BookLine]


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
        books = books_of(user_id, since)
        opening = balances_of(books, since, inclusive=False)
        yield Balances(dict(opening))
        closing = dict(opening)
        # Accounts are merged by the row numbers of their entries; the order within each stays.
        streams = [_within(book, since, until) for book in books]
        pairs = heapq.merge(*streams, key=lambda pair: pair[1].entry_pk)
        while chunk := list(islice(pairs, CHUNK)):
            for line in _shown(chunk):
                closing[line.account] += line.amount
                if where.takes(line):
                    yield line
        yield Balances(closing)


def _within(book: Book, since: datetime, until: datetime) -> Iterator[tuple[Book, Line]]:
    for line in book.lines(book.first):
        if line.posted_at >= until + SKEW:
            return
        if since <= line.posted_at < until:
            yield book, line


def balance_explained(
    user_id: str, kind: str, moment: datetime, *, limit: int, beyond: Place | None, is_backward: bool
) -> Explained:
    """The balances at a moment, and entries of one account up to and with it; from one snapshot.

    Args:
        user_id: public id.
        kind: of the account.
        limit: at most this many entries; newest first, backward: oldest first.
        beyond: place after which to read, in the direction of reading; None starts at the moment.

    Raises:
        NotFound: the user has no wallet.
    """
    with snapshot():
        books = books_of(user_id, moment)
        book = next(book for book in books if book.kind == kind)
        if beyond is not None:
            beyond = book.place_now(beyond)
        if is_backward and beyond is not None:
            lines = _upwards(book, moment, beyond)
        else:
            lines = _downwards(book, moment, beyond, limit)
        found = _shown([(book, line) for line in islice(lines, limit)])
        return Explained(Balances(balances_of(books, moment, inclusive=True)), found)


def _downwards(book: Book, moment: datetime, beyond: Place | None, limit: int) -> Iterator[Line]:
    """Lines from the newest on, about as many in one read as are wanted."""
    last = book.end if beyond is None else beyond[0]
    if last >= book.last_section and beyond is None:
        last = WAITING
    sections = limit // SECTION_ENTRIES + 2
    while last >= 0:
        first = max(0, min(last, book.last_section) - sections + 1)
        for line in reversed(list(book.lines(first, last))):
            if line.posted_at <= moment and (beyond is None or line.place < beyond):
                yield line
        last = first - 1


def _upwards(book: Book, moment: datetime, beyond: Place) -> Iterator[Line]:
    for line in book.lines(min(beyond[0], book.last_section)):
        if line.posted_at > moment + SKEW:
            return
        if line.posted_at <= moment and line.place > beyond:
            yield line


def _shown(pairs: Iterable[tuple[Book, Line]]) -> list[BookLine]:
    """Lines as their owner sees them; one query for those on chain, one for those of challenges."""
    pairs = list(pairs)
    settled = {line.transaction_pk for _, line in pairs if _is_seen_on_chain(line)}
    chain = chain_data_for(settled) if settled else {}
    parties = with_titles([_counterparty(book, line) for book, line in pairs])
    shown = []
    for (book, line), party in zip(pairs, parties, strict=True):
        cause = cause_of(line.type, line.reference, line.transaction_id)
        tx_hash = chain[line.transaction_pk]["tx_hash"] if line.transaction_pk in chain else None
        if tx_hash and _is_seen_on_chain(line):
            cause = Cause("chain_log", tx_hash)
        gave = line.sender_pk == book.wallet_pk
        shown.append(
            BookLine(
                place=line.place,
                account=book.kind,
                amount=line.amount,
                balance_after=line.balance_after,
                posted_at=line.posted_at,
                posting=line.posting_kind,
                transaction_id=line.transaction_id,
                type=line.type,
                direction=(Direction.OUT if gave else Direction.IN).value,
                counterparty=party,
                memo=line.memo,
                cause=cause,
            )
        )
    return shown


def _is_seen_on_chain(line: Line) -> bool:
    """Whether the posting books what a withdrawal did on chain; holding and giving back are ours."""
    return line.type == TransactionType.WITHDRAWAL and line.posting_kind == PostingKind.SETTLE


def _counterparty(book: Book, line: Line) -> Counterparty:
    gave = line.sender_pk == book.wallet_pk
    party = (line.recipient_id, line.recipient_name) if gave else (line.sender_id, line.sender_name)
    return counterparty_of(*party, line.reference)


_CAUSE_OF_REFERENCE = {"tx": "chain_log"}
"""Causes that are not called like the first part of the reference."""


def cause_of(type_: str, reference: str, transaction_id: str) -> Cause:
    """What a transaction goes back to: what its reference names, or else the transaction itself."""
    kind, separator, id_ = reference.partition(":")
    if not separator:
        return Cause(TransactionType(type_).value, transaction_id)
    return Cause(_CAUSE_OF_REFERENCE.get(kind, kind), id_)
