"""Statements, and why a balance is what it is."""

import csv
import io
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any

import orjson
from django.http import FileResponse, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc import clock
from ogc.amounts import format_amount
from ogc.api.csv import csv_text
from ogc.api.endpoint import SELF, endpoint
from ogc.api.fields import Amount, Choice, Instant
from ogc.api.pagination import page_body, read_page_request
from ogc.api.responses import ok
from ogc.api.serializers import OutSerializer, PageOut, PeriodQuery, StrictSerializer
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, NotFound, ValidationFailed
from wallets.api.serializers import BalancesOut, CounterpartyOut
from wallets.constants import WALLET_KINDS, AccountKind, Direction, TransactionType
from wallets.selectors.statements import (
    Balances,
    BookLine,
    StatementFilter,
    balance_explained,
    statement_lines,
)

KINDS = [kind.value for kind in WALLET_KINDS]
MEMORY_BYTES = 1024 * 1024
"""Of a statement that is kept in memory; a longer one goes to a temporary file."""

CSV_COLUMNS = (
    "time", "transaction", "type", "posting", "account", "amount", "balance_after", "direction",
    "counterparty_kind", "counterparty", "counterparty_id", "memo", "cause_kind", "cause_id",
)  # fmt: skip


class StatementQuery(PeriodQuery):
    """Without `from` 30 days before `to`, without `to` until now."""

    format = Choice(["json", "csv"], required=False, default="json")
    type = Choice(TransactionType.values, required=False)
    direction = Choice(Direction.values, required=False)
    account = Choice(KINDS, required=False)


class BalanceAtQuery(StrictSerializer):
    at = Instant(help_text="Entries of this moment count.")
    account = Choice(
        [kind.value for kind in WALLET_KINDS], required=False, default=AccountKind.AVAILABLE.value
    )


class CauseOut(OutSerializer):
    kind = serializers.CharField(
        help_text="challenge, mining, grant, chain_log, address, transaction … or the transaction's type."
    )
    id = serializers.CharField()


class BookLineOut(OutSerializer):
    created_at = Instant()
    transaction = serializers.CharField()
    type = serializers.ChoiceField(TransactionType.choices)
    posting = serializers.CharField(help_text="post, hold, settle, void, release or reverse.")
    account = serializers.ChoiceField(KINDS)
    amount = Amount(signed=True)
    balance_after = Amount(help_text="Of the account.")
    direction = serializers.ChoiceField(Direction.choices)
    counterparty = CounterpartyOut()
    memo = serializers.CharField()
    cause = CauseOut()


class PairOut(OutSerializer):
    opening = Amount()
    closing = Amount()


class AccountsOut(OutSerializer):
    available = PairOut()
    pending = PairOut()
    staked = PairOut()
    reserved = PairOut()


