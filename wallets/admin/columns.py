"""Columns of base units as decimal numbers of OGC."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ogc.amounts import format_amount
from wallets.models import LedgerAccount
from wallets.selectors.balances import BALANCE


class AmountColumn:
    """For rows that have an `amount`."""

    @admin.display(description="Amount (OGC)", ordering="amount")
    def amount_ogc(self, row: Any) -> str:
        """The amount as a decimal number."""
        return format_amount(row.amount)


class BalanceColumn:
    """For accounts."""

    @admin.display(description="Balance (OGC)", ordering="held")
    def balance_ogc(self, row: Any) -> str:
        """The balance as a decimal number, with what waits to be folded."""
        return format_amount(row.held)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerAccount]:
        """With the balances."""
        rows: QuerySet[LedgerAccount] = super().get_queryset(request)  # type: ignore[misc]
        return rows.annotate(held=BALANCE)
