"""The history of a wallet, as its owner sees it.

Views are named tuples and instants are text in the API's form: a page of them is made on each read of the
history, and both are several times cheaper than the alternatives.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connection, connections

from ogc.db.statements import run
from ogc.errors import NotFound
from wallets.constants import CHAIN_TYPES, WALLET_KINDS, Direction
from wallets.ports import challenge_titles
from wallets.selectors.chain_data import chain_data_for
from wallets.selectors.history_sql import all_history_sql, history_sql
from wallets.selectors.wallets import wallet_rows

BOTH_SIDES = (Direction.OUT.value, Direction.IN.value)


class Counterparty(NamedTuple):
    """Who is on the other side: kind `user` or `challenge` (public id), `address` (0x), `platform` (none)."""

    kind: str
    id: str | None
    name: str


class EntryView(NamedTuple):
    """What a transaction did to one account of the caller: its kind, and base units."""

    account: str
    amount: int
    balance_after: int


class TransactionView(NamedTuple):
    """A transaction as one of its parties sees it.

    Instants are ISO 8601 text with Z. `entries` are those of the party's accounts, oldest first. `pk` is the
    row number, for paging only. `wallet_id` is the party's wallet, known where it is not the caller's.
    """

    pk: int
    id: str
    type: str
    status: str
    amount: int
    direction: str
    counterparty: Counterparty
    memo: str
    created_at: str
    completed_at: str | None
    entries: list[EntryView]
    chain: dict[str, Any] | None = None
    wallet_id: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What narrows a history; None: does not. `since` is the first moment, `until` the first one after."""

    type: str | None = None
    status: str | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = HistoryFilter()


def transactions_for_user(
    user_id: str,
    *,
    limit: int,
    where: HistoryFilter = EVERYTHING,
    beyond: tuple[str, int] | None = None,
    is_backward: bool = False,
) -> list[TransactionView]:
    """Transactions of a user's wallet, newest first, in at most three queries (mostly one).

    Args:
        user_id: public id of the owner.
        limit: at most this many.
        where: what narrows them.
        beyond: `created_at` and `pk` of the view after which (backward: before which) to read.
        is_backward: read towards newer ones, oldest first.
    """
    conditions, values = _narrowed(where, beyond, is_backward=is_backward)
    sides = (where.direction,) if where.direction else BOTH_SIDES
    return _read(user_id, sides, conditions, limit, values, is_backward=is_backward)


def transactions_of_all(
    *,
    limit: int,
    where: HistoryFilter = EVERYTHING,
    beyond: tuple[str, int] | None = None,
    is_backward: bool = False,
) -> list[TransactionView]:
    """Everybody's transactions, newest first, as their givers see them (without one: their receivers); for
    staff, see `services.staff_reads`. At most three queries; arguments as of `transactions_for_user`, without
    direction.
    """
    conditions, values = _narrowed(where, beyond, is_backward=is_backward)
    return _read_all(conditions, limit, values, is_backward=is_backward)


def transaction_of_anybody(transaction_id: str) -> TransactionView:
    """One transaction as its giver sees it (without one: its receiver); for staff.

    Raises:
        NotFound: there is none.
    """
    views = _read_all(frozenset({"one"}), 1, {"transaction_id": transaction_id})
    if not views:
        raise NotFound
    return views[0]


def _narrowed(
    where: HistoryFilter, beyond: tuple[str, int] | None, *, is_backward: bool
) -> tuple[frozenset[str], dict[str, Any]]:
    """Names of the conditions of a page, and their values."""
    values: dict[str, Any] = {
        "type": where.type,
        "status": where.status,
        "since": where.since and connection.ops.adapt_datetimefield_value(where.since),
        "until": where.until and connection.ops.adapt_datetimefield_value(where.until),
    }
    conditions = {name for name, value in values.items() if value is not None}
    if beyond is not None:
        conditions.add("newer" if is_backward else "older")
        values |= {"at": f"{beyond[0][:10]} {beyond[0][11:-1]}", "pk": beyond[1]}
    return frozenset(conditions), values


