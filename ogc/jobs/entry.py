"""Jobs of the plumbing: dispatcher, sweepers, expiry of idempotency records."""

import time

from ogc import clock
from ogc.events.dispatch import BATCH, dispatch_due, retry_due
from ogc.jobs.entry_point import job
from ogc.jobs.queues import poke_answered
from ogc.jobs.sweeps import sweep_all
from ogc.models import IdempotencyRecord

DISPATCH_SECONDS = 20
EXPIRY_CHUNK = 500


@job
def dispatch_events() -> int:
    """Send domain events until none is due, for a while at most; the next poke or sweep goes on."""
    poke_answered("dispatch")
    total, until = 0, time.monotonic() + DISPATCH_SECONDS
    while time.monotonic() < until:
        sent = dispatch_due(BATCH) + retry_due(BATCH)
        if not sent:
            break
        total += sent
    return total


@job
def sweep() -> int:
    """Find lost work of every kind but the chain lane's, and events that nobody sent."""
    return dispatch_events() + sweep_all(lane=False)


@job
def sweep_lane() -> int:
    """Find lost work of the chain lane."""
    return sweep_all(lane=True)


@job
def expire_idempotency_records() -> int:
    """Forget answers older than a day, in chunks; returns how many."""
    before, total = clock.now() - IdempotencyRecord.KEEP, 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=before).order_by("created_at")
        pks = list(old.values_list("pk", flat=True)[:EXPIRY_CHUNK])
        if not pks:
            return total
        total += IdempotencyRecord.objects.filter(pk__in=pks).delete()[0]
