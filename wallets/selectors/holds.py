"""Holds whose time is over."""

from datetime import datetime

from django.db.models import Min

from ogc import clock
from wallets.constants import HoldStatus
from wallets.models import Hold


def holds_due(limit: int) -> list[int]:
    """Row numbers of open holds whose time is over, oldest first."""
    due = Hold.objects.filter(status=HoldStatus.OPEN, expires_at__lte=clock.now())
    return list(due.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit])


def next_expiry_at() -> datetime | None:
    """When the next open hold expires; None when none does."""
    at: datetime | None = Hold.objects.filter(status=HoldStatus.OPEN).aggregate(at=Min("expires_at"))["at"]
    return at
