"""The dispatcher: sends each fact to each of its consumers, once, in a transaction of the consumer's own.

Rows are the outbox. Ids commit out of order, so no cursor: what has no `dispatched_at` is due. For each
consumer the unique (event, consumer) row and the consumer's own writes commit together; a crash in between
leaves neither, a second dispatcher meets the unique row and does nothing. A consumer that fails is recorded
and tried again alone, with growing waits; money that was moved before is never rolled back by it.
"""

import logging
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from ogc import clock, context
from ogc.db.transactions import on_commit, run_in_transaction
from ogc.events.signals import Event, Handler, consumers_of
from ogc.jobs.queues import poke
from ogc.models import DomainEvent, EventConsumption

log = logging.getLogger(__name__)

BATCH = 200
RETRY_SECONDS = (1, 5, 30, 120, 600, 3600)
JOB = "ogc.jobs.entry.dispatch_events"


def announce() -> None:
    """Ask for a dispatcher after the commit of the current transaction."""
    on_commit(lambda: poke("dispatch", JOB, queue="default"))


def dispatch_due(limit: int = BATCH) -> int:
    """Send facts that nobody has sent yet, oldest first; returns how many."""
    rows = list(DomainEvent.objects.filter(dispatched_at=None).order_by("id")[:limit])
    for row in rows:
        _dispatch(row)
    return len(rows)


def retry_due(limit: int = BATCH) -> int:
    """Try consumers again whose wait is over; returns how many were tried."""
    due = EventConsumption.objects.filter(
        status=EventConsumption.Status.RETRY, next_attempt_at__lte=clock.real_now()
    ).select_related("event")
    rows = list(due.order_by("next_attempt_at", "id")[:limit])
    for row in rows:
        _retry(row)
    return len(rows)


def drain() -> int:
    """Send everything that is due until nothing is, in this process; returns how many facts were sent."""
    total = 0
    while sent := dispatch_due() + retry_due():
        total += sent
    return total


def retry_now(rows: QuerySet[EventConsumption]) -> int:
    """Give consumptions that failed (or died) another try at once; returns how many."""
    return rows.exclude(status=EventConsumption.Status.DONE).update(
        status=EventConsumption.Status.RETRY, next_attempt_at=clock.real_now()
    )


def _dispatch(row: DomainEvent) -> None:
    event = _as_event(row)
    with context.bind(correlation_id=row.correlation_id):
        for name, handler in consumers_of(row.name).items():
            try:
                _consume(row.pk, event, name, handler)
            except Exception as error:
                # The one place that must survive any consumer: the failure becomes a row.
                log.exception("consumer failed", extra={"consumer": name, "event": row.name})
                _record_failure(row.pk, name, error)
    DomainEvent.objects.filter(pk=row.pk).update(dispatched_at=clock.real_now())


def _consume(event_pk: int, event: Event, name: str, handler: Handler) -> None:
    def once() -> None:
        try:
            with transaction.atomic():
                EventConsumption.objects.create(
                    event_id=event_pk, consumer=name, status=EventConsumption.Status.DONE
                )
        except IntegrityError:
            return
        handler(event)

    run_in_transaction(once)


def _record_failure(event_pk: int, name: str, error: Exception) -> None:
    EventConsumption.objects.get_or_create(
        event_id=event_pk,
        consumer=name,
        defaults={
            "status": EventConsumption.Status.RETRY,
            "next_attempt_at": clock.real_now() + timedelta(seconds=RETRY_SECONDS[0]),
            "last_error": repr(error)[:2000],
        },
    )


def _retry(row: EventConsumption) -> None:
    handler = consumers_of(row.event.name).get(row.consumer)
    event = _as_event(row.event)

    def once() -> None:
        taken = EventConsumption.objects.filter(
            pk=row.pk, status=EventConsumption.Status.RETRY, attempts=row.attempts
        ).update(status=EventConsumption.Status.DONE, attempts=F("attempts") + 1, next_attempt_at=None)
        if taken and handler is not None:
            handler(event)

    try:
        with context.bind(correlation_id=row.event.correlation_id):
            run_in_transaction(once)
    except Exception as error:
        log.exception("consumer failed again", extra={"consumer": row.consumer, "event": row.event.name})
        _record_retry_failure(row, error)


def _record_retry_failure(row: EventConsumption, error: Exception) -> None:
    dead = row.attempts >= len(RETRY_SECONDS)
    wait = RETRY_SECONDS[min(row.attempts, len(RETRY_SECONDS) - 1)]
    EventConsumption.objects.filter(pk=row.pk, attempts=row.attempts).update(
        status=EventConsumption.Status.DEAD if dead else EventConsumption.Status.RETRY,
        attempts=F("attempts") + 1,
        next_attempt_at=None if dead else clock.real_now() + timedelta(seconds=wait),
        last_error=repr(error)[:2000],
    )


def _as_event(row: DomainEvent) -> Event:
    return Event(
        id=row.public_id,
        name=row.name,
        occurred_at=row.occurred_at,
        correlation_id=row.correlation_id,
        payload=row.payload,
    )
