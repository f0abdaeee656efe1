"""The history of a wallet.

Two index ranges (what it gave, what it received) are merged by the database, so that a page costs the same at
any depth. `balance_after` is summed from the checkpoint before the entry: 16 entries at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from ogc.db.statements import SelectStatement, Slots
from ogc.errors import NotFound
from wallets.constants import CHAIN_TYPES, Direction
from wallets.models import Checkpoint, Entry, Transaction, Wallet
from wallets.selectors.chain_data import chain_data_for
from wallets.selectors.merged import MergedSelect


@dataclass(frozen=True, slots=True)
class Counterparty:
    """Who is on the other side: kind `user`, `challenge` (public ids) or `platform` (no id)."""

    kind: str
    id: str | None
    name: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """What a transaction did to one account of the caller: its kind, and base units."""

    account: str
    amount: int
    balance_after: int


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A transaction as one of its parties sees it; `entries` are those of their accounts, oldest first."""

    id: str
    type: str
    status: str
    amount: int
    direction: str
    counterparty: Counterparty
    memo: str
    created_at: datetime
    completed_at: datetime | None
    entries: tuple[EntryView, ...] = ()
    chain: dict[str, Any] | None = None
    pk: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What narrows a history; None: does not. `since` is the first moment, `until` the first one after."""

    type: str | None = None
    status: str | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def transactions_for_user(
    user_id: str,
    *,
    limit: int,
    where: HistoryFilter = HistoryFilter(),
    beyond: tuple[datetime, int] | None = None,
    is_backward: bool = False,
) -> list[TransactionView]:
    """Transactions of a user's wallet, newest first, in at most three queries.

    Args:
        user_id: public id of the owner.
        limit: at most this many.
        where: what narrows them.
        beyond: `created_at` and row number of the transaction after which (backward: before which) to read.
        is_backward: read towards newer ones, oldest first.
    """
    given = {
        name: value
        for name, value in (
            ("type", where.type),
            ("status", where.status),
            ("since", where.since),
            ("until", where.until),
            ("at", beyond and beyond[0]),
            ("pk", beyond and beyond[1]),
        )
        if value is not None
    }
    sides = (where.direction,) if where.direction else (Direction.OUT.value, Direction.IN.value)
    statement = _page_statement(sides, frozenset(given), limit, is_backward)
    return _views(statement.all(user_id=user_id, **{name: _bound(value) for name, value in given.items()}))


def transaction_for_user(user_id: str, transaction_id: str) -> TransactionView:
    """One transaction of a user's wallet, in at most three queries.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    rows = _ONE.all(user_id=user_id, transaction_id=transaction_id)
    if not rows:
        raise NotFound
    return _views(rows)[0]