def transaction_for_user(user_id: str, transaction_id: str) -> TransactionView:
    """One transaction of a user's wallet, in at most three queries.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    views = _read(user_id, BOTH_SIDES, frozenset({"one"}), 1, {"transaction_id": transaction_id})
    if not views:
        raise NotFound
    return views[0]


def iso_text(instant: datetime) -> str:
    """An aware UTC instant in the API's form."""
    return f"{instant.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _read(
    user_id: str,
    sides: tuple[str, ...],
    conditions: frozenset[str],
    limit: int,
    values: dict[str, Any],
    *,
    is_backward: bool = False,
) -> list[TransactionView]:
    wallet_pk, kinds = wallet_rows(user_id)
    link = connections[DEFAULT_DB_ALIAS]
    sql = history_sql(link.vendor, sides, conditions, limit, is_backward=is_backward)
    values |= {"wallet": wallet_pk, **{f"account{i}": pk for i, pk in enumerate(kinds)}}
    return _completed(_views(run(link, sql, values)[0], kinds))


def _read_all(
    conditions: frozenset[str], limit: int, values: dict[str, Any], *, is_backward: bool = False
) -> list[TransactionView]:
    sql = all_history_sql(conditions, limit, is_backward=is_backward)
    rows = run(connections[DEFAULT_DB_ALIAS], sql, values)[0]
    views = _views([row[:-1] for row in rows], {kind.value: kind.value for kind in WALLET_KINDS})
    tellers = {row[0]: row[-1] for row in rows}
    return _completed([view._replace(wallet_id=tellers[view.pk]) for view in views])


def _completed(views: list[TransactionView]) -> list[TransactionView]:
    """With the titles of challenges and what the chain says; one query for each, where there are any."""
    if any(view.counterparty.kind == "challenge" for view in views):
        parties = with_titles([view.counterparty for view in views])
        views = [view._replace(counterparty=party) for view, party in zip(views, parties, strict=True)]
    on_chain = [view.pk for view in views if view.type in CHAIN_TYPES]
    if not on_chain:
        return views
    chain = chain_data_for(on_chain)
    return [view._replace(chain=chain.get(view.pk)) for view in views]


def _views(rows: Sequence[tuple[Any, ...]], kinds: Mapping[Any, str]) -> list[TransactionView]:
    """One view for each transaction; its rows, one for each entry, come together."""
    views: list[TransactionView] = []
    for (
        pk, public_id, type_, status, amount, memo, reference, created_at, completed_at, direction,
        party_id, party_name, account_pk, entry_amount, balance_after,
    ) in rows:  # fmt: skip
        entries = []
        if account_pk is not None:
            entries = [EntryView(kinds[account_pk], entry_amount, int(balance_after))]
        if views and views[-1].pk == pk:
            views[-1].entries.extend(entries)
            continue
        views.append(
            TransactionView(
                pk, public_id, type_, status, amount, direction,
                counterparty_of(party_id, party_name, reference),
                memo, _iso(created_at), completed_at and _iso(completed_at), entries,
            )
        )  # fmt: skip
    return views


def _iso(text: str) -> str:
    return f"{text[:10]}T{text[11:]}Z"


def counterparty_of(party_id: str | None, party_name: str | None, reference: str) -> Counterparty:
    """The other side of a transaction: a user, or what its reference names, or the platform."""
    if party_id is not None:
        return Counterparty("user", party_id, party_name or "")
    kind, _, reference_id = reference.partition(":")
    if kind in ("challenge", "address"):
        return Counterparty(kind, reference_id, "")
    return Counterparty("platform", None, "")


def with_titles(parties: list[Counterparty]) -> list[Counterparty]:
    """The same, challenges with their titles; one query when there are any."""
    ids = {party.id for party in parties if party.kind == "challenge" and party.id}
    if not ids:
        return parties
    titles = challenge_titles(ids)
    return [
        party._replace(name=titles.get(party.id or "", "")) if party.kind == "challenge" else party
        for party in parties
    ]
