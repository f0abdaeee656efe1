"""Rewards: those that wait for their release, and what somebody earned."""

from datetime import datetime

from django.db.models import Min, QuerySet

from ogc import clock
from wallets.constants import RewardStatus
from wallets.models import Reward


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