def _bound(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _side(slots: Slots, direction: str) -> "QuerySet[Transaction, Any]":
    """Transactions in which the user's wallet is on one side, with the user on the other."""
    own, other = ("sender", "recipient") if direction == Direction.OUT else ("recipient", "sender")
    wallet = Wallet.objects.filter(user__public_id=slots.text("user_id")).values("pk")
    return Transaction.objects.filter(**{own: Subquery(wallet)}).annotate(
        wallet_pk=F(f"{own}_id"),
        direction=Value(direction, output_field=CharField()),
        party_id=F(f"{other}__user__public_id"),
        party_name=F(f"{other}__user__name"),
    )


_COLUMNS = (
    "pk",
    "created_at",
    "public_id",
    "type",
    "status",
    "amount",
    "memo",
    "reference",
    "completed_at",
    "wallet_pk",
    "direction",
    "party_id",
    "party_name",
)


@lru_cache(maxsize=512)
def _page_statement(
    sides: tuple[str, ...], given: frozenset[str], limit: int, is_backward: bool
) -> SelectStatement:
    sign = "" if is_backward else "-"

    def build(slots: Slots, direction: str) -> "QuerySet[Transaction, Any]":
        rows = _side(slots, direction).filter(_narrowed(slots, given, is_backward=is_backward))
        return rows.order_by(f"{sign}created_at", f"{sign}pk").values_list(*_COLUMNS)[:limit]

    builds = [lambda slots, side=side: build(slots, side) for side in sides]
    if len(builds) == 1:
        return SelectStatement(builds[0])
    return MergedSelect(builds, order=(2, 1), is_descending=not is_backward, limit=limit)


def _narrowed(slots: Slots, given: frozenset[str], *, is_backward: bool) -> Q:
    def moment(name: str) -> RawSQL:
        return RawSQL("%s", (slots.text(name),))

    narrowed = Q()
    for name in given & {"type", "status"}:
        narrowed &= Q(**{name: slots.text(name)})
    if "since" in given:
        narrowed &= Q(created_at__gte=moment("since"))
    if "until" in given:
        narrowed &= Q(created_at__lt=moment("until"))
    if "at" in given:
        step = "gt" if is_backward else "lt"
        further = Q(**{f"created_at__{step}": moment("at")}) | Q(**{f"pk__{step}": slots.number("pk")})
        narrowed &= Q(**{f"created_at__{step}e": moment("at")}) & further
    return narrowed


def _one(slots: Slots, direction: str) -> "QuerySet[Transaction, Any]":
    return _side(slots, direction).filter(public_id=slots.text("transaction_id")).values_list(*_COLUMNS)


_ONE = MergedSelect(
    [lambda slots: _one(slots, Direction.OUT), lambda slots: _one(slots, Direction.IN)],
    order=(2, 1),
    is_descending=True,
    limit=1,
)


def _views(rows: Sequence[tuple[Any, ...]]) -> list[TransactionView]:
    if not rows:
        return []
    entries = _entries(rows[0][9], [row[0] for row in rows])
    on_chain = [row[0] for row in rows if row[3] in CHAIN_TYPES]
    chain = chain_data_for(on_chain) if on_chain else {}
    return [
        TransactionView(
            id=public_id,
            type=type_,
            status=status,
            amount=amount,
            direction=direction,
            counterparty=_counterparty(party_id, party_name, reference),
            memo=memo,
            created_at=created_at,
            completed_at=completed_at,
            entries=tuple(entries.get(pk, ())),
            chain=chain.get(pk),
            pk=pk,
        )
        for (
            pk,
            created_at,
            public_id,
            type_,
            status,
            amount,
            memo,
            reference,
            completed_at,
            _,
            direction,
            party_id,
            party_name,
        ) in rows
    ]


def _counterparty(party_id: str | None, party_name: str | None, reference: str) -> Counterparty:
    if party_id is not None:
        return Counterparty("user", party_id, party_name or "")
    kind, _, reference_id = reference.partition(":")
    if kind in ("challenge", "address"):
        return Counterparty(kind, reference_id, "")
    return Counterparty("platform", None, "")


def _entries(wallet_pk: int, transaction_pks: Sequence[int]) -> dict[int, list[EntryView]]:
    values = {f"tx{i}": pk for i, pk in enumerate(transaction_pks)}
    by_transaction: dict[int, list[EntryView]] = {}
    for transaction_pk, kind, amount, checked, since in _entries_statement(len(values)).all(
        wallet_pk=wallet_pk, **values
    ):
        view = EntryView(kind, amount, int(checked) + int(since))
        by_transaction.setdefault(transaction_pk, []).append(view)
    return by_transaction


@lru_cache(maxsize=128)
def _entries_statement(count: int) -> SelectStatement:
    last = Checkpoint.objects.filter(account=OuterRef("account"), entry_id__lte=OuterRef("pk"))
    last = last.order_by("-entry_id")
    before = Checkpoint.objects.filter(
        account=OuterRef(OuterRef("account")), entry_id__lte=OuterRef(OuterRef("pk"))
    ).order_by("-entry_id")
    since = (
        Entry.objects.filter(
            account=OuterRef("account"),
            pk__lte=OuterRef("pk"),
            pk__gt=Coalesce(Subquery(before.values("entry_id")[:1]), 0),
        )
        .order_by()
        .values("account")
        .annotate(total=Sum("amount"))
        .values("total")
    )

    def build(slots: Slots) -> "QuerySet[Entry, Any]":
        wanted = [slots.number(f"tx{i}") for i in range(count)]
        rows = Entry.objects.filter(
            posting__transaction__in=wanted, account__wallet=slots.number("wallet_pk")
        ).annotate(
            checked=Coalesce(Subquery(last.values("balance")[:1]), 0), since=Coalesce(Subquery(since), 0)
        )
        return rows.order_by("pk").values_list(
            "posting__transaction_id", "account__kind", "amount", "checked", "since"
        )

    return SelectStatement(build)
