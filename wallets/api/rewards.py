"""What the caller earned, and when it is released."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ogc.amounts import format_amount
from ogc.api.endpoint import SELF, endpoint
from ogc.api.fields import Amount, Instant
from ogc.api.pagination import keyset_page
from ogc.api.responses import ok
from ogc.api.serializers import OutSerializer, PageOut
from ogc.api.views import ApiView
from ogc.errors import CursorInvalid, NotFound
from wallets.constants import RewardSource, RewardStatus, ShownRewardStatus
from wallets.selectors.rewards import rewards_for_user


class RewardOut(OutSerializer):
    id = serializers.CharField(help_text="Of the transaction, too.")
    amount = Amount()
    source = serializers.ChoiceField(RewardSource.choices)  # type: ignore[assignment]
    status = serializers.ChoiceField(
        ShownRewardStatus.choices, help_text="held: pending, and kept while somebody looks at the wallet."
    )
    releases_at = Instant(help_text="Not before.")


class RewardPageOut(PageOut):
    results = RewardOut(many=True, help_text="Newest first: -created_at, then id.")


def reward_json(row: dict[str, Any]) -> dict[str, Any]:
    """The shape `RewardOut`, from a row of `rewards_for_user`."""
    is_held = row["status"] == RewardStatus.PENDING and row["risk_held_at"] is not None
    return {
        "id": row["public_id"],
        "amount": format_amount(row["amount"]),
        "source": row["source"],
        "status": ShownRewardStatus.HELD.value if is_held else row["status"],
        "releases_at": row["releases_at"],
    }


class RewardsView(ApiView):
    """Everything that the caller earned."""

    @endpoint(
        summary="My rewards",
        tags=["wallet"],
        scope=SELF,
        responses={200: RewardPageOut},
        errors=[CursorInvalid, NotFound],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Prizes, grants and what was mined, newest first."""
        rewards = rewards_for_user(self.actor.key)
        return ok(keyset_page(request, rewards, name="wallet.rewards", render=reward_json))


class MiningHistoryView(ApiView):
    """What the caller mined."""

    @endpoint(
        summary="My mining history",
        tags=["wallet"],
        scope=SELF,
        responses={200: RewardPageOut},
        errors=[CursorInvalid, NotFound],
        paged=True,
        no_store=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Payouts of the daily mining, newest first."""
        mined = rewards_for_user(self.actor.key, RewardSource.MINING)
        return ok(keyset_page(request, mined, name="wallet.mining", render=reward_json))
