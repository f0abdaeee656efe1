"""Statements, and why a balance is what it is."""

from datetime import timedelta
from typing import Any

from django.http import FileResponse, HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc import clock
from ogc.api.endpoint import SELF, endpoint
from ogc.api.fields import Amount, Choice, Instant
from ogc.api.pagination import page_body, read_page_request
from ogc.api.responses import ok
from ogc.api.serializers import OutSerializer, PageOut, PeriodQuery, StrictSerializer
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, NotFound, ValidationFailed
from wallets.api.serializers import BalancesOut, CounterpartyOut
from wallets.api.shapes import balances_json, line_json
from wallets.api.statement_files import csv_file, json_file
from wallets.constants import WALLET_KINDS, AccountKind, Direction, TransactionType
from wallets.selectors.statements import StatementFilter, balance_explained, statement_lines

DEFAULT_DAYS = 30
KINDS = [kind.value for kind in WALLET_KINDS]


class StatementQuery(PeriodQuery):
    """Without `from` from 30 days before `to` on, without `to` up to now."""

    format = Choice(["json", "csv"], required=False, default="json")
    type = Choice(TransactionType.values, required=False)
    direction = Choice(Direction.values, required=False)
    account = Choice(KINDS, required=False)


class BalanceAtQuery(StrictSerializer):
    at = Instant(help_text="Entries of this moment count.")
    account = Choice(KINDS, required=False, default=AccountKind.AVAILABLE.value)


class CauseOut(OutSerializer):
    kind = serializers.CharField(
        help_text="challenge, plan, mining, grant, chain_log, address, subscription, transaction; or, where "
        "nothing else is behind it, the type of the transaction."
    )
    id = serializers.CharField(help_text="Of that; of `mining` the day, of `chain_log` the hash.")


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


class StatementView(ApiView):
    """/wallet/statement"""

    @endpoint(
        summary="Statement of my wallet",
        description="Balances at both ends and every entry between. `type`, `direction` and `account` narrow "
        "the entries, never the balances. `format=csv` answers the entries as a CSV file, between lines with "
        "the opening and the closing balance.",
        tags=["wallet"],
        scope=SELF,
        query=StatementQuery,
        responses={200: StatementOut},
        also_content_type="text/csv",
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> FileResponse:
        """Its length does not matter."""
        until = query.get("to") or clock.now()
        since = query.get("from") or until - timedelta(days=DEFAULT_DAYS)
        if since >= until:
            raise ValidationFailed({"from": [("order", "This must be before `to`.")]})
        where = StatementFilter(query.get("type"), query.get("direction"), query.get("account"))
        parts = statement_lines(self.actor.key, since=since, until=until, where=where)
        is_csv = query["format"] == "csv"
        return FileResponse(
            (csv_file if is_csv else json_file)(parts, since, until),
            as_attachment=is_csv,
            filename=f"statement-{since:%Y-%m-%d}-{until:%Y-%m-%d}.{query['format']}",
            content_type="text/csv; charset=utf-8" if is_csv else "application/json",
        )


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
        balances = balances_json(found.balances.by_kind)
        return ok({"at": query["at"], "balances": balances, "account": query["account"], **body})
