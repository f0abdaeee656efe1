"""Rows that stand for work: a lease taken by compare-and-set, so that one worker acts at a time.

Leases run on real time: a worker that is killed holds its row for LEASE_SECONDS at most.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
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


class LeaseLost(Exception):
    """Somebody else has the row by now, or it is gone: stop, and keep nothing."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a row until `until`; whoever comes late finds it gone and changes nothing."""

    model: type[models.Model]
    pk: int
    until: datetime

    def extend(self, seconds: int = LEASE_SECONDS) -> "Lease | None":
        """The lease for longer, while long work goes on; None when somebody else has the row by now."""
        until = clock.real_now() + timedelta(seconds=seconds)
        return Lease(self.model, self.pk, until) if self._held().update(lease_until=until) else None

    def kept(self) -> "Lease":
        """This lease, extended once half of it is over; call it again and again during long work.

        Raises:
            LeaseLost: somebody else has the row by now.
        """
        if self.until - clock.real_now() > timedelta(seconds=LEASE_SECONDS / 2):
            return self
        longer = self.extend()
        if longer is None:
            raise LeaseLost
        return longer

    def release(self, **changes: Any) -> bool:
        """Give the row back with whatever became of it; False when somebody else has it by now."""
        return self._held().update(lease_until=None, **changes) == 1

    def _held(self) -> "models.QuerySet[Any, Any]":
        return self.model._default_manager.filter(pk=self.pk, lease_until=self.until)


@transactional
def claim(
    model: type[models.Model], pk: int, *, statuses: Collection[str], lease_seconds: int = LEASE_SECONDS
) -> Lease | None:
    """Take the lease of a row that waits in one of these statuses; None when somebody else has it.

    In a transaction of its own (or the caller's), so that a deadlock with whoever saves the row is retried.
    """
    until = clock.real_now() + timedelta(seconds=lease_seconds)
    waiting = model._default_manager.filter(is_free(), pk=pk, status__in=statuses)
    taken = waiting.update(lease_until=until, attempts=F("attempts") + 1)
    return Lease(model, pk, until) if taken else None
