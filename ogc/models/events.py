"""Domain events and what became of them."""

from django.db import models

from ogc import clock
from ogc.db.fields import ExactCharField, PublicIdField


class DomainEvent(models.Model):
    """A fact, written in the transaction that made it true; sent to its consumers by the dispatcher.

    `dispatched_at` is set when each consumer has it or has a consumption row that waits to be tried again.
    """

    id = models.BigAutoField(primary_key=True)
    public_id = PublicIdField()
    name = ExactCharField(max_length=80)
    payload = models.JSONField(default=dict)
    correlation_id = ExactCharField(max_length=64, blank=True, default="")
    occurred_at = models.DateTimeField(default=clock.now)
    dispatched_at = models.DateTimeField(null=True, default=None)

    class Meta:
        indexes = [
            models.Index(fields=["dispatched_at", "id"], name="ogc_domainevent_due"),
            models.Index(fields=["name", "id"], name="ogc_domainevent_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.public_id}"


class EventConsumption(models.Model):
    """That a consumer took an event (once, in its own transaction), or failed and is tried again alone."""

    class Status(models.TextChoices):
        """`dead` waits for a person."""

        DONE = "done"
        RETRY = "retry"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(DomainEvent, on_delete=models.PROTECT, related_name="consumptions")
    consumer = ExactCharField(max_length=80)
    status = ExactCharField(max_length=8, choices=Status.choices)
    attempts = models.PositiveSmallIntegerField(default=1)
    next_attempt_at = models.DateTimeField(null=True, default=None)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "consumer"], name="ogc_eventconsumption_once"),
        ]
        indexes = [
            models.Index(fields=["status", "next_attempt_at"], name="ogc_eventconsumption_due"),
        ]

    def __str__(self) -> str:
        return f"{self.consumer} of event {self.event_id}: {self.status}"
