"""Rewards: those that wait for their release, and what somebody earned."""

from datetime import datetime
from typing import Any

from django.db.models import F, Min, QuerySet

from ogc import clock
from wallets.constants import RewardSource, RewardStatus
from wallets.models import Reward
from wallets.selectors.wallets import wallet_rows


def rewards_for_user(user_id: str, source: RewardSource | None = None) -> "QuerySet[Reward, Any]":
    """What a user earned, in one query; what is pending under a risk hold has `risk_held_at`.

    Raises:
        NotFound: the user has no wallet.
    """
    wallet_pk, _ = wallet_rows(user_id)
    rewards = Reward.objects.filter(wallet_id=wallet_pk, **({"source": source} if source else {}))
    return rewards.annotate(risk_held_at=F("wallet__risk_held_at")).values(
        "id", "public_id", "created_at", "amount", "source", "status", "releases_at", "risk_held_at"
    )


def rewards_due(limit: int) -> list[int]:
    """Row numbers of the transactions whose rewards may be released now, oldest first."""
    due = _waiting().filter(releases_at__lte=clock.now()).order_by("releases_at", "pk")
    return list(due.values_list("transaction_id", flat=True)[:limit])


def next_release_at() -> datetime | None:
    """When the next of them is released; None when none waits."""
    at: datetime | None = _waiting().aggregate(at=Min("releases_at"))["at"]
    return at


def _waiting() -> QuerySet[Reward]:
    return Reward.objects.filter(status=RewardStatus.PENDING, wallet__risk_held_at=None)
