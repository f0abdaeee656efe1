"""What staff do about other people's money: find wallets, freeze, adjust, reverse."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc.api.endpoint import REQUIRED, endpoint
from ogc.api.examples import ID
from ogc.api.fields import Amount, Instant, PublicId
from ogc.api.pagination import keyset_page
from ogc.api.responses import accepted, created, ok
from ogc.api.serializers import OutSerializer, PageOut, StrictSerializer
from ogc.api.views import ApiView
from ogc.errors import CannotChangeSelf, CursorInvalid, InvalidAmount, NotFound
from wallets.api.fields import Reason, Receiver
from wallets.api.serializers import BalancesOut, MaybeReasonIn, TransactionOut
from wallets.api.shapes import balances_json, transaction_json
from wallets.constants import ADJUST_ACTION, GRANT_ACTION, REVERSE_ACTION, WalletStatus
from wallets.errors import AlreadyReversed, InsufficientBalance, TransactionNotReversible, WalletClosed
from wallets.models import Wallet
from wallets.selectors import transaction_for_user
from wallets.selectors.staff import wallets_for_staff
from wallets.services.adjustments import adjustment_request
from wallets.services.grants import grant_request
from wallets.services.reversals import reversal_request
from wallets.services.staff_moves import StaffMoveOutcome
from wallets.services.wallets import wallet_freeze, wallet_unfreeze

SCOPE = "wallet.adjust"
TAGS = ["admin"]
TWO_PEOPLE = (
    "201 when it is done: the transaction as the user sees it. 202 when a second person has to agree: from "
    "`ADJUST_APPROVAL_THRESHOLD` on, counting what the caller adjusted, rewarded and reversed in 24 hours. "
    "The reason is shown to the user."
)


class StaffReasonIn(StrictSerializer):
    reason = Reason()


class AdjustIn(StaffReasonIn):
    amount = Amount(signed=True, help_text="With a minus it is taken from the user.")


class GrantIn(StaffReasonIn):
    user_id = PublicId()
    amount = Amount()


class WalletsQuery(StrictSerializer):
    user = Receiver(required=False, help_text="User id or e-mail address.")


class StaffWalletUserOut(OutSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    email = serializers.CharField()


class StaffWalletOut(OutSerializer):
    id = serializers.CharField()
    user = StaffWalletUserOut()
    address = serializers.CharField(allow_null=True, help_text="Linked 0x address.")
    status = serializers.ChoiceField(WalletStatus.choices)
    freeze_cause = serializers.CharField(help_text="Empty, `person` or `suspension`.")
    balances = BalancesOut()
    created_at = Instant()


class StaffWalletPageOut(PageOut):
    results = StaffWalletOut(many=True, help_text="Newest first: -created_at, then id.")


class ApprovalRefOut(OutSerializer):
    id = serializers.CharField()
    status = serializers.CharField()


class StaffMoveWaitsOut(OutSerializer):
    approval = ApprovalRefOut()


def staff_wallet_json(wallet: Wallet) -> dict[str, Any]:
    """The shape `StaffWalletOut`; owner and accounts are prefetched."""
    held = {account.kind: account.held for account in wallet.accounts.all()}  # type: ignore[attr-defined]
    user = wallet.user
    return {
        "id": wallet.public_id,
        "user": {"id": user.public_id, "name": user.name, "email": user.email},
        "address": wallet.address,
        "status": wallet.status,
        "freeze_cause": wallet.freeze_cause,
        "balances": balances_json(held),
        "created_at": wallet.created_at,
    }


def staff_move_answer(outcome: StaffMoveOutcome) -> HttpResponse:
    """201 with the transaction, or 202 with the approval."""
    if outcome.approval is not None:
        return accepted({"approval": {"id": outcome.approval.public_id, "status": outcome.approval.status}})
    return created(transaction_json(transaction_for_user(outcome.user_id, outcome.transaction_id)))


def wallet_answer(wallet_id: str) -> HttpResponse:
    """200 with the wallet."""
    return ok(staff_wallet_json(wallets_for_staff(wallet_id=wallet_id)[0]))


class WalletsView(ApiView):
    """/admin/wallets"""

    @endpoint(
        summary="Wallets of everybody",
        tags=TAGS,
        scope="admin.read",
        query=WalletsQuery,
        responses={200: StaffWalletPageOut},
        errors=[CursorInvalid],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request, query: dict[str, Any]) -> HttpResponse:
        """Newest first."""
        rows = wallets_for_staff(**query)
        return ok(keyset_page(request, rows, name="wallets.staff", filters=query, render=staff_wallet_json))


class FreezeView(ApiView):
    """/admin/wallets/{id}/freeze"""

    @endpoint(
        action="wallet.freeze",
        summary="Freeze a wallet",
        description="Nothing leaves it any more; credits still arrive. Again changes nothing.",
        tags=TAGS,
        scope=SCOPE,
        request=MaybeReasonIn,
        responses={200: StaffWalletOut},
        errors=[NotFound, CannotChangeSelf],
        no_store=True,
        example={"reason": "The owner says that somebody else is in the account."},
    )
    def post(self, request: Request, data: dict[str, Any], wallet_id: str) -> HttpResponse:
        """Never one's own."""
        wallet_freeze(actor=self.actor, wallet_id=wallet_id, reason=data["reason"])
        return wallet_answer(wallet_id)


