"""Withdrawals: taking one's own back, and what finance does about those of others."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from accounts.errors import StepUpRequired
from ogc.amounts import format_amount
from ogc.api.endpoint import SELF, endpoint
from ogc.api.fields import Amount, Choice, Instant
from ogc.api.pagination import keyset_page
from ogc.api.responses import ok
from ogc.api.serializers import OutSerializer, PageOut, StrictSerializer
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, NotFound, SecondPersonRequired
from wallets.api.serializers import ChainOut, MaybeReasonIn, TransactionOut
from wallets.api.shapes import transaction_json
from wallets.chain.constants import ChainStatus
from wallets.errors import AddressNotAllowed, TransactionMoveInvalid, WithdrawalNotCancellable
from wallets.selectors import transaction_for_user
from wallets.selectors.withdrawals import withdrawal_view, withdrawals
from wallets.services.withdrawal_switch import withdrawals_resume, withdrawals_stop
from wallets.services.withdrawals import withdrawal_approve, withdrawal_cancel, withdrawal_reject

SCOPE = "wallet.approve"
TAGS = ["admin"]


class WithdrawalQuery(StrictSerializer):
    status = Choice(ChainStatus.values, required=False)


class WithdrawalOut(OutSerializer):
    id = serializers.CharField()
    user_id = serializers.CharField()
    address = serializers.CharField()
    amount = Amount()
    fee = Amount()
    created_at = Instant()
    chain = ChainOut()


class WithdrawalPageOut(PageOut):
    results = WithdrawalOut(many=True, help_text="Newest first: -created_at, then id.")


class SwitchOut(OutSerializer):
    stopped = serializers.BooleanField()
    reason = serializers.CharField()


def withdrawal_json(row: dict[str, Any]) -> dict[str, Any]:
    """The shape `WithdrawalOut`, from a row of `selectors.withdrawals`."""
    view = withdrawal_view(row)
    return {
        "id": row["public_id"],
        "user_id": row["user_id"],
        "address": row["receiver"],
        "amount": format_amount(row["amount"]),
        "fee": format_amount(row["fee"]),
        "created_at": row["created_at"],
        "chain": view,
    }


class CancelView(ApiView):
    """/wallet/withdrawals/{id}/cancel"""

    @endpoint(
        action="wallet.withdraw",
        summary="Take my withdrawal back",
        description="Before it got its nonce; the tokens are available again.",
        tags=["wallet"],
        scope=SELF,
        responses={200: TransactionOut},
        errors=[NotFound, WithdrawalNotCancellable],
        rate="money",
        no_store=True,
    )
    def post(self, request: Request, withdrawal_id: str) -> HttpResponse:
        """The transaction is cancelled."""
        withdrawal_cancel(actor=self.actor, withdrawal_id=withdrawal_id)
        return ok(transaction_json(transaction_for_user(self.actor.user_id or "", withdrawal_id)))


class WithdrawalsView(ApiView):
    """/admin/withdrawals"""

    @endpoint(
        summary="Withdrawals of everybody",
        tags=TAGS,
        scope=SCOPE,
        query=WithdrawalQuery,
        responses={200: WithdrawalPageOut},
        errors=[CursorInvalid],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        rows = withdrawals(status=query.get("status"))
        name = "admin.withdrawals"
        return ok(keyset_page(request, rows, name=name, filters=query, render=withdrawal_json))


class ApproveView(ApiView):
    """/admin/withdrawals/{id}/approve"""

    @endpoint(
        action="wallet.approve_withdrawal",
        summary="Let a withdrawal go",
        tags=TAGS,
        scope=SCOPE,
        responses={200: WithdrawalOut},
        errors=[NotFound, SecondPersonRequired, StepUpRequired, AddressNotAllowed, TransactionMoveInvalid],
        no_store=True,
    )
    def post(self, request: Request, withdrawal_id: str) -> HttpResponse:
        """It is queued; never one's own."""
        withdrawal_approve(actor=self.actor, withdrawal_id=withdrawal_id)
        return ok(withdrawal_json(withdrawals(public_id=withdrawal_id)[0]))


class RejectView(ApiView):
    """/admin/withdrawals/{id}/reject"""

    @endpoint(
        action="wallet.approve_withdrawal",
        summary="Refuse a withdrawal",
        tags=TAGS,
        scope=SCOPE,
        request=MaybeReasonIn,
        responses={200: WithdrawalOut},
        errors=[NotFound, SecondPersonRequired, TransactionMoveInvalid],
        no_store=True,
        example={"reason": "The address belongs to a sanctioned service."},
    )
    def post(self, request: Request, data: dict[str, Any], withdrawal_id: str) -> HttpResponse:
        """The tokens are available again; never one's own."""
        withdrawal_reject(actor=self.actor, withdrawal_id=withdrawal_id, reason=data["reason"])
        return ok(withdrawal_json(withdrawals(public_id=withdrawal_id)[0]))


class StopView(ApiView):
    """/admin/withdrawals/stop"""

    @endpoint(
        action="wallet.stop_withdrawals",
        summary="Stop all withdrawals",
        description="Requests are taken and wait; what is signed goes on.",
        tags=TAGS,
        scope=SCOPE,
        request=MaybeReasonIn,
        responses={200: SwitchOut},
        errors=[NotFound],
        confirm=True,
        example={"confirm": True, "reason": "The hot wallet's key may be known to others."},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """No nonce is given from now on."""
        withdrawals_stop(actor=self.actor, reason=data["reason"])
        return ok({"stopped": True, "reason": data["reason"]})


class ResumeView(ApiView):
    """/admin/withdrawals/resume"""

    @endpoint(
        action="wallet.resume_withdrawals",
        summary="Let withdrawals go on",
        tags=TAGS,
        scope=SCOPE,
        request=MaybeReasonIn,
        responses={200: SwitchOut},
        errors=[NotFound],
        example={"reason": "The transfer was a refill by hand."},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """What waits is sent."""
        withdrawals_resume(actor=self.actor, reason=data["reason"])
        return ok({"stopped": False, "reason": data["reason"]})