class StatementOut(OutSerializer):
    to = Instant()
    opening_balance = Amount(help_text="The total of the four accounts at `from`.")
    entries = BookLineOut(many=True, help_text="Oldest first.")
    closing_balance = Amount(help_text="The opening balance and all entries, the filtered ones too.")
    accounts = AccountsOut()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Adds `from`, which Python does not take as an attribute."""
        return {"from": Instant(), **super().get_fields()}


class BalanceAtOut(PageOut):
    at = Instant()
    balances = BalancesOut()
    account = serializers.ChoiceField(KINDS)
    results = BookLineOut(many=True, help_text="Entries of the account up to then, newest first.")


def line_json(line: BookLine) -> dict[str, Any]:
    """The shape `BookLineOut`."""
    party = line.counterparty
    return {
        "created_at": line.posted_at,
        "transaction": line.transaction_id,
        "type": line.type,
        "posting": line.posting,
        "account": line.account,
        "amount": format_amount(line.amount),
        "balance_after": format_amount(line.balance_after),
        "direction": line.direction,
        "counterparty": {"kind": party.kind, "id": party.id, "name": party.name},
        "memo": line.memo,
        "cause": {"kind": line.cause.kind, "id": line.cause.id},
    }


def balances_json(balances: Balances) -> dict[str, str]:
    """The shape `BalancesOut`."""
    by_kind = {kind.value: format_amount(balances.by_kind[kind]) for kind in WALLET_KINDS}
    return {**by_kind, "total": format_amount(balances.total)}


class StatementView(ApiView):
    """/wallet/statement"""

    @endpoint(
        summary="Statement of my wallet",
        description="Balances at both ends and every entry between. `type`, `direction` and `account` narrow "
        "the entries, never the balances. `format=csv` answers the same as a CSV file.",
        tags=["wallet"],
        scope=SELF,
        query=StatementQuery,
        responses={200: StatementOut},
        also_content_type="text/csv",
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> FileResponse:
        """Streamed: its length does not matter."""
        until = query.get("to") or clock.now()
        since = query.get("from") or until - timedelta(days=30)
        if since >= until:
            raise ValidationFailed({"from": [("order", "This must be before `to`.")]})
        where = StatementFilter(query.get("type"), query.get("direction"), query.get("account"))
        parts = statement_lines(self.actor.key, since=since, until=until, where=where)
        # Written before it is sent, so that no snapshot of the database waits for a slow client.
        file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        if query["format"] == "csv":
            _write_csv(file, parts)
        else:
            _write_json(file, parts, {"from": since, "to": until})
        file.seek(0)
        name = f"statement-{since:%Y-%m-%d}-{until:%Y-%m-%d}.{query['format']}"
        content_type = "text/csv" if query["format"] == "csv" else "application/json"
        is_csv = query["format"] == "csv"
        return FileResponse(file, as_attachment=is_csv, filename=name, content_type=content_type)


def _write_json(file: IO[bytes], parts: "Iterator[Balances | BookLine]", head: dict[str, Any]) -> None:
    opening = _balances(next(parts))
    head["opening_balance"] = format_amount(opening.total)
    file.write(_bytes(head)[:-1] + b',"entries":[')
    comma, closing = b"", opening
    for part in parts:
        if isinstance(part, Balances):
            closing = part
            continue
        file.write(comma + _bytes(line_json(part)))
        comma = b","
    tail = {
        "closing_balance": format_amount(closing.total),
        "accounts": {
            kind: {"opening": format_amount(amount), "closing": format_amount(closing.by_kind[kind])}
            for kind, amount in opening.by_kind.items()
        },
    }
    file.write(b"]," + _bytes(tail)[1:])


def _write_csv(file: IO[bytes], parts: "Iterator[Balances | BookLine]") -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    names = iter(("opening_balance", "closing_balance"))
    for part in parts:
        if isinstance(part, Balances):
            line = {"type": next(names), "account": "total", "balance_after": format_amount(part.total)}
        else:
            line = _csv_line(part)
        writer.writerow([line.get(column, "") for column in CSV_COLUMNS])
    text.detach()


def _csv_line(line: BookLine) -> dict[str, str]:
    party = line.counterparty
    return line_json(line) | {
        "time": line.posted_at.isoformat().replace("+00:00", "Z"),
        "counterparty_kind": party.kind,
        "counterparty": csv_text(party.name),
        "counterparty_id": csv_text(party.id or ""),
        "memo": csv_text(line.memo),
        "cause_kind": line.cause.kind,
        "cause_id": csv_text(line.cause.id),
    }


def _balances(part: Balances | BookLine) -> Balances:
    assert isinstance(part, Balances)
    return part


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


class BalanceAtView(ApiView):
    """/wallet/balance-at"""

    ORDER = ("-place",)

    @endpoint(
        summary="My balance at a moment, and what it came from",
        description="The four balances then, and the entries of one of the accounts up to then, with what "
        "caused them.",
        tags=["wallet"],
        scope=SELF,
        query=BalanceAtQuery,
        responses={200: BalanceAtOut},
        errors=[NotFound, CursorInvalid],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        page = read_page_request(request, name="wallet.balance_at", order=self.ORDER, filters=query)
        found = balance_explained(
            self.actor.key,
            query["account"],
            query["at"],
            limit=page.size + 1,
            beyond=page.cursor.values or None,
            is_backward=page.cursor.is_backward,
        )
        body = page_body(request, page, found.lines, key=lambda line: line.place, render=line_json)
        balances = balances_json(found.balances)
        return ok({"at": query["at"], "balances": balances, "account": query["account"], **body})