class UnfreezeView(ApiView):
    """/admin/wallets/{id}/unfreeze"""

    @endpoint(
        action="wallet.unfreeze",
        summary="Unfreeze a wallet",
        description="Its owner may move tokens again. Again changes nothing.",
        tags=TAGS,
        scope=SCOPE,
        request=MaybeReasonIn,
        responses={200: StaffWalletOut},
        errors=[NotFound, CannotChangeSelf],
        no_store=True,
        example={"reason": "The owner has the account back."},
    )
    def post(self, request: Request, data: dict[str, Any], wallet_id: str) -> HttpResponse:
        """Never one's own."""
        wallet_unfreeze(actor=self.actor, wallet_id=wallet_id, reason=data["reason"])
        return wallet_answer(wallet_id)


class AdjustView(ApiView):
    """/admin/wallets/{id}/adjust"""

    @endpoint(
        action=ADJUST_ACTION,
        summary="Give to a wallet, or take from it",
        description=f"From or to the treasury; frozen wallets too. {TWO_PEOPLE}",
        tags=TAGS,
        scope=SCOPE,
        request=AdjustIn,
        responses={201: TransactionOut, 202: StaffMoveWaitsOut},
        errors=[NotFound, InvalidAmount, CannotChangeSelf, WalletClosed, InsufficientBalance],
        idempotency=REQUIRED,
        rate="money",
        no_store=True,
        escalates=True,
        example={"amount": "-12.5", "reason": "The prize was paid twice."},
    )
    def post(self, request: Request, data: dict[str, Any], wallet_id: str) -> HttpResponse:
        """Never one's own."""
        return staff_move_answer(adjustment_request(actor=self.actor, wallet_id=wallet_id, **data))


class RewardsView(ApiView):
    """/admin/rewards"""

    @endpoint(
        action=GRANT_ACTION,
        summary="Reward somebody by hand",
        description=f"From the rewards pool; it is pending first, as every reward. {TWO_PEOPLE}",
        tags=TAGS,
        scope="reward.write",
        request=GrantIn,
        responses={201: TransactionOut, 202: StaffMoveWaitsOut},
        errors=[NotFound, InvalidAmount, CannotChangeSelf, WalletClosed, InsufficientBalance],
        idempotency=REQUIRED,
        rate="money",
        no_store=True,
        escalates=True,
        example={"user_id": ID, "amount": "25", "reason": "Found a bug in the judging."},
    )
    def post(self, request: Request, data: dict[str, Any]) -> HttpResponse:
        """Never oneself."""
        return staff_move_answer(grant_request(actor=self.actor, **data))


class ReverseView(ApiView):
    """/admin/transactions/{id}/reverse"""

    @endpoint(
        action=REVERSE_ACTION,
        summary="Undo a transaction",
        description="Once, as another transaction that mirrors it; never below zero. Transfers, rewards, "
        f"subscriptions, refunds, claims and adjustments can be undone. {TWO_PEOPLE}",
        tags=TAGS,
        scope=SCOPE,
        request=StaffReasonIn,
        responses={201: TransactionOut, 202: StaffMoveWaitsOut},
        errors=[
            NotFound,
            CannotChangeSelf,
            AlreadyReversed,
            TransactionNotReversible,
            WalletClosed,
            InsufficientBalance,
        ],
        idempotency=REQUIRED,
        rate="money",
        no_store=True,
        confirm=True,
        escalates=True,
        example={"confirm": True, "reason": "The account was not in the hands of its owner."},
    )
    def post(self, request: Request, data: dict[str, Any], transaction_id: str) -> HttpResponse:
        """Never where one is a party."""
        return staff_move_answer(
            reversal_request(actor=self.actor, transaction_id=transaction_id, reason=data["reason"])
        )
