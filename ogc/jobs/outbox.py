"""Rows that stand for work: a lease taken by compare-and-set, so that one worker acts at a time.

Leases run on real time: a worker that is killed holds its row for LEASE_SECONDS at most.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import F, Q

from ogc import clock
from ogc.db.transactions import transactional

LEASE_SECONDS = 30


class OutboxRow(models.Model):
    """Lease and retry columns; the status column and its values are the subclass's own."""

    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, default=None)
    next_attempt_at = models.DateTimeField(null=True, default=None)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        abstract = True


def is_free() -> Q:
    """Rows whose lease is over and whose wait, if any, has passed."""
    now = clock.real_now()
    return (Q(lease_until=None) | Q(lease_until__lt=now)) & (
        Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    )


@transactional
def claim(
    model: type[models.Model], pk: int, *, statuses: Collection[str], lease_seconds: int = LEASE_SECONDS
) -> bool:
    """Take the lease of a row that waits in one of these statuses; False when somebody else has it.

    In a transaction of its own (or the caller's), so that a deadlock with whoever saves the row is retried.
    """
    until = clock.real_now() + timedelta(seconds=lease_seconds)
    taken = (
        model._default_manager.filter(is_free(), pk=pk, status__in=statuses)
        .update(lease_until=until, attempts=F("attempts") + 1)
    )  # fmt: skip
    return taken == 1


def extend(model: type[models.Model], pk: int, lease_seconds: int = LEASE_SECONDS) -> None:
    """Keep the lease while long work goes on."""
    model._default_manager.filter(pk=pk).update(
        lease_until=clock.real_now() + timedelta(seconds=lease_seconds)
    )


def release(model: type[models.Model], pk: int, **changes: Any) -> None:
    """Give the lease back, with whatever became of the row."""
    model._default_manager.filter(pk=pk).update(lease_until=None, **changes)
