"""Rewards that wait for their release."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Min, QuerySet

from ogc import clock
from wallets.constants import TransactionStatus, TransactionType
from wallets.models import Transaction


def rewards_due(limit: int) -> list[int]:
    """Row numbers of transactions whose hold is over, oldest first."""
    held_since = clock.now() - _hold()
    due = _waiting().filter(created_at__lte=held_since).order_by("created_at", "pk")
    return list(due.values_list("pk", flat=True)[:limit])


def next_release_at() -> datetime | None:
    """When the oldest of them is released; None when none waits."""
    oldest: datetime | None = _waiting().aggregate(at=Min("created_at"))["at"]
    return None if oldest is None else oldest + _hold()


def _waiting() -> QuerySet[Transaction]:
    return Transaction.objects.filter(type=TransactionType.REWARD, status=TransactionStatus.PENDING)


def _hold() -> timedelta:
    return timedelta(seconds=settings.REWARD_HOLD_SECONDS)
