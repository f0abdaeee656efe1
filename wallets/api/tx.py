"""/tx: other names for the calls of /wallet that read transactions and withdraw. Same services, same rows."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc.api.endpoint import SELF, endpoint
from ogc.api.fields import Choice, PublicId
from ogc.api.pagination import page_body, read_page_request
from ogc.api.responses import ok
from ogc.api.serializers import PageOut, PeriodQuery
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, NotFound
from wallets.api.serializers import TransactionOut
from wallets.api.shapes import transaction_json
from wallets.api.views import TransferView
from wallets.constants import TransactionStatus, TransactionType
from wallets.selectors import HistoryFilter, transactions_for_user
from wallets.selectors.transactions import TransactionView, transactions_of_all
from wallets.services.staff_reads import transaction_view, transactions_owner

TAGS = ["tx"]
STAFF = "Holders of `admin.read` see everybody's, from the giver's side; that is in the audit trail."


class TxQuery(PeriodQuery):
    wallet_id = PublicId(required=False)
    type = Choice(TransactionType.values, required=False)
    status = Choice(TransactionStatus.values, required=False)


class TxOut(TransactionOut):
    wallet_id = serializers.CharField(
        allow_null=True,
        help_text="From whose side it is told; null: from the caller's, or no wallet had a part in it.",
    )


class TxPageOut(PageOut):
    results = TxOut(many=True, help_text="Newest first: -created_at, then id.")


def tx_json(transaction: TransactionView, wallet_id: str | None = None) -> dict[str, Any]:
    """The shape `TxOut`; `wallet_id` where the caller named the wallet."""
    return transaction_json(transaction) | {"wallet_id": wallet_id or transaction.wallet_id}


class TxListView(ApiView):
    """/tx/list"""

    ORDER = ("-created_at", "-id")

    @endpoint(
        action="transactions.list",
        summary="Transactions",
        description=f"As /wallet/transactions. {STAFF}",
        tags=TAGS,
        scope=SELF,
        query=TxQuery,
        responses={200: TxPageOut},
        errors=[NotFound, CursorInvalid],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """One's own; with `admin.read` all, or those of one wallet."""
        page = read_page_request(request, name="tx.list", order=self.ORDER, filters=query)
        wallet_id = query.pop("wallet_id", None)
        owner = transactions_owner(actor=self.actor, wallet_id=wallet_id, filters=query)
        where = HistoryFilter(since=query.pop("from", None), until=query.pop("to", None), **query)
        beyond, is_backward = page.cursor.values or None, page.cursor.is_backward
        wanted: Any = {"limit": page.size + 1, "where": where, "beyond": beyond, "is_backward": is_backward}
        rows = transactions_of_all(**wanted) if owner is None else transactions_for_user(owner, **wanted)
        rendered = partial(tx_json, wallet_id=wallet_id)
        return ok(page_body(request, page, rows, key=lambda row: (row.created_at, row.pk), render=rendered))


class TxView(ApiView):
    """/tx/{id}"""

    @endpoint(
        action="transactions.read",
        summary="A transaction",
        description=f"As /wallet/transactions/{{id}}. {STAFF}",
        tags=TAGS,
        scope=SELF,
        responses={200: TxOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request, transaction_id: str) -> HttpResponse:
        """With entries and chain data."""
        return ok(tx_json(transaction_view(actor=self.actor, transaction_id=transaction_id)))


class RegisterWithdrawalView(TransferView):
    """/tx/register-withdrawal: `TransferView` under another name."""
