"""The wallet of the caller."""

from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from accounts.errors import StepUpRequired
from ogc.api.endpoint import REQUIRED, SELF, endpoint
from ogc.api.pagination import page_body, read_page_request
from ogc.api.responses import accepted, created, ok
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, EmailNotVerified, InvalidAmount, NotFound, TermsAcceptanceRequired
from wallets.api.serializers import (
    HistoryQuery,
    PreviewOut,
    TransactionOut,
    TransactionPageOut,
    TransferIn,
    WalletOut,
)
from wallets.api.shapes import preview_json, transaction_json, wallet_json
from wallets.constants import TransactionStatus
from wallets.errors import (
    AddressNotAllowed,
    InsufficientBalance,
    LimitExceeded,
    RecipientNotFound,
    RecipientSelf,
    WalletFrozen,
)
from wallets.selectors import (
    HistoryFilter,
    transaction_for_user,
    transactions_for_user,
    wallet_for_user,
)
from wallets.services.transfers import transfer_preview, transfer_request


class WalletView(ApiView):
    """The one wallet of the caller."""

    @endpoint(
        summary="My wallet",
        tags=["wallet"],
        scope=SELF,
        responses={200: WalletOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Balances, linked address, deposits on their way."""
        return ok(wallet_json(wallet_for_user(self.actor.key)))


class TransferView(ApiView):
    """Tokens on their way to somebody."""

    @endpoint(
        action="wallet.transfer",
        summary="Transfer tokens",
        description="To a user of the platform: 201, completed. To a 0x address: 202, pending. With "
        '`"dry_run": true`: 200, what would happen, and nothing is written.',
        tags=["wallet"],
        scope=SELF,
        request=TransferIn,
        responses={200: PreviewOut, 201: TransactionOut, 202: TransactionOut},
        errors=[
            NotFound,
            StepUpRequired,
            InvalidAmount,
            AddressNotAllowed,
            RecipientSelf,
            RecipientNotFound,
            InsufficientBalance,
            WalletFrozen,
            LimitExceeded,
            EmailNotVerified,
            TermsAcceptanceRequired,
        ],
        idempotency=REQUIRED,
        dry_run=True,
        rate="money",
        no_store=True,
        example={"to": "bob@ogc.local", "amount": "12.5", "memo": "Lunch"},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Pay a user, or withdraw; or tell what that would come to."""
        if data.pop("dry_run"):
            return ok(preview_json(transfer_preview(actor=self.actor, **data)))
        transaction = transfer_request(actor=self.actor, **data)
        answer = accepted if transaction.status == TransactionStatus.PENDING else created
        return answer(transaction_json(transaction))


class TransactionsView(ApiView):
    """The history of the caller's wallet."""

    ORDER = ("-created_at", "-id")

    @endpoint(
        summary="My transactions",
        tags=["wallet"],
        scope=SELF,
        query=HistoryQuery,
        responses={200: TransactionPageOut},
        errors=[CursorInvalid, NotFound],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        page = read_page_request(request, name="wallet.transactions", order=self.ORDER, filters=query)
        rows = transactions_for_user(
            self.actor.key,
            limit=page.size + 1,
            where=HistoryFilter(since=query.pop("from", None), until=query.pop("to", None), **query),
            beyond=page.cursor.values or None,
            is_backward=page.cursor.is_backward,
        )
        return ok(
            page_body(request, page, rows, key=lambda row: (row.created_at, row.pk), render=transaction_json)
        )


class TransactionView(ApiView):
    """One transaction of the caller's wallet."""

    @endpoint(
        summary="One of my transactions",
        tags=["wallet"],
        scope=SELF,
        responses={200: TransactionOut},
        errors=[NotFound],
        no_store=True,
    )
    def get(self, request: Request, transaction_id: str) -> HttpResponse:
        """With the entries that touch the caller, and chain data."""
        return ok(transaction_json(transaction_for_user(self.actor.key, transaction_id)))
